using System.Text.Json;
using Wakegate.Testing;

namespace Wakegate.ExternalScaler.Tests;

public class LogTests
{
    [Fact(Timeout = 60_000)]
    public async Task InAContainer_EveryLineIsJsonAndNoneHasThePassword()
    {
        var container = new Dictionary<string, string>(StringComparer.Ordinal) { ["DOTNET_RUNNING_IN_CONTAINER"] = "true" };
        await using var scaler = ServiceProcess.Start("Wakegate.ExternalScaler", container,
        [
            "--Listen:Address=127.0.0.1", "--Listen:Port=0", "--Listen:AdminPort=0",
            "--Redis:ConnectionString=127.0.0.1:1,user=scaler,password=s3cr3t-of-redis", "--Logging:LogLevel:Default=Trace",
        ]);

        await Eventually.TrueAsync(() => scaler.Lines.Any(l => l.Contains("Redis cannot be read", StringComparison.Ordinal)));

        Assert.All(scaler.Lines, line =>
        {
            using var json = JsonDocument.Parse(line);
            Assert.Equal(JsonValueKind.String, json.RootElement.GetProperty("Message").ValueKind);
            Assert.DoesNotContain("s3cr3t-of-redis", line, StringComparison.Ordinal);
        });
    }
}
