using Grpc.Core;
using Wakegate.Testing;
using Wakegate.Testing.Ledger;
using Wakegate.Testing.Otlp;
using Wakegate.Testing.Redis;

namespace Wakegate.ExternalScaler.Tests;

public class TracingTests
{
    private const string TraceId = "1af7651916cd43dd8448eb211c80319c";
    private const string KedaSpan = "b7ad6b7169203331";

    [Fact(Timeout = 60_000)]
    public async Task CallsAndPushes_AreSpansAndStreamsAreNot()
    {
        await using var redis = await RedisServer.StartAsync();
        await using var replica = await LedgerHost.StartWriterAsync(redis.Address);
        await using var receiver = await OtlpReceiver.StartAsync();
        await using var scaler = await ScalerApp.StartAsync(redis.Address, receiver.Settings);
        using var keda = new KedaPeer(scaler.Grpc);
        await using var stream = keda.Open(KedaPeer.Object("traced"));
        await stream.OpenedAsync();
        replica.Track("traced").Enter();
        await stream.PushedAsync();
        var metadata = new Metadata { { "traceparent", $"00-{TraceId}-{KedaSpan}-01" } };
        await keda.Client.IsActiveAsync(KedaPeer.Object("traced"), metadata, cancellationToken: TestContext.Current.CancellationToken);
        await KedaPeer.RefusalAsync(async () => await keda.Client.GetMetricsAsync(new() { ScaledObjectRef = KedaPeer.Object("traced"), MetricName = "cpu" }, metadata, cancellationToken: TestContext.Current.CancellationToken));

        var calls = await receiver.TraceAsync(TraceId, 2);
        await Eventually.TrueAsync(() => receiver.Spans.Any(IsPush));
        var (active, push) = (calls.Single(c => c.Name.EndsWith("IsActive", StringComparison.Ordinal)), receiver.Spans.First(IsPush));

        Assert.Equal("externalscaler.ExternalScaler/IsActive", active.Name);
        Assert.Equal((2, KedaSpan, false), (active.Kind, active.ParentId, active.Failed));
        Assert.Equal(["rpc.grpc.status_code=0", "rpc.method=IsActive", "rpc.service=externalscaler.ExternalScaler", "rpc.system=grpc"], Text(active));
        Assert.Contains("rpc.grpc.status_code=3", Text(calls.Single(c => c != active)));
        Assert.Equal(
            ["rpc.method=StreamIsActive", "rpc.service=externalscaler.ExternalScaler", "rpc.system=grpc", "wakegate.push.cause=active", "wakegate.route=store/traced/traced"],
            Text(push));
        Assert.Equal("", push.ParentId);
        Assert.Equal("wakegate-scaler", push.Resource["service.name"]);
    }

    private static bool IsPush(ReceivedSpan span) => span.Attributes.GetValueOrDefault("wakegate.route") == "store/traced/traced";

    private static IEnumerable<string> Text(ReceivedSpan span) => span.Attributes.Select(a => $"{a.Key}={a.Value}").Order();
}
