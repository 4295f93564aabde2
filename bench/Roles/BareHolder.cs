namespace Wakegate.Bench.Roles;

/// <summary>Holds every request until its client leaves, and does nothing else; <c>/count</c> says how many.</summary>
internal static class BareHolder
{
    public const string Role = "bare-holder";

    public static WebApplication Build(string[] settings)
    {
        var app = BareServer.CreateBuilder(settings).Build();
        var held = 0;
        app.Run(context => context.Request.Path == "/count" ? context.Response.WriteAsync($"{held}", context.RequestAborted) : HoldAsync(context));
        return app;

        async Task HoldAsync(HttpContext context)
        {
            Interlocked.Increment(ref held);
            var left = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            await using (context.RequestAborted.UnsafeRegister(static state => ((TaskCompletionSource)state!).SetResult(), left))
                await left.Task;
            Interlocked.Decrement(ref held);
        }
    }
}
