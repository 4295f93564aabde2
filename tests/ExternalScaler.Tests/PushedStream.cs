using Grpc.Core;
using Wakegate.ExternalScaler.Protocol;

namespace Wakegate.ExternalScaler.Tests;

/// <summary>A stream as KEDA holds it. Whatever comes is kept, so that a <c>false</c> could not hide.</summary>
internal sealed class PushedStream : IAsyncDisposable
{
    private readonly AsyncServerStreamingCall<IsActiveResponse> call;
    private readonly SemaphoreSlim arrivals = new(0);
    private int trues;
    private int falses;

    public PushedStream(AsyncServerStreamingCall<IsActiveResponse> call)
    {
        this.call = call;
        Ended = ReadAsync();
    }

    public int Trues => Volatile.Read(ref trues);

    public int Falses => Volatile.Read(ref falses);

    /// <summary>How it ended.</summary>
    public Task<StatusCode> Ended { get; }

    /// <summary>The scaler has taken the call.</summary>
    public Task OpenedAsync() => call.ResponseHeadersAsync;

    /// <summary>The next push has come.</summary>
    public Task PushedAsync() => arrivals.WaitAsync(TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        call.Dispose();
        await Ended;
        arrivals.Dispose();
    }

    private async Task<StatusCode> ReadAsync()
    {
        try
        {
            while (await call.ResponseStream.MoveNext(CancellationToken.None))
            {
                Interlocked.Increment(ref call.ResponseStream.Current.Result ? ref trues : ref falses);
                arrivals.Release();
            }

            return call.GetStatus().StatusCode;
        }
        catch (RpcException ended)
        {
            return ended.StatusCode;
        }
    }
}
