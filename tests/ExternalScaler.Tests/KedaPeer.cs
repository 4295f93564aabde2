using System.Net.Sockets;
using Grpc.Core;
using Grpc.Net.Client;
using Wakegate.ExternalScaler.Protocol;

namespace Wakegate.ExternalScaler.Tests;

/// <summary>Talks to the scaler as KEDA does: one connection for everything, and no deadlines.</summary>
internal sealed class KedaPeer : IDisposable
{
    private readonly GrpcChannel channel;
    private int connections;

    public KedaPeer(Uri scaler)
    {
        var handler = new SocketsHttpHandler { ConnectCallback = ConnectAsync };
        channel = GrpcChannel.ForAddress(scaler, new() { HttpHandler = handler, DisposeHttpClient = true });
        Client = new(channel);
    }

    public Protocol.ExternalScaler.ExternalScalerClient Client { get; }

    /// <summary>How many there ever were.</summary>
    public int Connections => Volatile.Read(ref connections);

    /// <summary>A ScaledObject in namespace <c>store</c>, and the metadata of its trigger.</summary>
    public static ScaledObjectRef Object(string name, params (string Key, string Value)[] metadata)
    {
        var scaledObject = new ScaledObjectRef { Name = name, Namespace = "store" };
        scaledObject.ScalerMetadata.Add("scalerAddress", "wakegate-scaler.wakegate:9090");
        scaledObject.ScalerMetadata.Add("hosts", $"{name}.example.com");
        foreach (var (key, value) in metadata)
            scaledObject.ScalerMetadata.Add(key, value);

        return scaledObject;
    }

    public PushedStream Open(ScaledObjectRef scaledObject) => new(Client.StreamIsActive(scaledObject));

    /// <summary>Null where the scaler says that it does not know, on which KEDA leaves replicas as they are.</summary>
    public async Task<bool?> IsActiveAsync(ScaledObjectRef scaledObject)
    {
        try
        {
            return (await Client.IsActiveAsync(scaledObject)).Result;
        }
        catch (RpcException unknown) when (unknown.StatusCode == StatusCode.Unavailable)
        {
            return null;
        }
    }

    /// <summary>The one value that is returned; more or none fail the test.</summary>
    public async Task<MetricValue> MetricAsync(ScaledObjectRef scaledObject, string metric)
    {
        var response = await Client.GetMetricsAsync(new() { ScaledObjectRef = scaledObject, MetricName = metric });
        return Assert.Single(response.MetricValues);
    }

    /// <summary>How a call is refused, or null where it is not.</summary>
    public static async Task<Status?> RefusalAsync(Func<Task> call)
    {
        try
        {
            await call();
            return null;
        }
        catch (RpcException refused)
        {
            return refused.Status;
        }
    }

    public void Dispose() => channel.Dispose();

    private async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellation)
    {
        Interlocked.Increment(ref connections);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(context.DnsEndPoint, cancellation);
        return new NetworkStream(socket, ownsSocket: true);
    }
}
