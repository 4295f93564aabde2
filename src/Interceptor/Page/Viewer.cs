using System.Threading.Channels;

namespace Wakegate.Interceptor.Page;

/// <summary>
/// One open stream of a page. What it is told waits in a short line; one that does not keep up misses changes, and gets the whole anew when
/// it has read what it has. So it costs a few frames at most, and delays nobody.
/// </summary>
/// <param name="route">The route that it is about; null for the overview.</param>
internal sealed class Viewer(string? route)
{
    private readonly Channel<byte[]> frames = Channel.CreateBounded<byte[]>(new BoundedChannelOptions(2) { SingleReader = true, SingleWriter = true });

    public string? Route => route;

    /// <summary>Whether it has been told all so far, so that the next change makes sense to it. The feed's own.</summary>
    public bool UpToDate { get; private set; }

    /// <summary>Whether it has nothing left to read.</summary>
    public bool Idle => frames.Reader.Count == 0;

    /// <summary>Tells it a frame.</summary>
    public void Tell(byte[] frame) => UpToDate = frames.Writer.TryWrite(frame);

    /// <summary>The next frame that it was told.</summary>
    public ValueTask<byte[]> NextAsync(CancellationToken cancellationToken) => frames.Reader.ReadAsync(cancellationToken);
}
