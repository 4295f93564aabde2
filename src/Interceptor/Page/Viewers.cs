using System.Threading.Channels;

namespace Wakegate.Interceptor.Page;

/// <summary>All open streams, of which there can be no more than a few.</summary>
internal sealed class Viewers
{
    /// <summary>An open page has one stream, and one more while it shows a route.</summary>
    public const int Most = 64;

    // Guards changes of all, which is replaced and never changed.
    private readonly Lock gate = new();
    private readonly Channel<bool> pulse = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private volatile Viewer[] all = [];

    public IReadOnlyList<Viewer> All => all;

    public bool Full => all.Length >= Most;

    /// <summary>Takes a place, which <see cref="Leave"/> gives back; null where there is none.</summary>
    public Viewer? Join(string? route)
    {
        lock (gate)
        {
            if (Full)
            {
                return null;
            }

            var viewer = new Viewer(route);
            all = [.. all, viewer];
            Pulse();
            return viewer;
        }
    }

    public void Leave(Viewer viewer)
    {
        lock (gate)
        {
            all = [.. all.Where(v => v != viewer)];
        }
    }

    /// <summary>Has the feed look soon.</summary>
    public void Pulse() => pulse.Writer.TryWrite(true);

    public ValueTask<bool> PulsedAsync(CancellationToken cancellationToken) => pulse.Reader.ReadAsync(cancellationToken);
}
