using Wakegate.Contracts.Triggers;

namespace Wakegate.Contracts.Tests.Triggers;

/// <summary>What a user reads when something is wrong, word by word.</summary>
public sealed class RefusalTests
{
    private const string GiveHosts = "give hosts such as shop.example.com, *.example.com or *, separated by commas.";
    private const string GiveHeaders = "give conditions such as X-Tenant=blue, or X-Tenant for any value, separated by commas.";

    [Theory]
    [InlineData("hosts", "", $"hosts \"\" is empty: {GiveHosts}")]
    [InlineData("hosts", "a.test,,b.test", $"hosts \"a.test,,b.test\" has an empty entry: {GiveHosts}")]
    [InlineData("hosts", "http://a.test", "hosts \"http://a.test\" has a scheme: give the host alone, such as shop.example.com.")]
    [InlineData("hosts", "a.test/api", "hosts \"a.test/api\" has a path: give the host alone, and the path in pathPrefixes.")]
    [InlineData("hosts", "a.test:http", "hosts \"a.test:http\" has a port that is none: leave the port out, for it is ignored.")]
    [InlineData("hosts", "2001:db8::1", "hosts \"2001:db8::1\" is an IPv6 address without brackets: write [2001:db8::1].")]
    [InlineData("hosts", "[::g]", "hosts \"[::g]\" is not an IPv6 address: write it as in [2001:db8::1].")]
    [InlineData("hosts", "a.*.test", "hosts \"a.*.test\" has a wildcard in a place where it cannot stand: use * only alone or as the whole first label, as in *.example.com.")]
    [InlineData("hosts", "a_b.test", "hosts \"a_b.test\" is not a host name: give labels of at most 63 letters, digits and inner hyphens, separated by dots.")]
    [InlineData("hosts", "10.0.0.256", "hosts \"10.0.0.256\" ends in a number but is not an IPv4 address: give a host name, or four numbers from 0 to 255.")]
    [InlineData("hosts", "bü\u200bcher..test", "hosts \"bü\u200bcher..test\" cannot be written as punycode: give the host as it stands in DNS, with xn-- labels.")]
    [InlineData("pathPrefixes", "", "pathPrefixes \"\" is empty: give paths such as /api, separated by commas, or leave it out.")]
    [InlineData("pathPrefixes", "/a,", "pathPrefixes \"/a,\" has an empty entry: give paths such as /api, separated by commas.")]
    [InlineData("pathPrefixes", "api", "pathPrefixes \"api\" does not start with a slash: write \"/api\".")]
    [InlineData("pathPrefixes", "/api?x=1", "pathPrefixes \"/api?x=1\" has a query or a fragment: give the path alone, which is all that is matched.")]
    [InlineData("pathPrefixes", "/api#top", "pathPrefixes \"/api#top\" has a query or a fragment: give the path alone, which is all that is matched.")]
    [InlineData("pathPrefixes", "/a%20b", "pathPrefixes \"/a%20b\" has an escape, a space or a control character: write the path as it is when decoded, without spaces.")]
    [InlineData("pathPrefixes", "/a/../b", "pathPrefixes \"/a/../b\" has a dot segment: write the path that it leads to.")]
    [InlineData("headers", "X Tenant=blue", $"headers \"X Tenant=blue\" is not a header condition: {GiveHeaders}")]
    [InlineData("headers", "=blue", $"headers \"=blue\" is not a header condition: {GiveHeaders}")]
    [InlineData("headers", "X-Tenant=bläu", $"headers \"X-Tenant=bläu\" is not a header condition: {GiveHeaders}")]
    [InlineData("headers", "X-Tenant=", "headers \"X-Tenant=\" has no value: write \"X-Tenant\" alone for any value.")]
    [InlineData("headers", "X-Tenant,x-tenant=b", "headers \"x-tenant=b\" names a header for the second time: give one condition for each header, for all must match.")]
    [InlineData("service", "Shop", "service \"Shop\" is not valid: give the name of a Service in the ScaledObject's namespace: at most 63 of a-z, 0-9 and -, starting with a letter and not ending with -.")]
    [InlineData("port", "99999", "port \"99999\" is out of range: give a number from 1 to 65535.")]
    [InlineData("port", "99999999999999999999999999999999999", "port \"99999999999999999999999999999999999\" is out of range: give a number from 1 to 65535.")]
    [InlineData("port", "0", "port \"0\" is out of range: give a number from 1 to 65535.")]
    [InlineData("port", "http", "port \"http\" is not a whole number: give a number from 1 to 65535.")]
    [InlineData("port", "80.5", "port \"80.5\" is not a whole number: give a number from 1 to 65535.")]
    [InlineData("portName", "http", "portName \"http\" stands beside port: give only one of the two.")]
    [InlineData("via", "Pods", "via \"Pods\" is not a choice: give pods or service.")]
    [InlineData("route", "a.b", "route \"a.b\" is not valid: give at most 63 of a-z, 0-9 and -, not starting or ending with -.")]
    [InlineData("targetPendingRequests", "0", "targetPendingRequests \"0\" is out of range: give a number from 0.001 to 1000000.")]
    [InlineData("targetPendingRequests", "-1", "targetPendingRequests \"-1\" is not a number: give a number from 0.001 to 1000000.")]
    [InlineData("targetPendingRequests", "1e3", "targetPendingRequests \"1e3\" is not a number: give a number from 0.001 to 1000000.")]
    [InlineData("targetRequestRate", "0", "targetRequestRate \"0\" is out of range: give a number from 0.001 to 1000000.")]
    [InlineData("requestRateWindow", "999ms", "requestRateWindow \"999ms\" is out of range: give a duration from 1s to 1h, such as 1m30s.")]
    [InlineData("readiness", "none", "readiness \"none\" is not a choice: give endpoints or probe.")]
    [InlineData("podConcurrency", "many", "podConcurrency \"many\" is not a whole number: give a number from 0 to 1000000.")]
    [InlineData("holdTimeout", "0", "holdTimeout \"0\" is out of range: give a duration from 1ms to 24h, such as 1m30s.")]
    [InlineData("holdTimeout", "120", "holdTimeout \"120\" is not a duration: give a duration from 1ms to 24h, such as 1m30s.")]
    [InlineData("maxHeldRequests", "0", "maxHeldRequests \"0\" is out of range: give a number from 1 to 1000000.")]
    [InlineData("responseTimeout", "-5s", "responseTimeout \"-5s\" is not a duration: give a duration from 0 to 24h, such as 1m30s.")]
    [InlineData("requestTimeout", "25h", "requestTimeout \"25h\" is out of range: give a duration from 0 to 24h, such as 1m30s.")]
    [InlineData("protocol", "grpc", "protocol \"grpc\" is not a choice: give auto, http1, h2c, https or https1.")]
    [InlineData("activityWindow", "2h", "activityWindow \"2h\" is out of range: give a duration from 1s to 1h, such as 1m30s.")]
    [InlineData("host", "a.test", "host \"a.test\" is not a known key: did you mean hosts?")]
    [InlineData("targetPendingRequest", "5", "targetPendingRequest \"5\" is not a known key: did you mean targetPendingRequests?")]
    [InlineData("HoldTimeOut", "5s", "HoldTimeOut \"5s\" is not a known key: did you mean holdTimeout?")]
    [InlineData(
        "zone",
        "a",
        "zone \"a\" is not a known key: remove it, or use one of hosts, pathPrefixes, headers, service, port, portName, via, route, "
            + "targetPendingRequests, targetRequestRate, requestRateWindow, readiness, podConcurrency, holdTimeout, maxHeldRequests, "
            + "responseTimeout, requestTimeout, protocol, activityWindow.")]
    [InlineData("routeFromEnv", "ROUTE", "routeFromEnv \"ROUTE\" is not supported, since KEDA resolves it for the scaler only: give route and its value instead.")]
    public void ABadValue_IsRefusedInWords(string key, string value, string message)
    {
        var parse = TriggerParser.Parse("store", "shop", Metadata.With(key, value));

        var refusal = Assert.Single(parse.Refusals);
        Assert.Equal(message, refusal.ToString());
        Assert.Equal(key, refusal.Key);
        Assert.Null(parse.Spec);
    }

    [Theory]
    [InlineData("hosts", $"hosts is missing: {GiveHosts}")]
    [InlineData("service", "service is missing: give the name of a Service in the ScaledObject's namespace: at most 63 of a-z, 0-9 and -, starting with a letter and not ending with -.")]
    [InlineData("port", "port is missing: give a number from 1 to 65535, or a portName.")]
    public void AMissingKey_IsRefusedInWords(string key, string message)
    {
        var parse = TriggerParser.Parse("store", "shop", Metadata.Without(key));

        Assert.Equal([message], parse.Refusals.Select(r => r.ToString()));
        Assert.Null(Assert.Single(parse.Refusals).Value);
    }

    [Fact]
    public void ALongOrUnprintableValue_IsCutAndEscaped()
    {
        var parse = TriggerParser.Parse("store", "shop", Metadata.With("via", $"po\nds{new string('x', 5000)}"));

        Assert.Equal($"via \"po\\u000ads{new string('x', 90)}…\" is not a choice: give pods or service.", Assert.Single(parse.Refusals).Message);
    }

    [Fact]
    public void AHostThatIsTooLong_IsRefusedInWords()
    {
        var parse = TriggerParser.Parse("store", "shop", Metadata.With("hosts", string.Join('.', Enumerable.Repeat("abcdefghi", 26))));

        Assert.EndsWith("…\" is longer than 253 characters: give a host that DNS can hold.", Assert.Single(parse.Refusals).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void PortName_MayStandForPort()
    {
        var metadata = new Dictionary<string, string>(Metadata.Without("port")) { ["portName"] = "http-of-the-internal-gateway" };

        Assert.Equal("http-of-the-internal-gateway", TriggerParser.Parse("store", "shop", metadata).Spec!.Port.ToString());
    }
}
