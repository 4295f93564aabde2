using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using Google.Protobuf;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Wakegate.Testing.Otlp;

/// <summary>A collector that keeps what it gets by OTLP over HTTP, or takes it and never answers.</summary>
public sealed class OtlpReceiver : IAsyncDisposable
{
    private readonly WebApplication app;
    private int requests;

    private OtlpReceiver(WebApplication app) => this.app = app;

    /// <summary>All spans.</summary>
    public ConcurrentQueue<ReceivedSpan> Spans { get; } = new();

    /// <summary>All metrics' names, each with its resource's attributes.</summary>
    public ConcurrentQueue<(string Name, IReadOnlyDictionary<string, string> Resource)> Metrics { get; } = new();

    /// <summary>All log lines.</summary>
    public ConcurrentQueue<string> Logs { get; } = new();

    /// <summary>Requests that have come.</summary>
    public int Requests => Volatile.Read(ref requests);

    /// <summary>The settings that make a service send to it, and soon.</summary>
    public string[] Settings =>
    [
        $"--OTEL_EXPORTER_OTLP_ENDPOINT={app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()}",
        "--OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf", "--OTEL_BSP_SCHEDULE_DELAY=50", "--OTEL_METRIC_EXPORT_INTERVAL=200",
    ];

    /// <param name="stalls">Whether it never answers.</param>
    public static async Task<OtlpReceiver> StartAsync(bool stalls = false)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var receiver = new OtlpReceiver(builder.Build());
        receiver.app.Run(context => receiver.TakeAsync(context, stalls));
        await receiver.app.StartAsync();
        return receiver;
    }

    /// <summary>The spans of one trace, once there are so many.</summary>
    public async Task<IReadOnlyList<ReceivedSpan>> TraceAsync(string traceId, int count)
    {
        await Eventually.TrueAsync(() => Spans.Count(s => s.TraceId == traceId) >= count);
        return [.. Spans.Where(s => s.TraceId == traceId)];
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await app.StopAsync(new CancellationToken(canceled: true));
        await app.DisposeAsync();
    }

    private async Task TakeAsync(HttpContext context, bool stalls)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        Interlocked.Increment(ref requests);
        if (stalls)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return;
        }

        body.Position = 0;
        switch (context.Request.Path.Value)
        {
            case "/v1/traces":
                Take(TracesRequest.Parser.ParseFrom(body));
                break;
            case "/v1/metrics":
                Take(MetricsRequest.Parser.ParseFrom(body));
                break;
            case "/v1/logs":
                Take(LogsRequest.Parser.ParseFrom(body));
                break;
        }

        context.Response.ContentType = "application/x-protobuf";
    }

    private void Take(TracesRequest request)
    {
        foreach (var from in request.ResourceSpans)
        {
            var resource = Texts(from.Resource.Attributes);
            foreach (var span in from.ScopeSpans.SelectMany(s => s.Spans))
                Spans.Enqueue(new(span, resource));
        }
    }

    private void Take(MetricsRequest request)
    {
        foreach (var from in request.ResourceMetrics)
        {
            var resource = Texts(from.Resource.Attributes);
            foreach (var metric in from.ScopeMetrics.SelectMany(s => s.Metrics))
                Metrics.Enqueue((metric.Name, resource));
        }
    }

    private void Take(LogsRequest request)
    {
        foreach (var line in request.ResourceLogs.SelectMany(r => r.ScopeLogs).SelectMany(s => s.LogRecords))
            Logs.Enqueue(line.Body?.StringValue ?? "");
    }

    internal static IReadOnlyDictionary<string, string> Texts(IEnumerable<KeyValue> attributes) => attributes.ToDictionary(
        a => a.Key,
        a => a.Value.ValueCase == AnyValue.ValueOneofCase.IntValue ? a.Value.IntValue.ToString(CultureInfo.InvariantCulture) : a.Value.StringValue,
        StringComparer.Ordinal);
}

/// <summary>A span, with the attributes of what sent it.</summary>
public sealed class ReceivedSpan(Span span, IReadOnlyDictionary<string, string> resource)
{
    /// <summary>Of the service.</summary>
    public IReadOnlyDictionary<string, string> Resource => resource;

    /// <summary>Its own.</summary>
    public IReadOnlyDictionary<string, string> Attributes { get; } = OtlpReceiver.Texts(span.Attributes);

    /// <summary>As hexadecimal digits.</summary>
    public string TraceId { get; } = Hex(span.TraceId);

    /// <inheritdoc cref="TraceId"/>
    public string Id { get; } = Hex(span.SpanId);

    /// <summary>As hexadecimal digits; empty where it is the first of its trace.</summary>
    public string ParentId { get; } = Hex(span.ParentSpanId);

    /// <summary>What was done.</summary>
    public string Name => span.Name;

    /// <summary>1 internal, 2 server, 3 client.</summary>
    public int Kind => span.Kind;

    /// <summary>Whether it ended with an error.</summary>
    public bool Failed => span.Status?.Code == 2;

    /// <summary>What happened in it, in the order in which it was sent.</summary>
    public IReadOnlyList<(string Name, ulong At)> Events { get; } = [.. span.Events.Select(e => (e.Name, e.TimeUnixNano))];

    /// <summary>In nanoseconds since 1970.</summary>
    public ulong Start => span.StartTimeUnixNano;

    /// <inheritdoc cref="Start"/>
    public ulong End => span.EndTimeUnixNano;

    private static string Hex(ByteString bytes) => Convert.ToHexStringLower(bytes.Span);
}
