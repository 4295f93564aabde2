namespace Wakegate.Interceptor.Page;

/// <summary>
/// Server-sent events (the HTML standard, section 9.2): the whole at first, then what changes. It ends when the interceptor stops, so that it
/// holds nobody up; the browser then looks for the next one by itself.
/// </summary>
internal sealed class PageStream(Viewers viewers, IHostApplicationLifetime lifetime, TimeProvider clock)
{
    /// <summary>How long a browser may take to read a frame before its place goes to another.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    /// <summary>How often a stream without news shows that it lives.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(10);

    /// <summary>An event's end, and when to come back after the stream's end.</summary>
    private static readonly byte[] Hello = "retry: 1000\n\n"u8.ToArray();

    /// <summary>An event and no comment, of which a page would not hear.</summary>
    private static readonly byte[] Alive = "event: alive\ndata: {}\n\n"u8.ToArray();

    public Task ServeAsync(HttpContext context, string? route)
    {
        PageHeaders.Set(context.Response);
        context.Response.Headers.CacheControl = "no-store";
        if (HttpMethods.IsHead(context.Request.Method))
        {
            context.Response.StatusCode = viewers.Full ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status200OK;
            return Task.CompletedTask;
        }

        return viewers.Join(route) is { } viewer ? TellAsync(context, viewer) : RefuseAsync(context.Response);
    }

    private static Task RefuseAsync(HttpResponse response)
    {
        response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        response.Headers.RetryAfter = "10";
        return response.WriteAsync(
            $"So many pages of this interceptor are open that there is no place for another ({Viewers.Most} streams): close one.\n", response.HttpContext.RequestAborted);
    }

    private async Task TellAsync(HttpContext context, Viewer viewer)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping);
        context.Response.ContentType = "text/event-stream";
        try
        {
            await WriteAsync(context, Hello, stop.Token);
            while (true)
            {
                await WriteAsync(context, await NextAsync(viewer, stop.Token), stop.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // The page is closed or does not read, or the interceptor is stopping.
        }
        finally
        {
            viewers.Leave(viewer);
        }
    }

    private async ValueTask<byte[]> NextAsync(Viewer viewer, CancellationToken stop)
    {
        using var silence = new CancellationTokenSource(Silence, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, silence.Token);
        try
        {
            return await viewer.NextAsync(either.Token);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return Alive;
        }
    }

    private async ValueTask WriteAsync(HttpContext context, byte[] frame, CancellationToken stop)
    {
        using var patience = new CancellationTokenSource(Patience, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, patience.Token);
        try
        {
            await context.Response.BodyWriter.WriteAsync(frame, either.Token);
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested)
        {
            context.Abort();
            throw;
        }
    }
}
