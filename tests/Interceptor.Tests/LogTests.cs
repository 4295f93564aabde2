using System.Diagnostics;
using System.Text.Json;
using Wakegate.Testing;

namespace Wakegate.Interceptor.Tests;

public class LogTests
{
    private static readonly Dictionary<string, string> Container = new(StringComparer.Ordinal) { ["DOTNET_RUNNING_IN_CONTAINER"] = "true" };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact(Timeout = 60_000)]
    public async Task HundredRequests_AddNoLine()
    {
        await using var pod = await StubPod.StartAsync();
        await using var app = await InterceptorProcess.StartAsync();
        await app.ReadyAsync(pod.EndPoint);
        (await app.Client.SendAsync(Get(), Cancellation)).Dispose();
        await Eventually.TrueAsync(() => app.Lines.Any(l => l.Contains("Redis cannot be reached", StringComparison.Ordinal)));
        var before = Ours().ToList();

        for (var i = 0; i < 100; i++)
        {
            (await app.Client.SendAsync(Get(), Cancellation)).Dispose();
        }

        Assert.Equal(before, Ours());

        // A machine that is slow makes Kestrel say so.
        IEnumerable<string> Ours() => app.Lines.Where(l => l.Contains("Wakegate", StringComparison.Ordinal));
    }

    [Fact(Timeout = 60_000)]
    public async Task InAContainer_EveryLineIsJsonAndNoneHasThePassword()
    {
        await using var app = await InterceptorProcess.StartInAsync(
            Container, "--Redis:ConnectionString=127.0.0.1:1,user=interceptor,password=s3cr3t-of-redis", "--Logging:LogLevel:Default=Trace");

        await Eventually.TrueAsync(() => app.Lines.Any(l => l.Contains("Redis cannot be reached", StringComparison.Ordinal)));

        Assert.All(app.Lines, line =>
        {
            using var json = JsonDocument.Parse(line);
            Assert.Equal(JsonValueKind.String, json.RootElement.GetProperty("Message").ValueKind);
            Assert.DoesNotContain("s3cr3t-of-redis", line, StringComparison.Ordinal);
        });
    }

    [Fact(Timeout = 60_000)]
    public async Task ConfigMapThatChanges_SetsLevelsOfTheRunningProcess()
    {
        using var volume = new ConfigMapVolume();
        volume.Write("""{ "Logging": { "LogLevel": { "Wakegate": "Warning" } } }""");
        await using var pod = await StubPod.StartAsync();
        await using var app = await InterceptorProcess.StartAsync($"--Logging:File={volume.Path}");
        await WakeAsync(app, pod);
        Assert.DoesNotContain(app.Lines, IsHolding);

        volume.Write("""{ "Logging": { "LogLevel": { "Wakegate": "Information" } } }""");
        await Eventually.TrueAsync(async () =>
        {
            await WakeAsync(app, pod);
            return app.Lines.Any(IsHolding);
        });

        volume.Write("this is no JSON");
        await Eventually.TrueAsync(() => app.Lines.Any(l => l.Contains("is not valid", StringComparison.Ordinal)));
        await WakeAsync(app, pod);
    }

    [Fact(Timeout = 60_000)]
    public async Task ReaderOfTheLogStalls_LinesAreLostAndNothingElse()
    {
        await using var pod = await StubPod.StartAsync();
        await using var app = await InterceptorProcess.StartInAsync(Container, unread: true, "--Logging:LogLevel:Microsoft=Trace");
        await app.ReadyAsync(pod.EndPoint);

        // At this level each is a line or more; together they are more than a pipe and the log's own queue take.
        for (var i = 0; i < 5_000; i++)
        {
            using var response = await app.Client.SendAsync(Get(), Cancellation);
            Assert.True(response.IsSuccessStatusCode);
        }
    }

    [Fact(Timeout = 60_000)]
    public async Task LevelsFileInNoDirectory_StopsTheStartWithAReason()
    {
        await using var process = ServiceProcess.Start("Wakegate.Interceptor", Container, ["--Logging:File=/nowhere/levels.json"]);

        await Eventually.TrueAsync(() => !process.Lines.IsEmpty);

        Assert.Equal("Logging:File \"/nowhere/levels.json\" is in no directory: give a file in one that exists.", Assert.Single(process.Lines));
    }

    private static bool IsHolding(string line) => line.Contains("Holding requests for", StringComparison.Ordinal);

    /// <summary>Has it log something: that it holds a request.</summary>
    private static async Task WakeAsync(InterceptorProcess app, StubPod pod)
    {
        await app.ReadyAsync();
        var response = app.Client.SendAsync(Get(), Cancellation);
        await app.HeldAsync(1);
        await app.ReadyAsync(pod.EndPoint);
        (await response).Dispose();
    }

    private static HttpRequestMessage Get() => new(HttpMethod.Get, "http://shop.test/");

    /// <summary>A ConfigMap as the kubelet mounts it: the file is a link into a directory that is a link to the version in force.</summary>
    private sealed class ConfigMapVolume : IDisposable
    {
        private readonly string directory = Directory.CreateTempSubdirectory("wakegate-levels").FullName;
        private int version;

        public string Path => System.IO.Path.Combine(directory, "levels.json");

        public void Write(string content)
        {
            var name = $"..version-{++version}";
            Directory.CreateDirectory(System.IO.Path.Combine(directory, name));
            File.WriteAllText(System.IO.Path.Combine(directory, name, "levels.json"), content);
            var link = System.IO.Path.Combine(directory, "..data");
            File.CreateSymbolicLink($"{link}_tmp", name);
            using var move = Process.Start("mv", ["-T", $"{link}_tmp", link]);
            move.WaitForExit();
            if (version == 1)
            {
                File.CreateSymbolicLink(Path, System.IO.Path.Combine("..data", "levels.json"));
            }
        }

        public void Dispose() => Directory.Delete(directory, recursive: true);
    }
}
