using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Wakegate.Upstream.Hosting;

namespace Wakegate.Upstream.Tests;

/// <summary>The workload on a free port, with a clock that stands still.</summary>
internal sealed class UpstreamApp : IAsyncDisposable
{
    private readonly WebApplication app;
    private GrpcChannel? channel;
    private HttpClient? client;

    private UpstreamApp(string[] settings)
    {
        app = UpstreamHost.Build(["--PORT=0", "--POD_NAME=pod-1", .. settings], builder =>
        {
            builder.Services.Replace(ServiceDescriptor.Singleton<TimeProvider>(Clock));
            builder.Logging.ClearProviders();
        });
        Starting = app.StartAsync(TestContext.Current.CancellationToken);
    }

    public FakeTimeProvider Clock { get; } = new();

    public Task Starting { get; }

    public Uri Address => new(app.Urls.Single());

    public HttpClient Client => client ??= new HttpClient(new SocketsHttpHandler { Expect100ContinueTimeout = Timeout.InfiniteTimeSpan }) { BaseAddress = Address };

    public GrpcChannel Channel => channel ??= GrpcChannel.ForAddress(Address);

    public static async Task<UpstreamApp> StartAsync(params string[] settings)
    {
        var upstream = Begin(settings);
        await upstream.Starting;
        return upstream;
    }

    public static UpstreamApp Begin(params string[] settings) => new(settings);

    public Task<HttpResponseMessage> GetAsync(string path) => Client.GetAsync(
        new Uri(path, UriKind.Relative), HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);

    /// <summary>As SIGTERM does: stops accepting, lets requests finish, ends.</summary>
    public Task StopAsync() => app.StopAsync(TestContext.Current.CancellationToken);

    public async ValueTask DisposeAsync()
    {
        channel?.Dispose();
        client?.Dispose();
        await app.DisposeAsync();
    }
}
