using System.Globalization;
using Grpc.Core;
using Grpc.Net.Client;
using Wakegate.Local.Keda.Protocol;
using Wakegate.Testing;

namespace Wakegate.EndToEnd.Tests.Live;

/// <summary>Asks the scaler over KEDA's protocol, as a second KEDA would.</summary>
internal sealed class ScalerPeer(Uri address) : IDisposable
{
    private readonly GrpcChannel channel =
        GrpcChannel.ForAddress(address, new GrpcChannelOptions { MaxReconnectBackoff = TimeSpan.FromSeconds(1) });

    private Local.Keda.Protocol.ExternalScaler.ExternalScalerClient Client => new(channel);

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>What the HPA would be told of a workload's pending requests; null where the scaler cannot know or be asked.</summary>
    public async Task<double?> PendingAsync(string workload)
    {
        var scaledObject = new ScaledObjectRef { Name = workload, Namespace = "default", ScalerMetadata = { ["activityWindow"] = "1s" } };
        try
        {
            var specs = await Client.GetMetricSpecAsync(scaledObject, cancellationToken: Stop);
            var request = new GetMetricsRequest { ScaledObjectRef = scaledObject, MetricName = Assert.Single(specs.MetricSpecs).MetricName };
            var metrics = await Client.GetMetricsAsync(request, cancellationToken: Stop);
            return Assert.Single(metrics.MetricValues).MetricValueFloat;
        }
        catch (RpcException unknown) when (unknown.StatusCode == StatusCode.Unavailable)
        {
            return null;
        }
    }

    /// <summary>Asks again and again until told to stop, and returns every number that the scaler said.</summary>
    public async Task<IReadOnlyList<double>> ListenAsync(string workload, CancellationToken until)
    {
        var said = new List<double>();
        using var beat = new PeriodicTimer(TimeSpan.FromMilliseconds(20), TimeProvider.System);
        while (!until.IsCancellationRequested && await beat.WaitForNextTickAsync(Stop))
        {
            if (await PendingAsync(workload) is { } pending)
                said.Add(pending);
        }

        return said;
    }

    /// <summary>Returns once the scaler says exactly this.</summary>
    public async Task SaysAsync(string workload, double? pending)
    {
        double? said = double.NaN;
        try
        {
            await Eventually.TrueAsync(async () => (said = await PendingAsync(workload)).Equals(pending));
        }
        catch (TimeoutException)
        {
            Assert.Fail($"The scaler says {Text(said)}, not {Text(pending)}.");
        }
    }

    /// <summary>Returns once the scaler says at least this.</summary>
    public Task SaysAtLeastAsync(string workload, double pending) =>
        Eventually.TrueAsync(async () => await PendingAsync(workload) >= pending, $"{workload} has {pending} pending");

    private static string Text(double? pending) => pending?.ToString(CultureInfo.InvariantCulture) ?? "that it cannot know";

    public void Dispose() => channel.Dispose();
}
