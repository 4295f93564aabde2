using System.Diagnostics.CodeAnalysis;

namespace Wakegate.Interceptor.Forwarding;

/// <summary>One pod as a route sees it: its connections, how many requests it has, and whether it is being left alone for a moment.</summary>
internal sealed class Pod(PodAddress address, TimeProvider clock, Action usableAgain)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(2);

    private readonly string http = $"http://{address.EndPoint}";
    private readonly string https = $"https://{address.EndPoint}";

    // Guards pause and refusals.
    private readonly Lock gate = new();
    private PodClient? client;
    private ITimer? pause;
    private int refusals;
    private volatile bool paused;

    // Requests in flight; negative, counted from int.MinValue, once the pod is gone. One word, so that no request can begin on a pod whose
    // connections are being closed.
    private int inFlight;

    public PodAddress Address => address;

    /// <summary>Requests sent to it by this interceptor that have not ended.</summary>
    public int InFlight => Volatile.Read(ref inFlight) & int.MaxValue;

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

            var created = new PodClient(address, clock);
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

    /// <summary>Takes a place, which <see cref="Return"/> gives back; false where the pod is gone.</summary>
    public bool TryTake()
    {
        if (Interlocked.Increment(ref inFlight) > 0)
        {
            return true;
        }

        Return();
        return false;
    }

    /// <summary>Gives a place back. The last to leave a pod that is gone closes its connections.</summary>
    public void Return()
    {
        if (Interlocked.Decrement(ref inFlight) == int.MinValue)
        {
            Close();
        }
    }

    /// <summary>It answered: the next refusal starts with a short pause again.</summary>
    public void Answered()
    {
        if (Volatile.Read(ref refusals) != 0)
        {
            Volatile.Write(ref refusals, 0);
        }
    }

    /// <summary>It refused a connection, or could not be reached: it is left alone for a while, longer each time.</summary>
    public void Refused()
    {
        lock (gate)
        {
            if (paused)
            {
                return;
            }

            paused = true;
            var length = FirstPause * Math.Pow(2, Math.Min(refusals++, 10));
            pause?.Dispose();
            pause = clock.CreateTimer(_ => Resume(), null, length < LongestPause ? length : LongestPause, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Its endpoint is gone: no new requests; those in flight finish.</summary>
    public void Retire()
    {
        if (Interlocked.Add(ref inFlight, int.MinValue) == int.MinValue)
        {
            Close();
        }
    }

    private void Close()
    {
        pause?.Dispose();
        client?.Dispose();
    }

    private void Resume()
    {
        paused = false;
        usableAgain();
    }
}
