using System.Net;
using Microsoft.AspNetCore.Http.Features;
using Wakegate.Contracts.Triggers;
using Yarp.ReverseProxy.Forwarder;

namespace Wakegate.Interceptor.Forwarding;

/// <summary>How a pod is spoken to for one request.</summary>
internal sealed class PodProtocol
{
    private static readonly PodProtocol Http1 = new("HTTP/1.1", 1, tls: false, HttpVersion.Version11, HttpVersionPolicy.RequestVersionExact);
    private static readonly PodProtocol H2c = new("HTTP/2 in clear text (h2c)", 2, tls: false, HttpVersion.Version20, HttpVersionPolicy.RequestVersionExact);
    private static readonly PodProtocol Https = new("HTTPS", 4, tls: true, HttpVersion.Version20, HttpVersionPolicy.RequestVersionOrLower);
    private static readonly PodProtocol Https1 = new("HTTPS", 4, tls: true, HttpVersion.Version11, HttpVersionPolicy.RequestVersionExact);

    private PodProtocol(string name, int bit, bool tls, Version version, HttpVersionPolicy policy)
    {
        (Name, Bit, Tls) = (name, bit, tls);

        // Time-outs are ours (ForwardDeadline): YARP's would cut idle WebSockets and streams.
        Request = new ForwarderRequestConfig { Version = version, VersionPolicy = policy, ActivityTimeout = Timeout.InfiniteTimeSpan };
    }

    public string Name { get; }

    /// <summary>Its place in a set of protocols.</summary>
    public int Bit { get; }

    public bool Tls { get; }

    /// <summary>Whether requests share a connection.</summary>
    public bool Shares => Request.Version!.Major == 2;

    public ForwarderRequestConfig Request { get; }

    /// <param name="protocol">What the trigger or the Service's port says; <see cref="UpstreamProtocol.Auto"/> where neither does.</param>
    /// <param name="upgrade">Whether the request is for a WebSocket or the like, which needs HTTP/1.1.</param>
    /// <param name="grpc">Whether it is a gRPC call, which needs HTTP/2.</param>
    public static PodProtocol For(UpstreamProtocol protocol, bool upgrade, bool grpc)
    {
        var tls = protocol is UpstreamProtocol.Https or UpstreamProtocol.Https1;
        if (upgrade)
        {
            return tls ? Https1 : Http1;
        }

        return protocol switch
        {
            UpstreamProtocol.H2c => H2c,
            UpstreamProtocol.Https => Https,
            UpstreamProtocol.Https1 => Https1,
            UpstreamProtocol.Auto when grpc => H2c,
            _ => Http1,
        };
    }

    public static bool IsGrpc(HttpRequest request) =>
        request.ContentType is { } type
        && type.StartsWith("application/grpc", StringComparison.OrdinalIgnoreCase)
        && !type.StartsWith("application/grpc-web", StringComparison.OrdinalIgnoreCase);

    /// <summary>
    /// A WebSocket, over HTTP/1.1 or by HTTP/2's extended CONNECT, or a SPDY connection: what YARP switches protocols for. Other offers of an upgrade, as
    /// some clients make one of h2c with every request, are not passed on.
    /// </summary>
    /// <remarks>A feature that is not there is looked for everywhere, so each is asked for where it can be.</remarks>
    public static bool IsUpgrade(HttpContext context) =>
        HttpProtocol.IsHttp2(context.Request.Protocol)
            ? HttpMethods.IsConnect(context.Request.Method) && context.Features.Get<IHttpExtendedConnectFeature>() is { IsExtendedConnect: true }
            : IsSwitched(context.Request.Headers.Upgrade.ToString()) && context.Features.Get<IHttpUpgradeFeature>() is { IsUpgradableRequest: true };

    private static bool IsSwitched(string upgrade) =>
        upgrade.Equals("websocket", StringComparison.OrdinalIgnoreCase) || upgrade.StartsWith("SPDY/", StringComparison.OrdinalIgnoreCase);
}
