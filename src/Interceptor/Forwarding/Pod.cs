using System.Diagnostics.CodeAnalysis;
using System.Security.Authentication;

namespace Wakegate.Interceptor.Forwarding;

/// <summary>
/// One pod as a route sees it: its connections, how many requests it has and may have, and whether it is being left alone for a moment.
/// </summary>
internal sealed class Pod
{
    private const int NoLimit = int.MaxValue;
    private const int Gone = int.MinValue;
    private const int Closed = int.MinValue / 2;
    private const int Count = ~Closed;
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(2);

    /// <summary>Bounds what a pod costs that breaks connections all the time.</summary>
    private static readonly TimeSpan RenewEvery = TimeSpan.FromSeconds(1);

    /// <summary>After so long without a response a connection that requests share may be dead.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(5);

    private readonly TimeProvider clock;
    private readonly Action<Pod> changed;
    private readonly Action? reached;
    private readonly string http;
    private readonly string https;

    // Guards pause, refusals, share, ramp and the limit that follows from the last two.
    private readonly Lock gate = new();
    private PodClient? client;
    private long renewed;

    // When the first was sent over HTTP/2 of those after the last response; 0 where none was.
    private long unanswered;
    private ITimer? pause;
    private int refusals;
    private volatile bool paused;
    private int share = NoLimit;
    private volatile Ramp? ramp;

    // In which protocols it has answered.
    private volatile int spoken;
    private int limit;

    // Requests in flight; negative, counted from Gone, once the pod is gone, and from Closed once its connections are closed too. One word, so
    // that no request can begin on a pod whose connections are being closed, and no pod comes back then.
    private int inFlight;

    /// <param name="address">Where it is.</param>
    /// <param name="woke">Whether it has just become ready: it is then loaded step by step.</param>
    /// <param name="clock">Times its pauses and its ramp.</param>
    /// <param name="changed">Called when it may have places again.</param>
    /// <param name="reached">Called when a first byte has been sent to it.</param>
    [SuppressMessage("Reliability", "CA2000", Justification = "The ramp ends with the pod, or when it is proven.")]
    public Pod(PodAddress address, bool woke, TimeProvider clock, Action<Pod> changed, Action? reached = null)
    {
        Address = address;
        this.clock = clock;
        this.changed = changed;
        this.reached = reached;
        http = $"http://{address.EndPoint}";
        https = $"https://{address.EndPoint}";
        ramp = woke ? new Ramp(clock, ReadRamp) : null;
        limit = woke ? Ramp.First : NoLimit;
    }

    public PodAddress Address { get; }

    /// <summary>Requests sent to it by this interceptor that have not ended.</summary>
    public int InFlight => Volatile.Read(ref inFlight) & Count;

    /// <summary>False for a moment after it refused a connection.</summary>
    public bool Usable => !paused;

    [SuppressMessage("Reliability", "CA2000", Justification = "The loser of the race is disposed here, the winner when the pod goes.")]
    public PodClient Client
    {
        get
        {
            if (Volatile.Read(ref client) is { } existing)
            {
                return existing;
            }

            var created = new PodClient(new PodConnector(Address, clock, Reach));
            if (Interlocked.CompareExchange(ref client, created, null) is not { } first)
            {
                return created;
            }

            created.Dispose();
            return first;
        }
    }

    /// <summary>What a request's target is appended to.</summary>
    public string Prefix(PodProtocol protocol) => protocol.Tls ? https : http;

    /// <summary>Takes a place, which <see cref="End"/> gives back; false where there is none, now or ever.</summary>
    public bool TryTake()
    {
        if (paused)
        {
            return false;
        }

        if (Volatile.Read(ref limit) != NoLimit)
        {
            return TryTakeWithinLimit();
        }

        if (Interlocked.Increment(ref inFlight) > 0)
        {
            return true;
        }

        Return();
        return false;
    }

    /// <summary>Sets how many requests this interceptor may have in flight to it at once.</summary>
    public void Limit(int requests)
    {
        lock (gate)
        {
            share = requests;
            ApplyLimit();
        }
    }

    /// <summary>
    /// A request is about to be sent. Over HTTP/2 it would join those that are in flight, also on a connection to a node that is gone, which nobody notices before the system gives up what was
    /// sent there: after a silence it dials, and learns whether the pod is there.
    /// </summary>
    /// <param name="protocol">How it is spoken to.</param>
    /// <param name="now">A timestamp of the clock.</param>
    public void Sending(PodProtocol protocol, long now)
    {
        if (!protocol.Shares)
        {
            return;
        }

        var since = Volatile.Read(ref unanswered);
        if (since == 0)
        {
            Volatile.Write(ref unanswered, now);
        }
        else if (clock.GetElapsedTime(since, now) > Silence)
        {
            Renew(now);
            Volatile.Write(ref unanswered, now);
        }
    }

    /// <summary>Its response's headers have come.</summary>
    public void Responded(int status, PodProtocol protocol)
    {
        if (protocol.Shares)
        {
            Volatile.Write(ref unanswered, 0);
        }

        if ((spoken & protocol.Bit) == 0)
        {
            Interlocked.Or(ref spoken, protocol.Bit);
        }

        if (ramp is { } growing)
        {
            if (status is StatusCodes.Status429TooManyRequests or StatusCodes.Status502BadGateway
                or StatusCodes.Status503ServiceUnavailable or StatusCodes.Status504GatewayTimeout)
            {
                growing.Strained();
            }
            else
            {
                growing.Succeeded();
                ReadRamp();
            }
        }
    }

    /// <summary>
    /// Whether a connection that it ended before a request could be sent says nothing of the pod, but of that request: it has answered in another protocol, or over TLS under
    /// another name. Any client can send one such, and must not have the pod left alone by that.
    /// </summary>
    public bool Declines(PodProtocol protocol, Exception? failure)
    {
        var unreachable = PodUnreachableException.In(failure);
        return unreachable is { Accepted: true } && spoken != 0 && ((spoken & protocol.Bit) == 0 || unreachable.InnerException is AuthenticationException);
    }

    /// <summary>A request to it has ended: gives its place back. The last to leave a pod that is gone closes its connections.</summary>
    public void End(ForwardOutcome outcome)
    {
        switch (outcome)
        {
            case ForwardOutcome.Unsent:
                Pause();
                break;
            case ForwardOutcome.Reset or ForwardOutcome.Failed:
                ramp?.Strained();
                Renew(clock.GetTimestamp());
                break;
            case ForwardOutcome.TimedOut:
                ramp?.Strained();
                break;
            case ForwardOutcome.Answered when Volatile.Read(ref refusals) != 0:
                Volatile.Write(ref refusals, 0);
                break;
        }

        Return();
    }

    /// <summary>Its endpoint is gone: no new requests; those in flight finish.</summary>
    public void Retire()
    {
        if (Interlocked.Add(ref inFlight, Gone) == Gone)
        {
            Close();
        }
    }

    /// <summary>Its endpoint is back, while requests are still in flight to it: they count. False where its connections are closed.</summary>
    public bool TryRevive()
    {
        // One that begins just now on a pod that is closed looks like one in flight, but is counted from Closed.
        var now = Volatile.Read(ref inFlight);
        while (now is > Gone and < Closed - Count / 2)
        {
            var seen = Interlocked.CompareExchange(ref inFlight, now & Count, now);
            if (seen == now)
            {
                return true;
            }

            now = seen;
        }

        return false;
    }

    // Compares before it adds: a place that is taken and given back could be missed by one who looks meanwhile and then waits.
    private bool TryTakeWithinLimit()
    {
        var now = Volatile.Read(ref inFlight);
        while (now >= 0 && now < Volatile.Read(ref limit))
        {
            var seen = Interlocked.CompareExchange(ref inFlight, now + 1, now);
            if (seen == now)
            {
                return true;
            }

            now = seen;
        }

        return false;
    }

    private void Return()
    {
        if (Interlocked.Decrement(ref inFlight) == Gone)
        {
            Close();
        }
    }

    /// <summary>The first byte of a request has gone out on a new connection.</summary>
    private void Reach()
    {
        Volatile.Write(ref refusals, 0);
        ramp?.Reached();
        reached?.Invoke();
    }

    private void ReadRamp()
    {
        lock (gate)
        {
            ApplyLimit();
        }

        changed(this);
    }

    /// <summary>Under the lock.</summary>
    private void ApplyLimit()
    {
        var window = ramp?.Window ?? NoLimit;
        if (window == NoLimit)
        {
            ramp?.Dispose();
            ramp = null;
        }

        Interlocked.Exchange(ref limit, Math.Min(share, window));
    }

    /// <summary>
    /// It refused a connection, or could not be reached: it is left alone for a while, longer each time. What waits meanwhile must not come over it all at once when it is back, so one
    /// that had no limit has a ramp again, if that happens twice and it has taken no connection in between: once may be chance.
    /// </summary>
    [SuppressMessage("Reliability", "CA2000", Justification = "The ramp ends with the pod, or when it is proven.")]
    private void Pause()
    {
        lock (gate)
        {
            if (paused)
            {
                return;
            }

            if (refusals > 0)
            {
                ramp ??= new Ramp(clock, ReadRamp);
            }

            ramp?.Refused();
            ApplyLimit();
            paused = true;
            var length = FirstPause * Math.Pow(2, Math.Min(refusals++, 10));
            pause?.Dispose();
            pause = clock.CreateTimer(_ => Resume(), null, length < LongestPause ? length : LongestPause, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>
    /// Where one connection broke the others may be dead too, as when the pod ends: the next requests dial anew, and learn whether it is there.
    /// What is in flight goes on; idle connections close by themselves.
    /// </summary>
    private void Renew(long now)
    {
        var before = Interlocked.Read(ref renewed);
        if ((before == 0 || clock.GetElapsedTime(before, now) >= RenewEvery) && Interlocked.CompareExchange(ref renewed, now, before) == before)
        {
            Volatile.Write(ref client, null);
        }
    }

    private void Close()
    {
        // One that has come back, or has a request that begins just now, is closed by whoever leaves it last.
        if (Interlocked.CompareExchange(ref inFlight, Closed, Gone) == Gone)
        {
            ramp?.Dispose();
            pause?.Dispose();
            client?.Dispose();
        }
    }

    private void Resume()
    {
        lock (gate)
        {
            ramp?.Retried(InFlight);
            ApplyLimit();
            paused = false;
        }

        // Before whoever is called looks whether requests wait: a request that joins them now must see that this pod may be had.
        Interlocked.MemoryBarrier();
        changed(this);
    }
}
