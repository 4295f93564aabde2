using System.Net;
using System.Net.Sockets;
using Wakegate.Local.Cluster;

namespace Wakegate.Local.Tests.Cluster;

public sealed class LocalPortsTests
{
    [Fact(Timeout = 60_000)]
    public async Task APortInUse_IsNamedBeforeAnythingStarts()
    {
        var ports = LocalPorts.Free();
        using var other = new TcpListener(IPAddress.Loopback, ports.Scaler);
        other.Start();

        var problem = await Assert.ThrowsAsync<LocalException>(
            () => LocalCluster.StartAsync(new LocalOptions { Ports = ports }, TestContext.Current.CancellationToken));

        // Others may be in use by chance.
        Assert.Contains($"Port {ports.Scaler} on 127.0.0.1, for the scaler, is in use.{Environment.NewLine}", problem.Message, StringComparison.Ordinal);
        Assert.EndsWith(
            $"{Environment.NewLine}Stop what listens there, or shift all ports, for example with --port-offset 100.", problem.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AnOffset_ShiftsAllPorts() =>
        Assert.Equal(
            new LocalPorts { Interceptor = 8180, InterceptorAdmin = 8181, Api = 8101, Scaler = 9190, ScalerAdmin = 9191, Redis = 6479 },
            LocalPorts.At(100));

    [Theory]
    [InlineData("--port-offset", "-1", "--port-offset must be a number from 0 to 56444.")]
    [InlineData("--port-offset", "60000", "--port-offset must be a number from 0 to 56444.")]
    [InlineData("--redis", "localhost", "--redis \"localhost\" must be HOST:PORT, as in 127.0.0.1:6379.")]
    public void ABadOption_IsRefusedInWords(string option, string value, string message) =>
        Assert.Equal([message], LocalCommand.Build().Parse([option, value]).Errors.Select(error => error.Message));
}
