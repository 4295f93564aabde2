using System.Collections.Concurrent;
using System.Net;

namespace Wakegate.Local.Api;

/// <summary>What can go wrong between a client and its API server, on demand: for tests, in process, and never over HTTP.</summary>
public sealed class ApiFaults : IDisposable
{
    private readonly Store store;
    private readonly ConcurrentQueue<HttpStatusCode> answers = [];
    private CancellationTokenSource watches = new();
    private TaskCompletionSource? stall;

    internal ApiFaults(Store store) => this.store = store;

    /// <summary>Whether a watch from a forgotten version is refused by HTTP status 410, and not by an ERROR event inside the stream.</summary>
    public bool GoneAsStatus { get; set; }

    /// <summary>Cancelled when the watches that are open now are to break.</summary>
    internal CancellationToken WatchesDropped => Volatile.Read(ref watches).Token;

    /// <summary>Breaks the connection of every open watch.</summary>
    public void DropWatches()
    {
        using var open = Interlocked.Exchange(ref watches, new CancellationTokenSource());
        open.Cancel();
    }

    /// <summary>Compacts the history: a watch that starts from any version seen so far is answered 410 Gone.</summary>
    public void ForgetHistory() => store.Compact();

    /// <summary>Answers the next requests with this status, whatever they ask.</summary>
    public void AnswerNext(int requests, HttpStatusCode status)
    {
        for (var i = 0; i < requests; i++)
            answers.Enqueue(status);
    }

    /// <summary>Leaves requests unanswered and watches silent until the result is disposed; connections stay open.</summary>
    public IDisposable Stall()
    {
        var stalled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Volatile.Write(ref stall, stalled);
        return new Release(this, stalled);
    }

    /// <inheritdoc/>
    public void Dispose() => watches.Dispose();

    /// <summary>Waits while the API is stalled.</summary>
    internal Task PassAsync(CancellationToken cancellation) => Volatile.Read(ref stall)?.Task.WaitAsync(cancellation) ?? Task.CompletedTask;

    /// <summary>The status that this request is to get instead of an answer, or null.</summary>
    internal HttpStatusCode? NextAnswer() => answers.TryDequeue(out var status) ? status : null;

    private sealed class Release(ApiFaults faults, TaskCompletionSource stalled) : IDisposable
    {
        public void Dispose()
        {
            Interlocked.CompareExchange(ref faults.stall, null, stalled);
            stalled.TrySetResult();
        }
    }
}
