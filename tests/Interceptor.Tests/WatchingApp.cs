using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Wakegate.Interceptor.Routing;
using Wakegate.Testing;

namespace Wakegate.Interceptor.Tests;

/// <summary>The real interceptor and a <see cref="ScriptedApi"/>, with a clock that the test moves.</summary>
internal sealed class WatchingApp : IAsyncDisposable
{
    private readonly WebApplication app;
    private readonly LogLines lines;

    private WatchingApp(WebApplication app, ScriptedApi api, FakeTimeProvider clock, LogLines lines)
    {
        this.app = app;
        this.lines = lines;
        Api = api;
        Clock = clock;
    }

    public ScriptedApi Api { get; }

    public FakeTimeProvider Clock { get; }

    public IServiceProvider Services => app.Services;

    public RouteTable Routes => app.Services.GetRequiredService<RouteTable>();

    /// <summary>What it has logged.</summary>
    public IEnumerable<string> Log => lines.Written;

    public static async Task<WatchingApp> StartAsync(Action<ScriptedApi> script, Action<WebApplicationBuilder, ScriptedApi>? configure = null)
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(56));
        var api = await ScriptedApi.StartAsync(clock);
        script(api);
        var log = new LogLines();
        string[] args =
        [
            "--Listen:Address=127.0.0.1", "--Listen:Port=0", "--Listen:AdminPort=0", "--Redis:ConnectionString=127.0.0.1:1", $"--Kubernetes:ServerAddress={api.Address}",
        ];
        var host = InterceptorHost.Build(args, builder =>
        {
            builder.Services.Replace(ServiceDescriptor.Singleton<TimeProvider>(clock));
            builder.Services.AddSingleton<IHostLifetime, QuietLifetime>();
            builder.Logging.ClearProviders();
            builder.Logging.AddProvider(log);
            configure?.Invoke(builder, api);
        });
        await host.StartAsync();
        return new(host, api, clock, log);
    }

    /// <summary>Started, and all has been read and is watched.</summary>
    public static async Task<WatchingApp> StartWatchingAsync(Action<ScriptedApi> script)
    {
        var started = await StartAsync(script);
        await started.PassUntilAsync(started.Watching);
        return started;
    }

    public bool Watching() => Routes.Complete && Api.Watches(ScriptedApi.Services) == 1 && Api.Watches(ScriptedApi.Slices) == 1 && Api.Watches(ScriptedApi.ScaledObjects) == 1;

    public Route? Find(string host, string path = "/") => Routes.Find(host, path, new HeaderDictionary());

    /// <summary>Lets time go by until something is so.</summary>
    public Task PassUntilAsync(Func<bool> condition) => Eventually.TrueAsync(() =>
    {
        if (condition())
        {
            return true;
        }

        Clock.Advance(TimeSpan.FromMilliseconds(200));
        return false;
    });

    /// <summary>Returns once everything that was sent before has been taken over.</summary>
    public async Task SettledAsync()
    {
        var witness = $"witness-{Guid.NewGuid():N}";
        Api.Send(ScriptedApi.ScaledObjects, "ADDED", KubernetesJson.ScaledObject(witness, $"{witness}.test", 1_000));
        await Eventually.TrueAsync(() => Find($"{witness}.test") is not null);
    }

    public async Task<string> ReadyzAsync()
    {
        using var client = new HttpClient();
        var address = app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.ElementAt(2);
        using var response = await client.GetAsync(new Uri($"{address}/readyz"), TestContext.Current.CancellationToken);
        return $"{(int)response.StatusCode} {await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)}";
    }

    /// <summary>A client's request.</summary>
    public async Task<string> GetAsync(string host)
    {
        using var client = new HttpClient { Timeout = Timeout.InfiniteTimeSpan };
        var address = app.Services.GetRequiredService<IServer>().Features.GetRequiredFeature<IServerAddressesFeature>().Addresses.ElementAt(1);
        using var request = new HttpRequestMessage(HttpMethod.Get, address) { Headers = { Host = host } };
        using var response = await client.SendAsync(request, TestContext.Current.CancellationToken);
        return $"{(int)response.StatusCode} {await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)}";
    }

    public async ValueTask DisposeAsync()
    {
        await app.StopAsync(new CancellationTokenSource(TimeSpan.FromSeconds(2)).Token);
        await app.DisposeAsync();
        await Api.DisposeAsync();
    }

    /// <summary>Signals of the test process are not the interceptor's.</summary>
    private sealed class QuietLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
