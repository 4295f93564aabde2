using System.Net;
using Wakegate.Contracts.Sockets;
using Wakegate.Contracts.Triggers;
using Wakegate.Interceptor.Forwarding;
using Yarp.ReverseProxy.Forwarder;

namespace Wakegate.Bench.Roles;

/// <summary>
/// YARP's forwarder in front of one upstream: setting <c>To</c>, with <c>H2c</c> over HTTP/2. As YARP's documentation shows it, but without the
/// propagation of activities, which we do without too, and with the headers that all proxies here set, unless <c>Forwarded</c> is false: the
/// baseline is the leanest there is that does the same work. Its sockets complete inline, as ours do, unless <c>InlineSockets</c> is false.
/// </summary>
internal static class BareForwarder
{
    public const string Role = "bare-yarp";

    public static WebApplication Build(string[] settings)
    {
        var builder = BareServer.CreateBuilder(settings);
        builder.Services.AddHttpForwarder();
        if (builder.Configuration.GetValue("InlineSockets", true))
            SocketThreads.CompleteInline();
        PodWindows.Limit();

        var app = builder.Build();
        var protocol = app.Configuration.GetValue("H2c", false) ? UpstreamProtocol.H2c : UpstreamProtocol.Http1;
        var transformer = app.Configuration.GetValue("Forwarded", true) ? new ForwardedTransformer() : HttpTransformer.Default;
        app.Run(Handler(app.Services.GetRequiredService<IHttpForwarder>(), app.Configuration["To"]!, protocol, transformer));
        return app;
    }

    /// <summary>The whole of it: awaits <c>SendAsync</c> once.</summary>
    public static RequestDelegate Handler(IHttpForwarder forwarder, string to, UpstreamProtocol protocol, HttpTransformer transformer)
    {
        var request = PodProtocol.For(protocol, upgrade: false, grpc: false).Request;
        var client = new HttpMessageInvoker(new SocketsHttpHandler
        {
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            EnableMultipleHttp2Connections = true,
            ActivityHeadersPropagator = null,
            ConnectTimeout = TimeSpan.FromSeconds(15),

            // The contestants' turns are further apart, and a connection that stays has grown its buffers.
            PooledConnectionIdleTimeout = PodClient.IdleTimeout,
        });
        return async context => await forwarder.SendAsync(context, to, client, request, transformer, CancellationToken.None);
    }
}
