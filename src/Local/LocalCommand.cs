using System.CommandLine;
using Wakegate.Local.Cluster;
using Wakegate.Local.Manifests;

namespace Wakegate.Local;

/// <summary>The command line.</summary>
internal static class LocalCommand
{
    public static RootCommand Build()
    {
        var portOffset = new Option<int>("--port-offset") { Description = "Shifts all ports by this number.", HelpName = "N" };
        portOffset.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 0 or > LocalPorts.LargestOffset)
                result.AddError($"--port-offset must be a number from 0 to {LocalPorts.LargestOffset}.");
        });
        var redis = new Option<string?>("--redis") { Description = "Uses this Redis instead of starting one.", HelpName = "HOST:PORT" };
        redis.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<string?>() is { } text && !Redis.RedisAddress.TryParse(text, out _))
                result.AddError($"--redis \"{text}\" must be HOST:PORT, as in 127.0.0.1:6379.");
        });
        var apply = new Option<string[]>("--apply") { Description = "Loads this manifest instead of the examples; can be given more than once.", HelpName = "FILE" };
        apply.AllowMultipleArgumentsPerToken = true;
        var quiet = new Option<bool>("--quiet") { Description = "Tells only of problems." };

        var command = new RootCommand("Runs Wakegate on this machine: interceptor, scaler, Redis, a Kubernetes API, KEDA's part, and pods as processes.")
        {
            portOffset, redis, apply, quiet,
        };
        command.SetAction((parsed, cancellation) => RunAsync(
            new LocalOptions
            {
                Ports = LocalPorts.At(parsed.GetValue(portOffset)),
                Redis = parsed.GetValue(redis),
                Manifests = parsed.GetValue(apply) ?? [],
                Quiet = parsed.GetValue(quiet),
                Output = Console.Out,
                Colours = !Console.IsOutputRedirected && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR")),
            },
            cancellation));
        return command;
    }

    private static async Task<int> RunAsync(LocalOptions options, CancellationToken cancellation)
    {
        try
        {
            if (!options.Quiet)
                await Console.Out.WriteLineAsync("Starting Redis, the scaler, the interceptor, and what stands for Kubernetes and KEDA ...");
            await using var cluster = await LocalCluster.StartAsync(options, cancellation);
            await Console.Out.WriteLineAsync(Greeting.Of(cluster, options, ManifestReader.Read(options.Manifests ?? [])));
            await Console.Error.WriteLineAsync(await cluster.Failed.WaitAsync(cancellation));
            return 1;
        }
        catch (LocalException problem)
        {
            await Console.Error.WriteLineAsync(problem.Message);
            return 1;
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return 0;
        }
    }
}
