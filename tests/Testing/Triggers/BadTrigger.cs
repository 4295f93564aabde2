namespace Wakegate.Testing.Triggers;

/// <summary>What the admission policy does with a trigger that the parser refuses.</summary>
public enum Policy
{
    /// <summary>Refuses it, and says what the parser says.</summary>
    InTheSameWords,

    /// <summary>Refuses it, naming the key and the value.</summary>
    InOtherWords,

    /// <summary>Takes it: CEL cannot see what is wrong.</summary>
    Blind,
}

/// <summary>A value that no trigger may have.</summary>
/// <param name="Key">The key; the rest of the trigger is <see cref="Metadata.Minimal"/>.</param>
/// <param name="Value">Its value; null where the key is missing.</param>
/// <param name="Message">What the parser says of it.</param>
/// <param name="Policy">What the admission policy does.</param>
public sealed record BadTrigger(string Key, string? Value, string Message, Policy Policy = Policy.InTheSameWords)
{
    private const string GiveHosts = "give hosts such as shop.example.com, *.example.com or *, separated by commas.";
    private const string GiveHeaders = "give conditions such as X-Tenant=blue, or X-Tenant for any value, separated by commas.";

    private const string GiveService =
        "give the name of a Service in the ScaledObject's namespace: at most 63 of a-z, 0-9 and -, starting with a letter and not ending with -.";

    private const string Names =
        "hosts, pathPrefixes, headers, service, port, portName, via, route, targetPendingRequests, targetRequestRate, requestRateWindow, readiness, "
        + "podConcurrency, holdTimeout, maxHeldRequests, responseTimeout, requestTimeout, protocol, activityWindow";

    /// <summary>The one table of bad triggers, for the parser and for the admission policy.</summary>
    public static IReadOnlyList<BadTrigger> All { get; } =
    [
        new("hosts", null, $"hosts is missing: {GiveHosts}"),
        new("service", null, $"service is missing: {GiveService}"),
        new("port", null, "port is missing: give a number from 1 to 65535, or a portName."),
        new("hosts", "", $"hosts \"\" is empty: {GiveHosts}"),
        new("hosts", "a.test,,b.test", $"hosts \"a.test,,b.test\" has an empty entry: {GiveHosts}"),
        new("hosts", "http://a.test", "hosts \"http://a.test\" has a scheme: give the host alone, such as shop.example.com.", Policy.InOtherWords),
        new("hosts", "a.test/api", "hosts \"a.test/api\" has a path: give the host alone, and the path in pathPrefixes.", Policy.InOtherWords),
        new("hosts", "a.test:http", "hosts \"a.test:http\" has a port that is none: leave the port out, for it is ignored.", Policy.InOtherWords),
        new("hosts", "2001:db8::1", "hosts \"2001:db8::1\" is an IPv6 address without brackets: write [2001:db8::1].", Policy.InOtherWords),
        new("hosts", "[::g]", "hosts \"[::g]\" is not an IPv6 address: write it as in [2001:db8::1].", Policy.Blind),
        new("hosts", "a.*.test", "hosts \"a.*.test\" has a wildcard in a place where it cannot stand: use * only alone or as the whole first label, as in *.example.com.", Policy.InOtherWords),
        new("hosts", "a_b.test", "hosts \"a_b.test\" is not a host name: give labels of at most 63 letters, digits and inner hyphens, separated by dots.", Policy.InOtherWords),
        new("hosts", "10.0.0.256", "hosts \"10.0.0.256\" ends in a number but is not an IPv4 address: give a host name, or four numbers from 0 to 255.", Policy.Blind),
        new("hosts", "bü\u200bcher..test", "hosts \"bü\u200bcher..test\" cannot be written as punycode: give the host as it stands in DNS, with xn-- labels.", Policy.InOtherWords),
        new("pathPrefixes", "", "pathPrefixes \"\" is empty: give paths such as /api, separated by commas, or leave it out."),
        new("pathPrefixes", "/a,", "pathPrefixes \"/a,\" has an empty entry: give paths such as /api, separated by commas."),
        new("pathPrefixes", "api", "pathPrefixes \"api\" does not start with a slash: write \"/api\".", Policy.InOtherWords),
        new("pathPrefixes", "/api?x=1", "pathPrefixes \"/api?x=1\" has a query or a fragment: give the path alone, which is all that is matched.", Policy.InOtherWords),
        new("pathPrefixes", "/api#top", "pathPrefixes \"/api#top\" has a query or a fragment: give the path alone, which is all that is matched.", Policy.InOtherWords),
        new("pathPrefixes", "/a%20b", "pathPrefixes \"/a%20b\" has an escape, a space or a control character: write the path as it is when decoded, without spaces.", Policy.InOtherWords),
        new("pathPrefixes", "/a/../b", "pathPrefixes \"/a/../b\" has a dot segment: write the path that it leads to.", Policy.Blind),
        new("headers", "X Tenant=blue", $"headers \"X Tenant=blue\" is not a header condition: {GiveHeaders}", Policy.InOtherWords),
        new("headers", "=blue", $"headers \"=blue\" is not a header condition: {GiveHeaders}", Policy.InOtherWords),
        new("headers", "X-Tenant=bläu", $"headers \"X-Tenant=bläu\" is not a header condition: {GiveHeaders}", Policy.InOtherWords),
        new("headers", "X-Tenant=", "headers \"X-Tenant=\" has no value: write \"X-Tenant\" alone for any value.", Policy.InOtherWords),
        new("headers", "X-Tenant,x-tenant=b", "headers \"x-tenant=b\" names a header for the second time: give one condition for each header, for all must match.", Policy.Blind),
        new("service", "Shop", $"service \"Shop\" is not valid: {GiveService}"),
        new("port", "99999", "port \"99999\" is out of range: give a number from 1 to 65535."),
        new("port", "99999999999999999999999999999999999", "port \"99999999999999999999999999999999999\" is out of range: give a number from 1 to 65535."),
        new("targetRequestRate", "99999999999999999999999999999999999", "targetRequestRate \"99999999999999999999999999999999999\" is out of range: give a number from 0.001 to 1000000."),
        new("holdTimeout", "9999999999h", "holdTimeout \"9999999999h\" is out of range: give a duration from 1ms to 24h, such as 1m30s."),
        new("holdTimeout", "24h100ns", "holdTimeout \"24h100ns\" is out of range: give a duration from 1ms to 24h, such as 1m30s."),
        new("holdTimeout", "999us", "holdTimeout \"999us\" is out of range: give a duration from 1ms to 24h, such as 1m30s."),
        new("via", "", "via \"\" is empty: give pods or service, or leave it out."),
        new("maxHeldRequests", " ", "maxHeldRequests \"\" is empty: give a number from 1 to 1000000, or leave it out."),
        new("service", "a23456789012345678901234567890123456789012345678901234567890abcd",
            $"service \"a23456789012345678901234567890123456789012345678901234567890abcd\" is not valid: {GiveService}"),
        new("port", "0", "port \"0\" is out of range: give a number from 1 to 65535."),
        new("port", "http", "port \"http\" is not a whole number: give a number from 1 to 65535."),
        new("port", "80.5", "port \"80.5\" is not a whole number: give a number from 1 to 65535."),
        new("portName", "http", "portName \"http\" stands beside port: give only one of the two."),
        new("via", "Pods", "via \"Pods\" is not a choice: give pods or service."),
        new("route", "a.b", "route \"a.b\" is not valid: give at most 63 of a-z, 0-9 and -, not starting or ending with -."),
        new("targetPendingRequests", "0", "targetPendingRequests \"0\" is out of range: give a number from 0.001 to 1000000."),
        new("targetPendingRequests", "-1", "targetPendingRequests \"-1\" is not a number: give a number from 0.001 to 1000000."),
        new("targetPendingRequests", "1e3", "targetPendingRequests \"1e3\" is not a number: give a number from 0.001 to 1000000."),
        new("targetRequestRate", "0", "targetRequestRate \"0\" is out of range: give a number from 0.001 to 1000000."),
        new("requestRateWindow", "999ms", "requestRateWindow \"999ms\" is out of range: give a duration from 1s to 1h, such as 1m30s."),
        new("readiness", "none", "readiness \"none\" is not a choice: give endpoints or probe."),
        new("podConcurrency", "many", "podConcurrency \"many\" is not a whole number: give a number from 0 to 1000000."),
        new("holdTimeout", "0", "holdTimeout \"0\" is out of range: give a duration from 1ms to 24h, such as 1m30s."),
        new("holdTimeout", "120", "holdTimeout \"120\" is not a duration: give a duration from 1ms to 24h, such as 1m30s."),
        new("maxHeldRequests", "0", "maxHeldRequests \"0\" is out of range: give a number from 1 to 1000000."),
        new("responseTimeout", "-5s", "responseTimeout \"-5s\" is not a duration: give a duration from 0 to 24h, such as 1m30s."),
        new("requestTimeout", "25h", "requestTimeout \"25h\" is out of range: give a duration from 0 to 24h, such as 1m30s."),
        new("protocol", "grpc", "protocol \"grpc\" is not a choice: give auto, http1, h2c, https or https1."),
        new("activityWindow", "2h", "activityWindow \"2h\" is out of range: give a duration from 1s to 1h, such as 1m30s."),
        new("host", "a.test", "host \"a.test\" is not a known key: did you mean hosts?", Policy.InOtherWords),
        new("targetPendingRequest", "5", "targetPendingRequest \"5\" is not a known key: did you mean targetPendingRequests?", Policy.InOtherWords),
        new("HoldTimeOut", "5s", "HoldTimeOut \"5s\" is not a known key: did you mean holdTimeout?", Policy.InOtherWords),
        new("zone", "a", $"zone \"a\" is not a known key: remove it, or use one of {Names}."),
        new("routeFromEnv", "ROUTE", "routeFromEnv \"ROUTE\" is not supported, since KEDA resolves it for the scaler only: give route and its value instead."),
    ];

    /// <summary>The whole trigger's metadata.</summary>
    public IReadOnlyDictionary<string, string> Metadata => Value is null ? Triggers.Metadata.Without(Key) : Triggers.Metadata.With(Key, Value);
}
