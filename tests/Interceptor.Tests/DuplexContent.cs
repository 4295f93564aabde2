using System.Net;
using System.Threading.Channels;

namespace Wakegate.Interceptor.Tests;

/// <summary>A request body that a test writes while it reads the response.</summary>
internal sealed class DuplexContent : HttpContent
{
    private readonly Channel<(byte[] Bytes, TaskCompletionSource Sent)> parts = Channel.CreateUnbounded<(byte[], TaskCompletionSource)>();

    public DuplexContent(string type) => Headers.ContentType = new(type);

    /// <summary>Whether the client has begun to send it.</summary>
    public bool Begun { get; private set; }

    public async Task WriteAsync(byte[] bytes)
    {
        var sent = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await parts.Writer.WriteAsync((bytes, sent));
        await sent.Task;
    }

    public void Complete() => parts.Writer.Complete();

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
        SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        Begun = true;
        await stream.FlushAsync(cancellationToken);
        await foreach (var (bytes, sent) in parts.Reader.ReadAllAsync(cancellationToken))
        {
            await stream.WriteAsync(bytes, cancellationToken);
            await stream.FlushAsync(cancellationToken);
            sent.SetResult();
        }
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }
}
