using Wakegate.Contracts.Settings;

namespace Wakegate.Interceptor.Tests;

public class SettingsTests
{
    [Fact(Timeout = 60_000)]
    public async Task WrongSettings_StopTheStartAllAtOnce()
    {
        await using var errors = new StringWriter();

        var exitCode = await Startup.RunAsync(
            () => InterceptorHost.Build(
            [
                "--Redis:ConnectionString=127.0.0.1:1", "--Kubernetes:ServerAddress=http://127.0.0.1:1", "--Listen:Address=here", "--Listen:Port=99999",
                "--Interceptor:DrainDelay=soon", "--Interceptor:StopTimeout=5s", "--Interceptor:ScalerAddress=wakegate-scaler", "--Ledger:Lease=1s",
            ]),
            errors);

        Assert.Equal(1, exitCode);
        Assert.Equal(
            [
                "Interceptor:DrainDelay \"soon\" is not a duration: write it as 500ms, 90s or 1m30s.",
                "Interceptor:ScalerAddress \"wakegate-scaler\" is not host:port: give one like wakegate-scaler.wakegate:9090.",
                "Interceptor:StopTimeout \"00:00:05\" is too short: give more than 5s, such as 45s.",
                "Ledger:Lease \"1s\" is too short: give at least twice the heartbeat, 4s.",
                "Listen:Address \"here\" is not an address: give an IP address, or * for all.",
                "Listen:Port \"99999\" is out of range: give a port from 1 to 65535.",
            ],
            errors.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(l => !l.StartsWith("Ledger:Reread", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
    }
}
