using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;

namespace Wakegate.Interceptor.Draining;

/// <summary>
/// The order in which the interceptor leaves: it says so (<c>/readyz</c>), goes on accepting while that spreads, then lets its server finish
/// what it has, and ends what does not end by itself.
/// </summary>
internal sealed partial class Drain(
    IOptions<DrainSettings> settings, IOptions<HostOptions> host, IHostApplicationLifetime lifetime, TimeProvider clock, ILogger<Drain> logger)
    : IDisposable
{
    /// <summary>More than a round trip, and than a busy client takes to read an answer.</summary>
    private static readonly TimeSpan Farewell = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource streamsEnd = new();
    private ITimer? end;
    private int begun;

    /// <summary>No longer ready for new traffic, though still serving it.</summary>
    public bool Leaving => Volatile.Read(ref begun) != 0;

    /// <summary>When whatever is still open must end.</summary>
    public CancellationToken StreamsEnd => streamsEnd.Token;

    /// <summary>
    /// While it leaves, has an HTTP/1.1 client bring its next request elsewhere: one that is sent just as the server closes an idle connection is
    /// lost. To be called before the response's headers are sent.
    /// </summary>
    public void SayGoodbye(HttpResponse response)
    {
        if (Leaving && HttpProtocol.IsHttp11(response.HttpContext.Request.Protocol) && response.StatusCode != StatusCodes.Status101SwitchingProtocols)
        {
            response.Headers.Connection = "close";
        }
    }

    /// <summary>
    /// While it leaves, has an HTTP/2 client bring its next request elsewhere: GOAWAY, which names the last request that was taken (RFC 9113, section 6.8).
    /// Kestrel would close the connection with its last response, and clients drop an answer whose connection ends before they have noticed that their
    /// request was sent whole; so this request stays open for a while after its response is complete.
    /// </summary>
    public void Part(HttpContext context)
    {
        if (Leaving && HttpProtocol.IsHttp2(context.Request.Protocol))
        {
            context.Features.GetRequiredFeature<IConnectionLifetimeNotificationFeature>().RequestClose();
            var closed = context.Features.GetRequiredFeature<IConnectionLifetimeFeature>().ConnectionClosed;
            context.Response.OnCompleted(async () => await Task.Delay(Farewell, clock, closed).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing));
        }
    }

    /// <summary>Leaves; a second call stops the server at once.</summary>
    public async Task BeginAsync()
    {
        if (Interlocked.Exchange(ref begun, 1) == 0 && settings.Value.DrainDelay > TimeSpan.Zero)
        {
            LogLeaving(settings.Value.DrainDelay);
            await Task.Delay(settings.Value.DrainDelay, clock, lifetime.ApplicationStopping)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        Stop();
    }

    public void Dispose()
    {
        end?.Dispose();
        streamsEnd.Dispose();
    }

    private void Stop()
    {
        host.Value.ShutdownTimeout = settings.Value.StopTimeout;
        var patience = settings.Value.StopTimeout - DrainSettings.StreamsEndBefore;
        end ??= clock.CreateTimer(_ => streamsEnd.Cancel(), null, patience, Timeout.InfiniteTimeSpan);
        lifetime.StopApplication();
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "Leaving: not ready, accepting for another {Delay}.")]
    private partial void LogLeaving(TimeSpan delay);
}
