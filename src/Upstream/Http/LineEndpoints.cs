using System.Globalization;

namespace Wakegate.Upstream.Http;

/// <summary>
/// <c>/stream</c>: a line at once and then one every <c>?interval=</c> ms (1000), <c>?count=</c> of them or until the client leaves.
/// </summary>
internal static class LineEndpoints
{
    public static void MapLines(this IEndpointRouteBuilder app) => app.MapGet("/stream", WriteLinesAsync);

    private static async Task WriteLinesAsync(
        HttpContext context, TimeProvider clock, IHostApplicationLifetime lifetime, long? count = null, int interval = 1000)
    {
        context.Response.ContentType = "text/plain; charset=utf-8";
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping);
        using var beat = new PeriodicTimer(TimeSpan.FromMilliseconds(Math.Clamp(interval, 1, 3_600_000)), clock);
        try
        {
            for (var line = 1L; line <= (count ?? long.MaxValue); line++)
            {
                if (line > 1)
                    await beat.WaitForNextTickAsync(stop.Token);
                await context.Response.WriteAsync(string.Create(CultureInfo.InvariantCulture, $"line {line}\n"), stop.Token);
                await context.Response.Body.FlushAsync(stop.Token);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The client left, or the pod stops: either way the stream has had its end.
        }
    }
}
