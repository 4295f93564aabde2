using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Json;
using System.Net.WebSockets;
using Grpc.Core;
using Grpc.Net.Client;
using Wakegate.Testing;
using Wakegate.Upstream.Greeting;
using Wakegate.Upstream.Http;

namespace Wakegate.EndToEnd.Tests.Live;

/// <summary>Clients of all kinds that ask again as soon as they are answered, and notice everything that goes wrong.</summary>
internal sealed class MixedLoad : IAsyncDisposable
{
    private const int Exchanges = 5;
    private static readonly Uri Shop = new("http://shop.localhost/delay/20");
    private static readonly Uri Socket = new("ws://shop.localhost/ws");

    private readonly CancellationTokenSource stop = new();
    private readonly ConcurrentDictionary<string, int> rounds = new(StringComparer.Ordinal);
    private readonly ConcurrentQueue<string> failures = new();
    private readonly List<HttpClient> clients = [];
    private readonly Balancer balancer;
    private readonly Task running;

    private MixedLoad(Balancer balancer)
    {
        this.balancer = balancer;
        running = Task.WhenAll(
            RunAsync("HTTP/1.1, first", client => PostAsync(client, HttpVersion.Version11)),
            RunAsync("HTTP/1.1, second", client => PostAsync(client, HttpVersion.Version11)),
            RunAsync("HTTP/2", client => PostAsync(client, HttpVersion.Version20)),
            RunAsync("gRPC", GreetAsync),
            RunAsync("gRPC stream", ChatAsync),
            RunAsync("WebSocket", EchoAsync));
    }

    public IEnumerable<string> Failures => failures;

    /// <summary>All that the shop answered over HTTP.</summary>
    public ConcurrentQueue<Echo> Echoes { get; } = new();

    /// <summary>Who answered gRPC.</summary>
    public ConcurrentDictionary<string, bool> Greeters { get; } = new(StringComparer.Ordinal);

    /// <summary>Starts, and comes back once every client has had an answer.</summary>
    public static async Task<MixedLoad> StartAsync(Balancer balancer)
    {
        var load = new MixedLoad(balancer);
        await load.RoundsAsync(1);
        return load;
    }

    /// <summary>Returns once every client has had so many answers more.</summary>
    public Task RoundsAsync(int more) => Task.WhenAll(rounds.ToArray().Select(r =>
        Eventually.TrueAsync(() => rounds[r.Key] >= r.Value + more || !failures.IsEmpty, $"{more} more rounds of {r.Key}")));

    /// <summary>Waits for the last answers.</summary>
    public async Task StopAsync()
    {
        await stop.CancelAsync();
        await running;
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        clients.ForEach(client => client.Dispose());
        stop.Dispose();
    }

    private async Task RunAsync(string name, Func<HttpClient, Task> askAsync)
    {
        var client = balancer.NewClient();
        clients.Add(client);
        rounds[name] = 0;
        while (!stop.IsCancellationRequested)
        {
            try
            {
                // To its end also when the load is to stop: a request that is given up proves nothing.
                await askAsync(client);
                rounds.AddOrUpdate(name, 1, (_, count) => count + 1);
            }
            catch (Exception failure) when (failure is HttpRequestException or RpcException or WebSocketException or InvalidOperationException)
            {
                failures.Enqueue($"{name}, round {rounds[name] + 1}: {failure}");
                return;
            }
        }
    }

    // POST: what may not be repeated is lost where anything goes wrong.
    private async Task PostAsync(HttpClient client, Version version)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Shop)
        {
            Content = JsonContent.Create("order"),
            Version = version,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        using var response = await client.SendAsync(request);
        response.EnsureSuccessStatusCode();
        Echoes.Enqueue((await response.Content.ReadFromJsonAsync<Echo>())!);
    }

    private async Task GreetAsync(HttpClient client)
    {
        using var channel = GrpcChannel.ForAddress("http://greeter.localhost", new GrpcChannelOptions { HttpClient = client });
        var reply = await new Greeter.GreeterClient(channel).SayHelloAsync(new HelloRequest { Name = "Ada" });
        Greeters[reply.Pod] = true;
    }

    private async Task ChatAsync(HttpClient client)
    {
        using var channel = GrpcChannel.ForAddress("http://greeter.localhost", new GrpcChannelOptions { HttpClient = client });
        using var chat = new Greeter.GreeterClient(channel).Chat();
        for (var exchange = 0; exchange < Exchanges; exchange++)
        {
            await chat.RequestStream.WriteAsync(new HelloRequest { Name = $"{exchange}" });
            if (!await chat.ResponseStream.MoveNext() || chat.ResponseStream.Current.Message != $"Hello, {exchange}")
                throw new InvalidOperationException("The stream broke off.");
            Greeters[chat.ResponseStream.Current.Pod] = true;
            await BreatheAsync();
        }

        await chat.RequestStream.CompleteAsync();
        if (await chat.ResponseStream.MoveNext())
            throw new InvalidOperationException("The stream did not end.");
    }

    private static async Task EchoAsync(HttpClient client)
    {
        using var socket = new ClientWebSocket();
        await socket.ConnectAsync(Socket, client, CancellationToken.None);
        var buffer = new byte[64];
        for (var exchange = 0; exchange < Exchanges; exchange++)
        {
            await socket.SendAsync(new[] { (byte)exchange }, WebSocketMessageType.Binary, endOfMessage: true, CancellationToken.None);
            var received = await socket.ReceiveAsync(buffer, CancellationToken.None);
            if (received is not { MessageType: WebSocketMessageType.Binary, Count: 1 } || buffer[0] != exchange)
                throw new InvalidOperationException("The WebSocket broke off.");
            await BreatheAsync();
        }

        await socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
    }

    // So that streams are open most of the time, whatever happens meanwhile.
    private static Task BreatheAsync() => Task.Delay(TimeSpan.FromMilliseconds(40), TimeProvider.System);
}
