namespace Wakegate.Contracts.Triggers;

/// <summary>The one table of a trigger's keys: the parser reads by it, and the documentation and the admission policy are made from it.</summary>
public static class TriggerKeys
{
    /// <summary>An RFC 1035 label, what a Service's name must be.</summary>
    private const string ServiceName = "^[a-z]([-a-z0-9]*[a-z0-9])?$";

    /// <summary>An RFC 1123 label, what the name of a Service's port must be.</summary>
    private const string Label = "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$";

    /// <summary>
    /// What every host matches that <see cref="HostPatterns"/> takes, which knows more: IDN, lengths, addresses. Of ASCII only letters, digits,
    /// hyphens and dots.
    /// </summary>
    private const string RoughlyAHost = @"^(\*|(\*\.)?[^\x00-,./:-@\[-`{-\x7f]+(\.[^\x00-,./:-@\[-`{-\x7f]+)*\.?|\[.+\])(:[0-9]+)?$";

    // Counts of requests fit PendingCounts, which has 20 bits for them.
    private const int MostRequests = 1_000_000;

    // KEDA hands targets to the HPA in thousandths: less would become zero.
    private const decimal LeastTarget = 0.001m;

    private static readonly TimeSpan Day = TimeSpan.FromDays(1);
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Millisecond = TimeSpan.FromMilliseconds(1);

    public static TriggerKey Hosts { get; } = TriggerKey.List(
        "hosts",
        "comma-separated hosts: exact, `*.example.com` (any depth, not the bare domain), or `*`; case-insensitive, port ignored, IDN as punycode",
        "give hosts such as shop.example.com, *.example.com or *, separated by commas",
        pattern: RoughlyAHost,
        required: true);

    public static TriggerKey PathPrefixes { get; } = TriggerKey.List(
        "pathPrefixes",
        "comma-separated, on whole segments: `/health` does not match `/healthz`",
        "give paths such as /api, separated by commas",
        @default: "/",
        pattern: @"^/[^?#%\x00-\x20\x7f]*$");

    public static TriggerKey Headers { get; } = TriggerKey.List(
        "headers",
        "comma-separated `Name=value`, or `Name` for \"present\"; all must match",
        "give conditions such as X-Tenant=blue, or X-Tenant for any value, separated by commas",
        pattern: @"^[-!#$%&'*+.^_`|~0-9A-Za-z]+[\t ]*(=[\t ]*[\x21-\x7e]([\t\x20-\x7e]*[\x21-\x7e])?)?$");

    public static TriggerKey Service { get; } = TriggerKey.Text(
        "service",
        "a Service in the ScaledObject's namespace",
        ServiceName,
        63,
        "give the name of a Service in the ScaledObject's namespace: at most 63 of a-z, 0-9 and -, starting with a letter and not ending with -",
        required: true);

    public static TriggerKey Port { get; } =
        TriggerKey.WholeNumber("port", "the Service's port, by number; this or `portName`", @default: null, 1, 65535);

    public static TriggerKey PortName { get; } = TriggerKey.Text(
        "portName",
        "the Service's port, by name; this or `port`",
        Label,
        63,
        "give the name of one of the Service's ports: at most 63 of a-z, 0-9 and -, not starting or ending with -");

    public static TriggerKey Via { get; } = TriggerKey.Choice(
        "via", "`pods`: straight to a ready pod; `service`: to the Service's cluster IP, for a mesh that needs it", "pods", "service");

    public static TriggerKey Route { get; } = TriggerKey.Text(
        "route",
        "tells two of our triggers on one ScaledObject apart; by default the ScaledObject's name",
        Label,
        63,
        "give at most 63 of a-z, 0-9 and -, not starting or ending with -");

    public static TriggerKey TargetPendingRequests { get; } = TriggerKey.Number(
        "targetPendingRequests", "wanted pending requests (held + in flight) a pod; the default holds where no rate is given", "100", LeastTarget, MostRequests);

    public static TriggerKey TargetRequestRate { get; } =
        TriggerKey.Number("targetRequestRate", "wanted requests per second a pod", @default: null, LeastTarget, MostRequests);

    public static TriggerKey RequestRateWindow { get; } =
        TriggerKey.Duration("requestRateWindow", "the sliding window of `targetRequestRate`", "60s", Second, Hour);

    public static TriggerKey Readiness { get; } = TriggerKey.Choice(
        "readiness",
        "`endpoints`: a pod takes traffic when its EndpointSlice says ready; `probe`: as soon as its own readinessProbe, run by us, succeeds",
        "endpoints",
        "probe");

    public static TriggerKey PodConcurrency { get; } = TriggerKey.WholeNumber(
        "podConcurrency", "hard limit of requests in flight to one pod, over all interceptors; the rest wait in the queue; `0`: no limit", "0", 0, MostRequests);

    public static TriggerKey HoldTimeout { get; } =
        TriggerKey.Duration("holdTimeout", "longest wait for a ready pod, then 504 (or the fallback)", "120s", Millisecond, Day);

    public static TriggerKey MaxHeldRequests { get; } = TriggerKey.WholeNumber(
        "maxHeldRequests", "held at once for this route in one interceptor; the next gets 503 with Retry-After", "10000", 1, MostRequests);

    public static TriggerKey ResponseTimeout { get; } =
        TriggerKey.Duration("responseTimeout", "until response headers; `0` none", "300s", TimeSpan.Zero, Day);

    public static TriggerKey RequestTimeout { get; } =
        TriggerKey.Duration("requestTimeout", "the whole exchange; `0` none", "0", TimeSpan.Zero, Day);

    public static TriggerKey Protocol { get; } = TriggerKey.Choice(
        "protocol",
        "`auto`: the Service port's appProtocol; without one h2c for `application/grpc` requests, http1 for all others",
        "auto",
        "http1",
        "h2c",
        "https",
        "https1");

    public static TriggerKey ActivityWindow { get; } =
        TriggerKey.Duration("activityWindow", "how long after its last request a route still counts as active", "10s", Second, Hour);

    /// <summary>Every key, in the order in which they are documented and refused.</summary>
    public static IReadOnlyList<TriggerKey> All { get; } =
    [
        Hosts, PathPrefixes, Headers, Service, Port, PortName, Via, Route, TargetPendingRequests, TargetRequestRate, RequestRateWindow,
        Readiness, PodConcurrency, HoldTimeout, MaxHeldRequests, ResponseTimeout, RequestTimeout, Protocol, ActivityWindow,
    ];

    /// <summary>Keys that KEDA's external scaler reads for itself, up to 2.20; we take and ignore them.</summary>
    public static IReadOnlyList<string> OfKeda { get; } =
        ["scalerAddress", "tlsCertFile", "caCert", "tlsClientCert", "tlsClientKey", "unsafeSsl", "enableTLS"];
}
