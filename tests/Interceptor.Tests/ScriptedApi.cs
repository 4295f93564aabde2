using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Text;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Wakegate.Interceptor.Tests;

/// <summary>An API server that answers what a test says: for size, and for what a well-behaved one rarely does.</summary>
internal sealed class ScriptedApi : IAsyncDisposable
{
    public const string Services = "/api/v1/services";
    public const string Slices = "/apis/discovery.k8s.io/v1/endpointslices";
    public const string ScaledObjects = "/apis/keda.sh/v1alpha1/scaledobjects";

    private readonly WebApplication app;
    private readonly ConcurrentDictionary<string, IReadOnlyList<string>> objects = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<Channel<string>, string> watches = new();
    private long sent;

    private ScriptedApi(WebApplication app, TimeProvider clock)
    {
        this.app = app;
        app.Run(context => AnswerAsync(context, clock));
    }

    /// <summary>Lists and watches, as they came, with the time on the interceptor's clock.</summary>
    public ConcurrentQueue<(string Path, IQueryCollection Query, DateTimeOffset At)> Requests { get; } = new();

    /// <summary>Bodies of Events that were created.</summary>
    public ConcurrentQueue<string> Events { get; } = new();

    /// <summary>Asked first; true where it has answered.</summary>
    public Func<HttpContext, Task<bool>> Interfere { get; set; } = _ => Task.FromResult(false);

    /// <summary>Of all lists.</summary>
    public int Version { get; set; } = 100;

    public string Address => app.Urls.Single();

    /// <summary>Bytes of all lists.</summary>
    public long Sent => Volatile.Read(ref sent);

    public static async Task<ScriptedApi> StartAsync(TimeProvider clock)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var api = new ScriptedApi(builder.Build(), clock);
        await api.app.StartAsync();
        return api;
    }

    /// <summary>What the next list brings, as JSON.</summary>
    public void Set(string path, params IReadOnlyList<string> items) => objects[path] = items;

    /// <summary>What the next list brings beside what it brought before, as JSON.</summary>
    public void Add(string path, string item) => objects.AddOrUpdate(path, [item], (_, before) => [.. before, item]);

    public int Watches(string path) => watches.Values.Count(p => p == path);

    public IReadOnlyList<IQueryCollection> Lists(string path) => [.. Requests.Where(r => r.Path == path && !r.Query.ContainsKey("watch")).Select(r => r.Query)];

    public IReadOnlyList<IQueryCollection> WatchesAsked(string path) => [.. Requests.Where(r => r.Path == path && r.Query.ContainsKey("watch")).Select(r => r.Query)];

    /// <summary>Tells all who watch.</summary>
    public void Send(string path, string type, string json)
    {
        foreach (var (watch, watched) in watches)
        {
            if (watched == path)
            {
                watch.Writer.TryWrite($$"""{"type":"{{type}}","object":{{json}}}""");
            }
        }
    }

    public void EndWatches(string path)
    {
        foreach (var (watch, watched) in watches)
        {
            if (watched == path)
            {
                watch.Writer.Complete();
            }
        }
    }

    public static Task RefuseAsync(HttpContext context, int status, string message, int? retryAfter = null)
    {
        context.Response.StatusCode = status;
        context.Response.Headers.RetryAfter = retryAfter?.ToString(CultureInfo.InvariantCulture);
        return context.Response.WriteAsJsonAsync(new { kind = "Status", apiVersion = "v1", status = "Failure", message, code = status });
    }

    public async ValueTask DisposeAsync()
    {
        await app.StopAsync(new CancellationToken(canceled: true));
        await app.DisposeAsync();
    }

    private async Task AnswerAsync(HttpContext context, TimeProvider clock)
    {
        var path = context.Request.Path.Value!;
        if (HttpMethods.IsPost(context.Request.Method))
        {
            using var body = new StreamReader(context.Request.Body);
            var text = await body.ReadToEndAsync();
            Events.Enqueue(text);
            context.Response.ContentType = "application/json";
            await context.Response.WriteAsync(text);
            return;
        }

        Requests.Enqueue((path, context.Request.Query, clock.GetUtcNow()));
        if (await Interfere(context))
        {
            return;
        }

        await (context.Request.Query.ContainsKey("watch") ? WatchAsync(context, path) : ListAsync(context, path));
    }

    private async Task ListAsync(HttpContext context, string path)
    {
        var items = objects.GetValueOrDefault(path) ?? [];
        var limit = int.Parse(context.Request.Query["limit"]!, CultureInfo.InvariantCulture);
        var from = context.Request.Query["continue"] is [{ } token] ? int.Parse(token, CultureInfo.InvariantCulture) : 0;
        var next = from + limit < items.Count ? $$""","continue":"{{from + limit}}" """ : "";
        var page = $$"""{"kind":"List","metadata":{"resourceVersion":"{{Version}}"{{next}}},"items":[{{string.Join(',', items.Skip(from).Take(limit))}}]}""";
        var bytes = Encoding.UTF8.GetBytes(page);
        Interlocked.Add(ref sent, bytes.Length);
        context.Response.ContentType = "application/json";
        await context.Response.Body.WriteAsync(bytes);
    }

    private async Task WatchAsync(HttpContext context, string path)
    {
        var lines = Channel.CreateUnbounded<string>();
        context.Response.ContentType = "application/json";
        await context.Response.Body.FlushAsync(context.RequestAborted);
        watches[lines] = path;
        try
        {
            await foreach (var line in lines.Reader.ReadAllAsync(context.RequestAborted))
            {
                await context.Response.WriteAsync(line + "\n", context.RequestAborted);
                await context.Response.Body.FlushAsync(context.RequestAborted);
            }
        }
        catch (OperationCanceledException)
        {
            // The client has left.
        }
        finally
        {
            watches.TryRemove(lines, out _);
        }
    }
}

/// <summary>Objects as an API server writes them.</summary>
internal static class KubernetesJson
{
    public static string ScaledObject(string name, string hosts, int version = 1, string more = "", string created = "2026-01-01T00:00:00Z", string also = "") => $$$"""
        {"apiVersion":"keda.sh/v1alpha1","kind":"ScaledObject","metadata":{"name":"{{{name}}}","namespace":"store","uid":"uid-{{{name}}}","resourceVersion":"{{{version}}}",
        "generation":1,"creationTimestamp":"{{{created}}}","labels":{"team":"a"},"annotations":{"kubectl.kubernetes.io/last-applied-configuration":"{}"},"managedFields":[{"manager":"kubectl"}]},
        "spec":{"scaleTargetRef":{"name":"{{{name}}}"},"triggers":[{{{more}}}{"type":"external-push","metadata":
        {"scalerAddress":"wakegate-scaler.wakegate:9090",{{{also}}}"hosts":"{{{hosts}}}","service":"{{{name}}}","port":"80"}}]},"status":{"lastActiveTime":"{{{version}}}"}}
        """;

    public static string Service(string name, string more = "") => $$$"""
        {"kind":"Service","metadata":{"name":"{{{name}}}","namespace":"store","uid":"service-{{{name}}}","resourceVersion":"1","creationTimestamp":"2026-01-01T00:00:00Z"},
        "spec":{"clusterIP":"10.0.0.1","selector":{"app":"{{{name}}}"},"ports":[{"name":"http","protocol":"TCP","port":80,"targetPort":8080}]{{{more}}} },"status":{"loadBalancer":{} } }
        """;

    public static string Slice(string service, string name, params IEnumerable<string> endpoints) => Slice(service, name, 8080, endpoints);

    public static string Slice(string service, string name, int port, IEnumerable<string> endpoints, string addressType = "IPv4", string portName = "http") => $$$"""
        {"kind":"EndpointSlice","addressType":"{{{addressType}}}","metadata":{"name":"{{{name}}}","namespace":"store","uid":"slice-{{{name}}}","resourceVersion":"1",
        "labels":{"endpointslice.kubernetes.io/managed-by":"endpointslice-controller.k8s.io","kubernetes.io/service-name":"{{{service}}}"}},
        "endpoints":[{{{string.Join(',', endpoints)}}}],"ports":[{"name":"{{{portName}}}","protocol":"TCP","port":{{{port}}} }]}
        """;

    public static string Endpoint(string address, string pod, string conditions = """{"ready":true,"serving":true,"terminating":false}""", string ns = "store") => $$$"""
        {"addresses":["{{{address}}}"],"conditions":{{{conditions}}},"nodeName":"node-1","zone":"a",
        "targetRef":{"kind":"Pod","namespace":"{{{ns}}}","name":"{{{pod}}}","uid":"uid-{{{pod}}}"}}
        """;
}
