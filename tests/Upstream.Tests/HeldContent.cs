using System.Net;

namespace Wakegate.Upstream.Tests;

/// <summary>A body whose first byte is sent at once and whose second waits until the test lets it go: a request that stays in flight.</summary>
internal sealed class HeldContent : HttpContent
{
    private readonly Gate gate = new();

    public HeldContent(out Gate gate) => gate = this.gate;

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
    {
        await stream.WriteAsync("a"u8.ToArray(), TestContext.Current.CancellationToken);
        await stream.FlushAsync(TestContext.Current.CancellationToken);
        gate.Arrive();
        await gate.Opened;
        await stream.WriteAsync("b"u8.ToArray(), TestContext.Current.CancellationToken);
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 2;
        return true;
    }
}

/// <summary>Says when it was reached, and lets through when it is set.</summary>
internal sealed class Gate
{
    private readonly TaskCompletionSource reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource opened = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task Reached => reached.Task;

    public Task Opened => opened.Task;

    public void Arrive() => reached.TrySetResult();

    public void Set() => opened.TrySetResult();
}
