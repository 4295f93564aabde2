using Wakegate.Upstream.Hosting;

namespace Wakegate.Upstream.Http;

/// <summary>Echoes: at once on any path, after a while on <c>/delay/{ms}</c>, with a status of choice on <c>/status/{code}</c>.</summary>
internal static class EchoEndpoints
{
    public static void MapEcho(this IEndpointRouteBuilder app)
    {
        app.Map("/delay/{ms:int:range(0,3600000)}", AnswerLaterAsync);
        app.Map("/status/{code:int:range(200,599)}", AnswerWithAsync);
        app.Map("/{**path}", AnswerAsync);
    }

    private static Task AnswerAsync(HttpContext context, UpstreamOptions options) => WriteAsync(context, options, StatusCodes.Status200OK);

    private static Task AnswerWithAsync(int code, HttpContext context, UpstreamOptions options) => WriteAsync(context, options, code);

    private static async Task AnswerLaterAsync(int ms, HttpContext context, UpstreamOptions options, TimeProvider clock)
    {
        await Task.Delay(TimeSpan.FromMilliseconds(ms), clock, context.RequestAborted);
        await WriteAsync(context, options, StatusCodes.Status200OK);
    }

    private static async Task WriteAsync(HttpContext context, UpstreamOptions options, int status)
    {
        var number = context.RequestServices.GetRequiredService<Tally>().Next();
        var echo = await Echo.OfAsync(context.Request, options, number);
        context.Response.StatusCode = status;

        // HTTP forbids these a body, and Kestrel would refuse to write one.
        if (status is not (StatusCodes.Status204NoContent or StatusCodes.Status205ResetContent or StatusCodes.Status304NotModified))
            await context.Response.WriteAsJsonAsync(echo, context.RequestAborted);
    }
}
