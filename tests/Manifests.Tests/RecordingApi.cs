using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Wakegate.Local.Api;

namespace Wakegate.Manifests.Tests;

/// <summary>Stands before Local's Kubernetes API and keeps what it is asked. Secrets, which that does not have, it has itself.</summary>
internal sealed class RecordingApi : IAsyncDisposable
{
    private readonly WebApplication proxy;
    private readonly ConcurrentDictionary<Request, bool> asked = new();

    private RecordingApi(WebApplication proxy, InMemoryApi api)
    {
        this.proxy = proxy;
        Api = api;
    }

    public InMemoryApi Api { get; }

    public Uri Address => new(proxy.Urls.Single());

    public IReadOnlySet<Request> Asked => asked.Keys.ToHashSet();

    /// <summary>Bodies of the Secrets that were made, by path.</summary>
    public ConcurrentDictionary<string, string> Secrets { get; } = new(StringComparer.Ordinal);

    public static async Task<RecordingApi> StartAsync()
    {
        var api = await InMemoryApi.StartAsync(new(IPAddress.Loopback, 0), TimeProvider.System);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Services.AddHttpForwarder();
        var app = builder.Build();
        var recording = new RecordingApi(app, api);
        app.Use(next => async context =>
        {
            var watch = context.Request.Query["watch"] == "true";
            var request = Request.Of(context.Request.Method, context.Request.Path, watch);
            if (watch)
                recording.asked.TryAdd(request, true);

            // All but a watch counts once it is answered: what follows from it can then be relied on.
            await next(context);
            recording.asked.TryAdd(request, true);
        });
        app.MapPost("/api/v1/namespaces/{ns}/secrets", recording.CreateSecretAsync);
        app.MapForwarder("/{**path}", api.Address.ToString());
        await app.StartAsync();
        return recording;
    }

    public async ValueTask DisposeAsync()
    {
        await proxy.StopAsync(new CancellationToken(canceled: true));
        await proxy.DisposeAsync();
        await Api.DisposeAsync();
    }

    private async Task CreateSecretAsync(HttpContext context)
    {
        var body = await new StreamReader(context.Request.Body).ReadToEndAsync(context.RequestAborted);
        var answer = Secrets.TryAdd(context.Request.Path, body) ? Results.Text(body, "application/json", statusCode: 201) : Results.Conflict();
        await answer.ExecuteAsync(context);
    }
}
