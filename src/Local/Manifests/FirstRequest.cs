using System.Text.Json.Nodes;
using Wakegate.Contracts.Triggers;

namespace Wakegate.Local.Manifests;

/// <summary>The <c>curl</c> that a newcomer can try: it reaches the first workload that speaks plain HTTP.</summary>
internal static class FirstRequest
{
    /// <summary>The command, or null where no manifest has such a workload.</summary>
    public static string? Curl(IReadOnlyList<ManifestDocument> documents, int port)
    {
        var grpc = documents.Where(d => d.Kind == "Service" && SpeaksHttp2(d)).Select(d => (d.Namespace, d.Name)).ToHashSet();
        var spec = documents.SelectMany(Routes)
            .FirstOrDefault(route => route.Headers.Count == 0 && route.Protocol is UpstreamProtocol.Auto or UpstreamProtocol.Http1 && !grpc.Contains((route.Id.Namespace, route.Service)));
        if (spec is null)
            return null;

        // curl takes *.localhost to be this machine, whatever DNS says.
        var host = spec.Hosts[0] is { Kind: HostKind.Any } ? "localhost" : spec.Hosts[0].ToString().Replace("*", "www", StringComparison.Ordinal);
        return host == "localhost" || host.EndsWith(".localhost", StringComparison.Ordinal)
            ? $"curl http://{host}:{port}{spec.PathPrefixes[0]}"
            : $"curl -H 'Host: {host}' http://127.0.0.1:{port}{spec.PathPrefixes[0]}";
    }

    private static bool SpeaksHttp2(ManifestDocument service) =>
        service.Json["spec"]?["ports"] is JsonArray ports && ports.Any(port => (string?)port?["appProtocol"] is "kubernetes.io/h2c" or "grpc" or "http2");

    private static IEnumerable<RouteSpec> Routes(ManifestDocument document) =>
        document.Kind != "ScaledObject" || document.Json["spec"]?["triggers"] is not JsonArray triggers
            ? []
            : triggers.Select(trigger => Metadata(trigger?["metadata"]))
                .Select(metadata => TriggerParser.Parse(document.Namespace, document.Name, metadata).Spec)
                .OfType<RouteSpec>();

    private static Dictionary<string, string> Metadata(JsonNode? metadata) =>
        (metadata as JsonObject ?? []).ToDictionary(pair => pair.Key, pair => pair.Value?.ToString() ?? "", StringComparer.Ordinal);
}
