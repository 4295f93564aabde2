// How much an interceptor takes at the size of a large cluster: `dotnet run -c Release --project bench/Scale -- [workloads] [pods each]`
using System.Diagnostics;
using System.Globalization;
using System.Net;
using Wakegate.Scale;

const int Beats = 10;
var workloads = args.Length > 0 ? int.Parse(args[0], CultureInfo.InvariantCulture) : 10_000;
var pods = args.Length > 1 ? int.Parse(args[1], CultureInfo.InvariantCulture) : 5;
var clock = TimeProvider.System;
var cluster = new LargeCluster(workloads, pods);

var builder = WebApplication.CreateSlimBuilder();
builder.Logging.ClearProviders();
builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
await using var api = builder.Build();
api.Run(cluster.AnswerAsync);
await api.StartAsync();

var admin = FreePort();
var started = clock.GetTimestamp();
using var interceptor = Process.Start(new ProcessStartInfo("dotnet",
[
    "exec", Path.Combine(AppContext.BaseDirectory, "Wakegate.Interceptor.dll"), "--Listen:Address=127.0.0.1", $"--Listen:Port={FreePort()}",
    $"--Listen:AdminPort={admin}", "--Redis:ConnectionString=127.0.0.1:1", $"--Kubernetes:ServerAddress={api.Urls.Single()}", "--Logging:LogLevel:Default=Error",
]))!;
try
{
    using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{admin}") };
    while (!await IsReadyAsync(client))
    {
        await Task.Delay(TimeSpan.FromMilliseconds(20), clock);
    }

    Report("ready after", $"{clock.GetElapsedTime(started).TotalSeconds:0.0} s, with {interceptor.TotalProcessorTime.TotalSeconds:0.0} s of CPU");
    Report("read", $"{cluster.BytesSent / 1e6:0.0} MB of JSON");
    Report("resident set, just ready", $"{Resident():0} MB");
    await Task.Delay(TimeSpan.FromSeconds(20), clock);
    Report("resident set, 20 s later", $"{Resident():0} MB");

    var busy = interceptor.TotalProcessorTime;
    for (var beat = 0; beat < Beats; beat++)
    {
        cluster.WriteStatus(workloads / 5, beat);
        await Task.Delay(TimeSpan.FromSeconds(1), clock);
    }

    interceptor.Refresh();
    Report($"{workloads / 5:N0} status writes a second", $"{(interceptor.TotalProcessorTime - busy).TotalSeconds / Beats:P0} of a core");
    Report("resident set after that", $"{Resident():0} MB");
}
finally
{
    interceptor.Kill();
}

void Report(string what, string value) => Console.WriteLine($"{what,-40} {value}");

double Resident()
{
    interceptor.Refresh();
    return interceptor.WorkingSet64 / 1e6;
}

static async Task<bool> IsReadyAsync(HttpClient client)
{
    try
    {
        using var response = await client.GetAsync(new Uri("/readyz", UriKind.Relative));
        return response.IsSuccessStatusCode;
    }
    catch (HttpRequestException)
    {
        return false;
    }
}

static int FreePort()
{
    using var listener = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
    listener.Start();
    return ((IPEndPoint)listener.LocalEndpoint).Port;
}
