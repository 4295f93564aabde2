namespace Wakegate.Bench.Roles;

/// <summary>Answers from memory at once: the upstream where there is no nginx.</summary>
internal static class AnsweringPod
{
    public const string Role = "answering-pod";

    public static WebApplication Build(string[] settings)
    {
        var app = BareServer.CreateBuilder(settings).Build();
        var (small, large) = (new byte[64], new byte[1 << 20]);
        app.Run(async context =>
        {
            await context.Request.Body.CopyToAsync(Stream.Null, context.RequestAborted);
            var (body, times) = context.Request.Path.Value switch
            {
                "/1m" => (large, 1),
                "/huge" => (large, 512),
                _ => (small, 1),
            };
            context.Response.ContentLength = (long)body.Length * times;
            for (var sent = 0; sent < times; sent++)
                await context.Response.Body.WriteAsync(body, context.RequestAborted);
        });
        return app;
    }
}
