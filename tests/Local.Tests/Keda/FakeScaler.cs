using System.Collections.Concurrent;
using System.Net;
using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Wakegate.Testing;

namespace Wakegate.Local.Tests.Keda;

/// <summary>A scaler that says what the test tells it to, writes down what it was asked, and fails on demand.</summary>
internal sealed class FakeScaler : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, ConnectionContext> connections = new(StringComparer.Ordinal);

    // Not one that the system gives out: while nobody listens there, another may get that.
    private readonly int port = FreePort.Find();
    private WebApplication? app;
    private int connectionsEver;

    /// <summary>Every unary call, in order: the method and, for GetMetrics, the metric.</summary>
    public ConcurrentQueue<string> Calls { get; } = new();

    /// <summary>Every stream that was ever opened, in order.</summary>
    public ConcurrentQueue<FakeStream> Streams { get; } = new();

    public int ConnectionsEver => connectionsEver;

    public bool Active { get; set; }

    public double Pending { get; set; }

    /// <summary>When set, GetMetrics and IsActive fail with it.</summary>
    public Status? Failure { get; set; }

    /// <summary>When set, streams end with it as soon as they are opened.</summary>
    public Status? StreamEnd { get; set; }

    /// <summary>Awaited before GetMetrics answers.</summary>
    public Task Stall { get; set; } = Task.CompletedTask;

    public Uri Address => new($"http://127.0.0.1:{port}");

    public FakeStream[] OpenStreams => [.. Streams.Where(stream => !stream.Closed.IsCompleted)];

    public static async Task<FakeScaler> StartAsync()
    {
        var scaler = new FakeScaler();
        await scaler.ListenAsync();
        return scaler;
    }

    public async Task ListenAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddGrpc();
        builder.Services.AddSingleton(this);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.Http2.MaxStreamsPerConnection = 10_000;
            kestrel.Listen(new IPEndPoint(IPAddress.Loopback, port), endpoint =>
            {
                endpoint.Protocols = HttpProtocols.Http2;
                endpoint.Use(next => connection => TrackAsync(connection, next));
            });
        });
        app = builder.Build();
        app.MapGrpcService<FakeScalerService>();
        await app.StartAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>As a SIGKILL would: connections break, and nobody listens.</summary>
    public async Task KillAsync()
    {
        BreakConnections();
        await DisposeAsync();
    }

    public void BreakConnections()
    {
        foreach (var connection in connections.Values)
            connection.Abort();
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref app, null) is not { } stopped)
            return;
        foreach (var stream in Streams)
            stream.End(Status.DefaultSuccess);
        await stopped.DisposeAsync();
    }

    private async Task TrackAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        Interlocked.Increment(ref connectionsEver);
        connections[connection.ConnectionId] = connection;
        await next(connection);
        connections.TryRemove(connection.ConnectionId, out _);
    }
}
