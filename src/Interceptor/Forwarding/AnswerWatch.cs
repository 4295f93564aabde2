using System.Diagnostics.CodeAnalysis;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Threading.Tasks.Sources;

namespace Wakegate.Interceptor.Forwarding;

/// <summary>
/// Tells the end of an HTTP/1.1 connection between two requests, which is ordinary, from one while an answer is awaited: as an exception of a kind that
/// <see cref="SocketsHttpHandler"/> does not take for a failed connection. It would repeat a request without content up to three times when a connection ends or breaks
/// before the response; whether to repeat one is for us to say.
/// <para>
/// And has an answer read that came before all of the request was sent: the handler reads none before, and fails the request when it cannot be sent. So what can no
/// longer be sent, since the pod has closed, passes for sent. Then the handler reads, and has the answer, or learns that there is none.
/// </para>
/// </summary>
/// <remarks>Every answer is read through it, so it is a source of values of its own, used again for each read, of which a connection has one at a time.</remarks>
internal sealed class AnswerWatch : IValueTaskSource<int>
{
    private readonly Action completed;
    private ManualResetValueTaskSourceCore<int> source;
    private ConfiguredValueTaskAwaitable<int>.ConfiguredValueTaskAwaiter awaiter;

    // Written and read by the one request that has the connection.
    private volatile bool awaited;

    // Whether something of a request has been sent since a read began. A connection that is used again has one that began before the request, and that may have been
    // one of nothing, while the connection was idle: the one with which that goes on, perhaps in the middle of the request, is no new one.
    private bool asked;
    private bool idle;

    public AnswerWatch() => completed = Complete;

    /// <summary>Whether nothing more of the request can be sent.</summary>
    public bool Declined { get; private set; }

    /// <summary>Something is about to be sent. Returns whether it is more of a request; else it is the first of one.</summary>
    public bool Ask()
    {
        if (asked)
        {
            return true;
        }

        awaited = asked = true;
        return false;
    }

    /// <summary>Sends more of a request.</summary>
    public ValueTask Send(ValueTask write) => write.IsCompletedSuccessfully ? write : SendAsync(write);

    /// <summary>A read begins.</summary>
    /// <param name="empty">Whether it is one of nothing, which only waits.</param>
    public void Reading(bool empty)
    {
        if (empty || !idle)
        {
            asked = Declined = false;
        }

        idle = empty;
    }

    /// <summary>A read that has begun, which may be before what it waits for has been asked for.</summary>
    public ValueTask<int> Watch(ValueTask<int> read)
    {
        source.Reset();
        awaiter = read.ConfigureAwait(false).GetAwaiter();
        if (awaiter.IsCompleted)
        {
            Complete();
        }
        else
        {
            awaiter.UnsafeOnCompleted(completed);
        }

        return new(this, source.Version);
    }

    public int GetResult(short token) => source.GetResult(token);

    public ValueTaskSourceStatus GetStatus(short token) => source.GetStatus(token);

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        source.OnCompleted(continuation, state, token, flags);

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask SendAsync(ValueTask write)
    {
        try
        {
            await write;
        }
        catch (IOException failed) when (failed.GetBaseException() is SocketException { SocketErrorCode: SocketError.Shutdown or SocketError.ConnectionReset })
        {
            Declined = true;
            ClientBody.Decline();
        }
    }

    [SuppressMessage("Usage", "VSTHRD002", Justification = "It has completed.")]
    private void Complete()
    {
        int bytes;
        try
        {
            bytes = awaiter.GetResult();
        }
        catch (Exception failed)
        {
            source.SetException(failed is IOException && awaited ? new AnswerLostException(failed) : failed);
            return;
        }

        if (bytes == 0 && awaited)
        {
            source.SetException(new AnswerLostException(null));
            return;
        }

        awaited = false;
        source.SetResult(bytes);
    }
}

/// <summary>A connection ended after something of a request had been sent, and before anything of the response had come.</summary>
internal sealed class AnswerLostException(Exception? cause) : InvalidOperationException("The pod closed the connection before it answered.", cause);
