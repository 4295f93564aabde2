using System.Runtime.CompilerServices;

namespace Wakegate.Interceptor.Forwarding;

/// <summary>
/// Tells the end of an HTTP/1.1 connection between two requests, which is ordinary, from one while an answer is awaited: as an exception of a kind that
/// <see cref="SocketsHttpHandler"/> does not take for a failed connection. It would repeat a request without content up to three times when a connection ends or breaks
/// before the response; whether to repeat one is for us to say.
/// </summary>
internal sealed class AnswerWatch
{
    // Written and read by the one request that has the connection.
    private volatile bool awaited;

    /// <summary>Something of a request has been sent.</summary>
    public void Asked() => awaited = true;

    /// <summary>A read that has begun, which may be before what it waits for has been asked for.</summary>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<int> WatchAsync(ValueTask<int> read)
    {
        try
        {
            return Read(await read);
        }
        catch (IOException broken) when (awaited)
        {
            throw new AnswerLostException(broken);
        }
    }

    private int Read(int bytes)
    {
        if (bytes == 0 && awaited)
        {
            throw new AnswerLostException(null);
        }

        awaited = false;
        return bytes;
    }
}

/// <summary>A connection ended after something of a request had been sent, and before anything of the response had come.</summary>
internal sealed class AnswerLostException(Exception? cause) : InvalidOperationException("The pod closed the connection before it answered.", cause);
