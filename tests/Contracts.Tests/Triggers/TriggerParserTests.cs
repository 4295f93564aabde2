using Wakegate.Contracts.Triggers;
using Wakegate.Testing.Triggers;

namespace Wakegate.Contracts.Tests.Triggers;

public sealed class TriggerParserTests
{
    [Fact]
    public void OnlyTheRequiredKeys_GiveTheDocumentedDefaults()
    {
        var parse = TriggerParser.Parse("store", "shop", Metadata.Minimal);

        var expected = new RouteSpec
        {
            Id = new("store", "shop", "shop"),
            Hosts = [new(HostKind.Exact, "shop.test")],
            Service = "shop",
            Port = new(80, null),
            Scaling = new(),
        };
        Assert.Empty(parse.Refusals);
        Assert.Equivalent(expected, parse.Spec, strict: true);
    }

    [Fact]
    public void EveryKey_IsRead()
    {
        var parse = TriggerParser.Parse("store", "shop.v2", new Dictionary<string, string>
        {
            ["scalerAddress"] = "wakegate-scaler.wakegate:9090",
            ["hosts"] = " Shop.Example.com:8080, *.shop.example.com ,* ,shop.example.com",
            ["pathPrefixes"] = "/api/, /api, /",
            ["headers"] = "X-Tenant = blue, X-Beta",
            ["service"] = "shop",
            ["portName"] = "http",
            ["via"] = "service",
            ["route"] = "beta",
            ["targetPendingRequests"] = "0.5",
            ["targetRequestRate"] = "12.5",
            ["requestRateWindow"] = "1m30s",
            ["readiness"] = "probe",
            ["podConcurrency"] = "10",
            ["holdTimeout"] = "500ms",
            ["maxHeldRequests"] = "1000000",
            ["responseTimeout"] = "0",
            ["requestTimeout"] = "1h",
            ["protocol"] = "h2c",
            ["activityWindow"] = "30s",
        });

        var expected = new RouteSpec
        {
            Id = new("store", "shop.v2", "beta"),
            Hosts = [new(HostKind.Exact, "shop.example.com"), new(HostKind.Wildcard, "shop.example.com"), new(HostKind.Any, "")],
            PathPrefixes = ["/api", "/"],
            Headers = [new("X-Tenant", "blue"), new("X-Beta", null)],
            Service = "shop",
            Port = new(null, "http"),
            Via = Via.Service,
            Readiness = Readiness.Probe,
            PodConcurrency = 10,
            HoldTimeout = TimeSpan.FromMilliseconds(500),
            MaxHeldRequests = 1_000_000,
            ResponseTimeout = TimeSpan.Zero,
            RequestTimeout = TimeSpan.FromHours(1),
            Protocol = UpstreamProtocol.H2c,
            Scaling = new()
            {
                TargetPendingRequests = 0.5,
                TargetRequestRate = 12.5,
                RequestRateWindow = TimeSpan.FromSeconds(90),
                ActivityWindow = TimeSpan.FromSeconds(30),
            },
        };
        Assert.Empty(parse.Refusals);
        Assert.Equivalent(expected, parse.Spec, strict: true);
    }

    [Fact]
    public void AGoodTrigger_IsTaken() =>
        Assert.All(GoodTrigger.All, metadata => Assert.Empty(TriggerParser.Parse("store", "shop", metadata).Refusals));

    [Fact]
    public void OnlyARate_LeavesPendingRequestsWithoutTarget()
    {
        var parse = TriggerParser.Parse("store", "shop", Metadata.With("targetRequestRate", "20"));

        Assert.Null(parse.Spec!.Scaling.TargetPendingRequests);
        Assert.Equal(20, parse.Spec.Scaling.TargetRequestRate);
    }

    [Fact]
    public void SeveralFaults_AreRefusedTogetherInTheTablesOrder()
    {
        var parse = TriggerParser.Parse("store", "shop", new Dictionary<string, string>
        {
            ["zone"] = "a",
            ["via"] = "mesh",
            ["hosts"] = "ok.test, no way",
            ["port"] = "0",
        });

        Assert.Null(parse.Spec);
        Assert.Equal(["hosts", "service", "port", "via", "zone"], parse.Refusals.Select(r => r.Key));
        Assert.Equal([new HostPattern(HostKind.Exact, "ok.test")], parse.Hosts);
    }

    [Fact]
    public void RefusedRoute_LeavesTheScaledObjectsName()
    {
        var parse = TriggerParser.Parse("store", "shop", Metadata.With("route", "no/good"));

        Assert.Equal("shop", parse.Route);
    }

    [Fact]
    public void TheScaler_ReadsNothingButItsOwnKeys()
    {
        var parse = TriggerParser.ParseScaling("store", "shop", new Dictionary<string, string>
        {
            ["hosts"] = "no way",
            ["zone"] = "a",
            ["route"] = "beta",
            ["targetPendingRequests"] = "none",
            ["activityWindow"] = "20s",
        });

        Assert.Equal("beta", parse.Route);
        Assert.Equal(["targetPendingRequests"], parse.Refusals.Select(r => r.Key));
        Assert.Equal(new ScalingSpec { TargetPendingRequests = 100, ActivityWindow = TimeSpan.FromSeconds(20) }, parse.Scaling);
    }

    [Theory]
    [InlineData("external-push", "wakegate-scaler.wakegate:9090", true)]
    [InlineData("external", "wakegate-scaler.wakegate.svc:9090", true)]
    [InlineData("external-push", "Wakegate-Scaler.wakegate.svc.cluster.local:9090", true)]
    [InlineData("external-push", " wakegate-scaler.wakegate.svc.corp.internal.:9090 ", true)]
    [InlineData("external-push", "wakegate-scaler.wakegate:9091", false)]
    [InlineData("external-push", "wakegate-scaler.other:9090", false)]
    [InlineData("external-push", "wakegate-scaler.wakegate", false)]
    [InlineData("external-push", null, false)]
    [InlineData("cron", "wakegate-scaler.wakegate:9090", false)]
    public void ATrigger_IsOursByTypeAndAddress(string type, string? address, bool ours)
    {
        Assert.Equal(ours, TriggerParser.IsOurs(type, address, "wakegate-scaler.wakegate:9090"));
        Assert.Equal(ours, TriggerParser.IsOurs(type, address, "wakegate-scaler.wakegate.svc.cluster.local:9090"));
    }
}
