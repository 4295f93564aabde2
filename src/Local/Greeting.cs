using Wakegate.Local.Cluster;
using Wakegate.Local.Manifests;

namespace Wakegate.Local;

/// <summary>What stands on the screen when everything is ready: what is where, and what to try.</summary>
internal static class Greeting
{
    public static string Of(LocalCluster cluster, LocalOptions options, IReadOnlyList<ManifestDocument> manifests)
    {
        var ports = options.Ports;
        var ready = FirstRequest.Curl(manifests, ports.Interceptor) is { } curl ? $"Ready. Try: {curl}" : "Ready.";
        return options.Quiet
            ? ready
            : $"""
                interceptor      127.0.0.1:{ports.Interceptor}
                live page        http://127.0.0.1:{ports.InterceptorAdmin}/
                Kubernetes API   127.0.0.1:{ports.Api} (kubectl --server http://127.0.0.1:{ports.Api} get scaledobjects,deployments,pods -A)
                scaler           127.0.0.1:{ports.Scaler} (admin: 127.0.0.1:{ports.ScalerAdmin})
                Redis            {cluster.RedisAddress}
                {ready}
                """;
    }
}
