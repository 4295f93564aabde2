using System.Threading.Channels;
using Microsoft.Extensions.Hosting;

namespace Wakegate.Contracts.Ledger;

/// <summary>The ledger for who looks at it now and then: it is read while somebody looks, and for a little while after.</summary>
public sealed class LedgerGlimpse : BackgroundService
{
    private static readonly TimeSpan Linger = TimeSpan.FromSeconds(10);

    private readonly Func<LedgerReader> create;
    private readonly TimeProvider clock;
    private readonly Channel<bool> looked =
        Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    private LedgerReader? reader;
    private long last;

    internal LedgerGlimpse(Func<LedgerReader> create, TimeProvider clock) => (this.create, this.clock) = (create, clock);

    /// <summary>Whether the ledger is being read.</summary>
    public bool Reading => Volatile.Read(ref reader) is not null;

    private TimeSpan Left => Linger - clock.GetElapsedTime(Volatile.Read(ref last));

    /// <summary>The ledger, or null where reading it has only just begun. To be asked anew for each look.</summary>
    public LedgerReader? Look()
    {
        Volatile.Write(ref last, clock.GetTimestamp());
        looked.Writer.TryWrite(true);
        return Volatile.Read(ref reader);
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            while (await looked.Reader.ReadAsync(stoppingToken))
            {
                // The last look of the time before leaves a mark too.
                if (Left > TimeSpan.Zero)
                {
                    await ReadAsync(stoppingToken);
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopping.
        }
    }

    /// <summary>Reads until nobody has looked for a while.</summary>
    private async Task ReadAsync(CancellationToken stoppingToken)
    {
        using var current = create();
        await current.StartAsync(stoppingToken);
        try
        {
            Volatile.Write(ref reader, current);
            while (Left is var left && left > TimeSpan.Zero)
            {
                await Task.Delay(left, clock, stoppingToken);
            }
        }
        finally
        {
            Volatile.Write(ref reader, null);
            await current.StopAsync(CancellationToken.None);
        }
    }
}
