using System.Collections.Concurrent;
using System.Globalization;

namespace Wakegate.Bench.Roles;

/// <summary>
/// Takes 5 ms for each <c>/N</c>; at <c>/report</c> it says in which order it got them, as numbers separated by spaces, and how many it had at
/// once at most, before them. Asking makes it forget.
/// </summary>
internal static class QueueingPod
{
    public const string Role = "queueing-pod";

    private static readonly TimeSpan Work = TimeSpan.FromMilliseconds(5);

    public static WebApplication Build(string[] settings)
    {
        var app = BareServer.CreateBuilder(settings).Build();
        var order = new ConcurrentQueue<int>();
        var (inside, most) = (0, 0);
        app.Run(async context =>
        {
            if (context.Request.Path == "/report")
            {
                await context.Response.WriteAsync($"{most} {string.Join(' ', order)}", context.RequestAborted);
                order.Clear();
                most = 0;
                return;
            }

            var now = Interlocked.Increment(ref inside);
            for (var seen = Volatile.Read(ref most); now > seen && Interlocked.CompareExchange(ref most, now, seen) != seen; seen = Volatile.Read(ref most))
            {
                // Another request was quicker: look again.
            }

            order.Enqueue(int.Parse(context.Request.Path.Value.AsSpan(1), CultureInfo.InvariantCulture));
            await Task.Delay(Work, TimeProvider.System, context.RequestAborted);
            Interlocked.Decrement(ref inside);
            context.Response.ContentLength = 2;
            await context.Response.WriteAsync("ok", context.RequestAborted);
        });
        return app;
    }
}
