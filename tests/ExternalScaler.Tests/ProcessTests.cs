using System.Diagnostics;
using System.Globalization;
using Grpc.Core;
using Wakegate.Testing;

namespace Wakegate.ExternalScaler.Tests;

/// <summary>The scaler as the process that it is in a pod.</summary>
public class ProcessTests
{
    [Fact(Timeout = 60_000)]
    public async Task Sigterm_EndsStreamsWithOkAndTheProcessWithZero()
    {
        var port = FreePort.Find();
        using var scaler = Start(port);
        using var keda = new KedaPeer(new Uri($"http://127.0.0.1:{port.ToString(CultureInfo.InvariantCulture)}"));
        try
        {
            await Eventually.TrueAsync(async () => await KedaPeer.RefusalAsync(() => SpecAsync(keda)) is null);
            var streams = Enumerable.Range(0, 50).Select(i => keda.Open(KedaPeer.Object($"shop-{i}"))).ToList();
            await Task.WhenAll(streams.Select(stream => stream.OpenedAsync()));

            using var kill = Process.Start("kill", ["-TERM", scaler.Id.ToString(CultureInfo.InvariantCulture)]);
            var ended = await Task.WhenAll(streams.Select(stream => stream.Ended));
            await scaler.WaitForExitAsync(TestContext.Current.CancellationToken);

            Assert.All(ended, status => Assert.Equal(StatusCode.OK, status));
            Assert.Equal(0, scaler.ExitCode);
        }
        finally
        {
            if (!scaler.HasExited)
                scaler.Kill();
        }
    }

    private static async Task SpecAsync(KedaPeer keda) =>
        await keda.Client.GetMetricSpecAsync(KedaPeer.Object("shop"), cancellationToken: TestContext.Current.CancellationToken);

    private static Process Start(int port)
    {
        var start = new ProcessStartInfo("dotnet") { UseShellExecute = false };
        string[] arguments =
        [
            "exec", Path.Combine(AppContext.BaseDirectory, "Wakegate.ExternalScaler.dll"), "--Redis:ConnectionString=127.0.0.1:1",
            "--Listen:Address=127.0.0.1", $"--Listen:Port={port.ToString(CultureInfo.InvariantCulture)}", "--Listen:AdminPort=0",
        ];
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);

        return Process.Start(start)!;
    }
}
