using System.Threading.Channels;
using Grpc.Core;
using Wakegate.Local.Keda.Protocol;

namespace Wakegate.Local.Tests.Keda;

/// <summary>One open StreamIsActive, in the test's hands.</summary>
internal sealed class FakeStream(ScaledObjectRef reference)
{
    private readonly Channel<bool> pushes = Channel.CreateUnbounded<bool>();
    private readonly TaskCompletionSource closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Status end = Status.DefaultSuccess;

    public ScaledObjectRef Reference { get; } = reference;

    public Task Closed => closed.Task;

    public void Push(bool active) => pushes.Writer.TryWrite(active);

    public void End(Status status)
    {
        end = status;
        pushes.Writer.TryComplete();
    }

    public async Task RunAsync(IServerStreamWriter<IsActiveResponse> stream, CancellationToken cancellation)
    {
        try
        {
            await foreach (var active in pushes.Reader.ReadAllAsync(cancellation))
                await stream.WriteAsync(new IsActiveResponse { Result = active }, cancellation);
        }
        finally
        {
            closed.TrySetResult();
        }

        if (end.StatusCode != StatusCode.OK)
            throw new RpcException(end);
    }
}
