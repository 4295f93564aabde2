using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Wakegate.Interceptor.Tests;

/// <summary>A pod that does what a test says, and remembers what it was asked.</summary>
internal sealed class StubPod : IAsyncDisposable
{
    private readonly WebApplication app;

    private StubPod(WebApplication app) => this.app = app;

    public ConcurrentQueue<string> Seen { get; } = new();

    public IPEndPoint EndPoint
    {
        get
        {
            var address = new Uri(app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.First());
            return new IPEndPoint(IPAddress.Loopback, address.Port);
        }
    }

    public static Task<StubPod> StartAsync(HttpProtocols protocols = HttpProtocols.Http1) =>
        StartAsync(context => context.Response.WriteAsync("hello"), protocols);

    public static Task<StubPod> StartAsync(IPEndPoint endpoint) =>
        StartAsync(context => context.Response.WriteAsync("hello"), HttpProtocols.Http1, endpoint);

    public static async Task<StubPod> StartAsync(
        RequestDelegate handler, HttpProtocols protocols = HttpProtocols.Http1, IPEndPoint? endpoint = null, bool tls = false, X509Certificate2? certificate = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Limits.MinRequestBodyDataRate = null;
            kestrel.Listen(endpoint ?? new(IPAddress.Loopback, 0), listen =>
            {
                listen.Protocols = protocols;
                if (tls)
                {
                    // Offline, or it would look for its own issuer itself.
                    var own = SslStreamCertificateContext.Create(certificate ?? SelfSigned.Create("pod"), additionalCertificates: null, offline: true);
                    listen.UseHttps(new TlsHandshakeCallbackOptions { OnConnection = _ => new(new SslServerAuthenticationOptions { ServerCertificateContext = own }) });
                }
            });
        });
        var host = builder.Build();
        var pod = new StubPod(host);
        host.UseWebSockets();
        host.Run(context =>
        {
            pod.Seen.Enqueue($"{context.Request.Method} {context.Request.Path}");
            return handler(context);
        });
        await host.StartAsync();
        return pod;
    }

    public async ValueTask DisposeAsync()
    {
        await app.StopAsync(new CancellationToken(canceled: true));
        await app.DisposeAsync();
    }
}
