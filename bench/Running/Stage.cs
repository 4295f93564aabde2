using System.Net;
using Wakegate.Local.Api;
using Wakegate.Local.Cluster;
using Wakegate.Local.Narration;
using Wakegate.Local.Processes;
using Wakegate.Local.Redis;

namespace Wakegate.Bench.Running;

/// <summary>What a figure plays on: a Kubernetes API of its own, a Redis, and whatever processes it asks for. Disposing it ends them all.</summary>
internal sealed class Stage : IAsyncDisposable
{
    private static readonly Dictionary<string, string> NoSettings = [];
    private readonly List<Child> children = [];
    private readonly HttpClient http = new();

    private Stage(InMemoryApi api) => (Api, Objects) = (api, new ClusterObjects(api));

    public InMemoryApi Api { get; }

    /// <summary>Writes Kubernetes objects.</summary>
    public ClusterObjects Objects { get; }

    /// <summary><c>host:port</c>.</summary>
    public string Redis { get; private set; } = "";

    /// <summary>A folder that goes with the stage.</summary>
    public string Folder { get; } = Directory.CreateTempSubdirectory("wakegate-bench").FullName;

    public static async Task<Stage> StartAsync(CancellationToken cancellation)
    {
        var stage = new Stage(await InMemoryApi.StartAsync(new IPEndPoint(IPAddress.Loopback, 0), TimeProvider.System, cancellation));
        var port = FreePort.Find();
        await stage.AddAsync(await RedisProgram.FindAsync(port, cancellation), port, cancellation);
        stage.Redis = $"127.0.0.1:{port}";
        return stage;
    }

    /// <summary>Starts a server, and waits until it listens.</summary>
    public async Task<Child> AddAsync(ProcessSpec spec, int port, CancellationToken cancellation)
    {
        var child = await Child.ServeAsync(spec, port, cancellation);
        children.Add(child);
        return child;
    }

    /// <summary>Our interceptor, as it runs in a pod; comes back when it has read the routes.</summary>
    public async Task<Contestant> InterceptorAsync(string name, CancellationToken cancellation, params (string Key, string Value)[] settings)
    {
        var (port, admin) = (FreePort.Find(), FreePort.Find());
        var spec = PartSpecs.Interceptor(name, port, admin, Api.Address, Redis, settings.ToDictionary(s => s.Key, s => s.Value, StringComparer.Ordinal));
        var child = await AddAsync(spec, port, cancellation);
        await ReadyAsync(child, admin, cancellation);
        return new(name, port, child);
    }

    /// <summary>The same from a build of its own; says how long it took from the process's start until it was ready.</summary>
    public async Task<(TimeSpan Took, Contestant Contestant)> StartInterceptorAsync(
        string name, IReadOnlyList<string> command, CancellationToken cancellation)
    {
        var (port, admin) = (FreePort.Find(), FreePort.Find());
        var spec = PartSpecs.Interceptor(name, port, admin, Api.Address, Redis, NoSettings) with { Command = command };
        var started = TimeProvider.System.GetTimestamp();
        var child = await AddAsync(spec, port, cancellation);
        await ReadyAsync(child, admin, cancellation);
        return (TimeProvider.System.GetElapsedTime(started), new(name, port, child));
    }

    /// <summary>Our scaler, as it runs in a pod.</summary>
    public async Task<Contestant> ScalerAsync(CancellationToken cancellation)
    {
        var (port, admin) = (FreePort.Find(), FreePort.Find());
        var child = await AddAsync(PartSpecs.Scaler("scaler", port, admin, Redis, NoSettings), port, cancellation);
        await ReadyAsync(child, admin, cancellation);
        return new("scaler", port, child);
    }

    /// <summary>This program in one of its other roles, with the environment of our services.</summary>
    public async Task<Contestant> RoleAsync(string name, string role, CancellationToken cancellation, params string[] settings)
    {
        var (port, admin) = (FreePort.Find(), FreePort.Find());
        var command = DotnetProgram.Command(
            "Bench", [Roles.RoleCommand.Verb, role, "--Listen:Address=127.0.0.1", $"--Listen:Port={port}", $"--Listen:AdminPort={admin}", .. settings]);
        var spec = new ProcessSpec(name, command) { Environment = ChildLog.Environment, WorkingDirectory = AppContext.BaseDirectory };
        return new(name, port, await AddAsync(spec, port, cancellation));
    }

    /// <summary>Ends one process before the others.</summary>
    public async Task RemoveAsync(Contestant contestant)
    {
        if (contestant.Process is { } child && children.Remove(child))
            await child.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var child in Enumerable.Reverse(children))
            await child.DisposeAsync();
        http.Dispose();
        await Api.DisposeAsync();
        Directory.Delete(Folder, recursive: true);
    }

    private Task ReadyAsync(Child child, int admin, CancellationToken cancellation) => Wait.UntilAsync(
        async () =>
        {
            await child.EnsureRunsAsync();
            try
            {
                using var response = await http.GetAsync($"http://127.0.0.1:{admin}/readyz", cancellation);
                return response.IsSuccessStatusCode;
            }
            catch (HttpRequestException)
            {
                return false; // It does not listen there yet.
            }
        },
        $"http://127.0.0.1:{admin}/readyz",
        cancellation);
}
