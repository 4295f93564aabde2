using System.Threading.Tasks.Sources;

namespace Wakegate.Interceptor.Holding;

/// <summary>
/// One held request's place in a <see cref="HoldQueue"/>. Whoever takes it out of the queue, under the queue's lock, completes it: so it is
/// completed exactly once.
/// </summary>
internal sealed class Waiter(HoldQueue queue, HttpContext context, long arrived, long place, long deadline) : IValueTaskSource<HoldResult>, IThreadPoolWorkItem
{
    private ManualResetValueTaskSourceCore<HoldResult> source;
    private HoldResult result;
    private CancellationTokenRegistration leaving;

    /// <summary>The request; to be touched under the queue's lock only, and only while <see cref="Queued"/>.</summary>
    public HttpContext Context { get; } = context;

    /// <summary>When the request arrived, as a timestamp of the clock.</summary>
    public long Arrived { get; } = arrived;

    /// <summary>Its place in the queue is behind those of before this: when it arrived, or when it was put behind others.</summary>
    public long Place { get; } = place;

    /// <summary>When its wait ends without a pod.</summary>
    public long Deadline { get; } = deadline;

    /// <summary>Bytes that its body takes, or may come to take.</summary>
    public long Bytes { get; set; }

    /// <summary>Whether that may turn out to be less.</summary>
    public bool MayShrink { get; set; }

    public bool Queued { get; set; }

    /// <summary>Whether it waits, or waited, for a first pod.</summary>
    public bool Cold { get; set; }

    public Waiter? Previous { get; set; }

    public Waiter? Next { get; set; }

    /// <summary>Its own source, since ten thousand may wait: to be called once, when it has entered the queue, and awaited once.</summary>
    public ValueTask<HoldResult> WaitAsync()
    {
        leaving = Context.RequestAborted.UnsafeRegister(static waiter => ((Waiter)waiter!).Leave(), this);
        return new(this, source.Version);
    }

    /// <summary>Lets the request go on, on another thread. Requests completed one after the other go on in that order.</summary>
    public void Complete(HoldResult how)
    {
        result = how;

        // The global queue is first in, first out; the local one, which the source itself would use, is not.
        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    void IThreadPoolWorkItem.Execute() => source.SetResult(result);

    HoldResult IValueTaskSource<HoldResult>.GetResult(short token)
    {
        // Without waiting for one that runs just now: it finds the request no longer queued.
        leaving.Unregister();
        return source.GetResult(token);
    }

    ValueTaskSourceStatus IValueTaskSource<HoldResult>.GetStatus(short token) => source.GetStatus(token);

    void IValueTaskSource<HoldResult>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        source.OnCompleted(continuation, state, token, flags);

    /// <summary>The client has left.</summary>
    private void Leave() => queue.Leave(this);
}
