namespace Wakegate.Testing.Triggers;

/// <summary>Triggers that the parser takes, and the admission policy with it: the edges of every rule.</summary>
public static class GoodTrigger
{
    /// <summary>One key away from <see cref="Metadata.Minimal"/>.</summary>
    private static readonly (string Key, string Value)[] Values =
    [
        ("scalerAddress", "Wakegate-Scaler.wakegate.svc.cluster.local.:9090"),
        ("enableTLS", "no"),
        ("hosts", "SHOP.Test:8443"),
        ("hosts", "shop.test."),
        ("hosts", "localhost , *.Shop.test,*,*:80"),
        ("hosts", "bücher.example, *.BÜCHER.example, 例え。テスト"),
        ("hosts", "10.0.0.1:80, [2001:DB8:0:0::1]:8080, [::1]"),
        ("pathPrefixes", "/"),
        ("pathPrefixes", " /api/ , /a-b_c~d.e/Ü "),
        ("headers", "X-Tenant = blue, X-Beta, !#$%&'*+.^_`|~=\"'\\"),
        ("service", "a23456789012345678901234567890123456789012345678901234567890abc"),
        ("port", "1"),
        ("port", " 0065535 "),
        ("via", "service"),
        ("route", "1-a"),
        ("targetPendingRequests", "0.001"),
        ("targetPendingRequests", "1000000.000"),
        ("targetPendingRequests", "00000000000000000000000000000000000000000000000001"),
        ("targetRequestRate", "0.50000000000000000000000000000000000000000001"),
        ("requestRateWindow", "1s"),
        ("requestRateWindow", "3600s"),
        ("readiness", "probe"),
        ("podConcurrency", "0"),
        ("podConcurrency", "1000000"),
        ("holdTimeout", "1ms"),
        ("holdTimeout", "1000.0\u00b5s"),
        ("holdTimeout", "1000\u03bcs"),
        ("holdTimeout", ".001s"),
        ("holdTimeout", "1000000ns"),
        ("holdTimeout", "0000000000000000000000024h"),
        ("holdTimeout", "86400000000000ns"),
        ("holdTimeout", "24h99ns"),
        ("holdTimeout", "0.123456789h"),
        ("holdTimeout", "1440m"),
        ("maxHeldRequests", "1"),
        ("responseTimeout", "0"),
        ("requestTimeout", "0s0ms"),
        ("protocol", "https1"),
        ("activityWindow", "59m59.999s"),
    ];

    /// <summary>The one table of good triggers, each with all of its metadata.</summary>
    public static IReadOnlyList<IReadOnlyDictionary<string, string>> All { get; } =
    [
        Metadata.Minimal,
        .. Values.Select(value => Metadata.With(value.Key, value.Value)),
        new Dictionary<string, string>(Metadata.Without("port")) { ["portName"] = "http-of-the-internal-gateway" },
    ];
}
