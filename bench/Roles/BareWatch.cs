using System.Net;
using System.Text.Json;

namespace Wakegate.Bench.Roles;

/// <summary>
/// What the way from an endpoint's event to a pod costs at least: a watch line, and at once a GET to the address in it, on a connection of its
/// own. Settings <c>Api</c> and <c>Namespace</c>.
/// </summary>
internal static class BareWatch
{
    public const string Role = "bare-watch";

    public static WebApplication Build(string[] settings)
    {
        var app = BareServer.CreateBuilder(settings).Build();
        app.Run(_ => Task.CompletedTask);
        app.Lifetime.ApplicationStarted.Register(() => _ = WatchAsync(
            new Uri($"{app.Configuration["Api"]}apis/discovery.k8s.io/v1/namespaces/{app.Configuration["Namespace"]}/endpointslices?watch=true"),
            app.Lifetime.ApplicationStopping));
        return app;
    }

    private static async Task WatchAsync(Uri watch, CancellationToken stop)
    {
        using var http = new HttpClient { Timeout = Timeout.InfiniteTimeSpan };
        using var pods = new HttpMessageInvoker(new SocketsHttpHandler { UseProxy = false, PooledConnectionLifetime = TimeSpan.Zero, ActivityHeadersPropagator = null });
        try
        {
            using var reader = new StreamReader(await http.GetStreamAsync(watch, stop));
            while (await reader.ReadLineAsync(stop) is { } line)
            {
                using var json = JsonDocument.Parse(line);
                var port = json.RootElement.GetProperty("object").GetProperty("ports")[0].GetProperty("port").GetInt32();
                _ = GetAsync(pods, new Uri($"http://{IPAddress.Loopback}:{port}/"), stop);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // The benchmark has ended.
        }
    }

    private static async Task GetAsync(HttpMessageInvoker pods, Uri target, CancellationToken stop)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, target);
        using var response = await pods.SendAsync(request, stop);
    }
}
