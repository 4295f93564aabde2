namespace Wakegate.Interceptor.Forwarding;

/// <summary>
/// How many requests at once a pod that just woke is trusted with, after TCP's slow start: a few, one more for every answer (which doubles
/// it with each round), and doubled with time too, so that a workload whose answers take long is not starved. Signs of overload stop
/// the growth for a while, where they are more than few of the answers: some workloads always have some. A pod that cannot be reached begins anew, beside what it has, once it
/// takes a connection again. One that has shown that it takes many has no limit any more, nor has one, before long, that has been up for a minute.
/// </summary>
internal sealed class Ramp : IDisposable
{
    public const int First = 8;

    private const int Proven = 1024;
    private static readonly TimeSpan Doubling = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan Respite = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Youth = TimeSpan.FromMinutes(1);

    // Of so many answers one may be a sign of overload.
    private const int Usual = 10;

    // Guards what changes.
    private readonly Lock gate = new();
    private readonly TimeProvider clock;
    private readonly Action grown;
    private readonly ITimer timer;
    private readonly long woke;
    private int window = First;
    private int answers;
    private int strains;
    private long noGrowthBefore;
    private bool refusing;

    // In flight when it was last to be tried again: it has these, and they may stay for hours.
    private int kept;

    /// <param name="clock">Paces the growth.</param>
    /// <param name="grown">Called after the window has grown by time alone.</param>
    public Ramp(TimeProvider clock, Action grown)
    {
        this.clock = clock;
        this.grown = grown;
        woke = clock.GetTimestamp();
        timer = clock.CreateTimer(static ramp => ((Ramp)ramp!).Double(), this, Doubling, Doubling);
    }

    /// <summary>Requests that it may have at once; <see cref="int.MaxValue"/> once it has proven itself.</summary>
    public int Window
    {
        get
        {
            lock (gate)
            {
                return window >= Proven ? int.MaxValue : kept + window;
            }
        }
    }

    /// <summary>It answered as one that can take more.</summary>
    public void Succeeded()
    {
        lock (gate)
        {
            answers++;
            refusing = false;
            Grow(window + 1);
        }
    }

    /// <summary>It could not be reached: what it takes is not known any more, and time says nothing of it.</summary>
    public void Refused()
    {
        lock (gate)
        {
            (window, refusing) = (First, true);
        }
    }

    /// <summary>It is tried again.</summary>
    /// <param name="inFlight">Requests that it has.</param>
    public void Retried(int inFlight)
    {
        lock (gate)
        {
            kept = inFlight;
        }
    }

    /// <summary>It has taken a request on a new connection.</summary>
    public void Reached()
    {
        lock (gate)
        {
            refusing = false;
        }
    }

    /// <summary>It broke off, or said that it is overloaded.</summary>
    public void Strained()
    {
        lock (gate)
        {
            answers++;
            strains++;
            if ((long)strains * Usual > answers && clock.GetElapsedTime(woke) < Youth)
            {
                noGrowthBefore = clock.GetTimestamp() + (long)(Respite.TotalSeconds * clock.TimestampFrequency);
            }
        }
    }

    public void Dispose() => timer.Dispose();

    private void Double()
    {
        lock (gate)
        {
            Grow(window * 2);
        }

        grown();
    }

    /// <summary>Under the lock.</summary>
    private void Grow(int to)
    {
        if (window < Proven && !refusing && clock.GetTimestamp() >= noGrowthBefore)
        {
            window = Math.Min(to, Proven);
        }
    }
}
