using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Wakegate.Local.Processes;

namespace Wakegate.Bench.Running;

/// <summary>A process under measurement. It cannot outlive us.</summary>
internal sealed class Child : IAsyncDisposable
{
    // exec keeps the id: what is announced is the program's own, past the guard that started it.
    private const string Announce = "echo $$; exec \"$@\"";
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(60);

    private readonly GuardedProcess process;
    private readonly TaskCompletionSource<int> id = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly StringBuilder output = new();

    private Child(ProcessSpec spec) => process = GuardedProcess.Start(
        spec with { Command = ["/bin/sh", "-c", Announce, "sh", .. spec.Command] }, Hear);

    /// <summary>What it has used and uses now.</summary>
    public ProcessUse Use { get; private set; } = null!;

    /// <summary>Starts a server, and waits until it accepts on a port.</summary>
    public static async Task<Child> ServeAsync(ProcessSpec spec, int port, CancellationToken cancellation)
    {
        var child = await StartAsync(spec);
        var clock = TimeProvider.System;
        var started = clock.GetTimestamp();
        while (!await AcceptsAsync(port, cancellation))
        {
            await child.EnsureRunsAsync();
            if (clock.GetElapsedTime(started) > StartTimeout)
                throw new BenchException($"{spec.Name} does not listen on port {port}. {await child.process.StopAsync()}");
            await Task.Delay(TimeSpan.FromMilliseconds(20), clock, cancellation);
        }

        return child;
    }

    /// <summary>Starts a program that ends only when it is stopped.</summary>
    public static async Task<Child> StartAsync(ProcessSpec spec)
    {
        var child = new Child(spec);
        if (await Task.WhenAny(child.id.Task, child.process.Ended) != child.id.Task)
            throw new BenchException((await child.process.Exited).ToString());
        child.Use = new ProcessUse(await child.id.Task);
        return child;
    }

    /// <summary>Runs a program to its end; gives what it wrote to its standard output.</summary>
    public static async Task<string> RunAsync(params string[] command)
    {
        await using var child = await StartAsync(new ProcessSpec(command[0], command));
        return await child.OutputAsync();
    }

    /// <summary>Waits until it has ended by itself; gives what it wrote to its standard output.</summary>
    public async Task<string> OutputAsync()
    {
        var exit = await process.Exited;
        lock (output)
            return exit.Code == 0 ? output.ToString() : throw new BenchException($"{exit}");
    }

    /// <exception cref="BenchException">It has ended; says what it wrote last.</exception>
    public async Task EnsureRunsAsync()
    {
        if (process.Exited.IsCompleted)
            throw new BenchException($"{await process.Exited}");
    }

    public ValueTask DisposeAsync() => process.DisposeAsync();

    private static async Task<bool> AcceptsAsync(int port, CancellationToken cancellation)
    {
        using var client = new TcpClient();
        try
        {
            await client.ConnectAsync("127.0.0.1", port, cancellation);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private void Hear(string line)
    {
        if (!id.Task.IsCompleted)
        {
            id.TrySetResult(int.Parse(line, CultureInfo.InvariantCulture));
            return;
        }

        lock (output)
            output.AppendLine(line);
    }
}
