using System.Net;
using Wakegate.Contracts.Sockets;
using Yarp.ReverseProxy.Forwarder;

namespace Wakegate.Bench.Roles;

/// <summary>
/// YARP's forwarder in front of one upstream: setting <c>To</c>, with <c>H2c</c> over HTTP/2. As YARP's documentation shows it, but without the
/// propagation of activities, which we do without too, and with the headers that all proxies here set, unless <c>Forwarded</c> is false: the
/// baseline is the leanest there is that does the same work. Its sockets go on as .NET has them do, or, with <c>SocketsAtOnce</c>, as ours do.
/// </summary>
internal static class BareForwarder
{
    public const string Role = "bare-yarp";

    public static WebApplication Build(string[] settings)
    {
        var builder = BareServer.CreateBuilder(settings);
        builder.Services.AddHttpForwarder();
        if (builder.Configuration.GetValue("SocketsAtOnce", false))
            SocketThreads.GoOnAtOnce();

        var app = builder.Build();
        var request = app.Configuration.GetValue("H2c", false)
            ? new ForwarderRequestConfig { Version = HttpVersion.Version20, VersionPolicy = HttpVersionPolicy.RequestVersionExact }
            : new ForwarderRequestConfig { Version = HttpVersion.Version11, VersionPolicy = HttpVersionPolicy.RequestVersionExact };
        var transformer = app.Configuration.GetValue("Forwarded", true) ? new ForwardedTransformer() : HttpTransformer.Default;
        var handler = Handler(app.Services.GetRequiredService<IHttpForwarder>(), app.Configuration["To"]!, request, transformer);
        app.Run(handler);
        return app;
    }

    /// <summary>The whole of it: awaits <c>SendAsync</c> once.</summary>
    public static RequestDelegate Handler(IHttpForwarder forwarder, string to, ForwarderRequestConfig request, HttpTransformer transformer)
    {
        var client = new HttpMessageInvoker(new SocketsHttpHandler
        {
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            EnableMultipleHttp2Connections = true,
            ActivityHeadersPropagator = null,
            ConnectTimeout = TimeSpan.FromSeconds(15),
        });
        return async context => await forwarder.SendAsync(context, to, client, request, transformer, CancellationToken.None);
    }
}
