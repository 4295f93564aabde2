namespace Wakegate.EndToEnd.Tests.Live;

/// <summary>One of the examples, made to hurry: what a test changes of it, and nothing else.</summary>
/// <param name="Example">The example's file, without folder and extension.</param>
internal sealed record Workload(string Example)
{
    /// <summary>What it is called, and its host's first label.</summary>
    public string Name { get; init; } = Example;

    /// <summary>Whether a pod is ready by itself, or only once it is told to be.</summary>
    public bool IsReadyByItself { get; init; } = true;

    /// <summary>How long a pod takes to start; null where that is left to the machine.</summary>
    public string? StartupDelay { get; init; }

    /// <summary>How long an answer takes; null for as long as it does.</summary>
    public string? Latency { get; init; }

    /// <summary>Most pods; one, unless scaling out is the point.</summary>
    public int MaxReplicas { get; init; } = 1;

    /// <summary>One more key of the trigger, as it stands in YAML; by default only that it is in a hurry.</summary>
    public string? Metadata { get; init; }

    public static Workload Shop { get; } = new("shop");

    public static Workload Greeter { get; } = new("greeter");

    /// <summary>The file's path.</summary>
    public string WriteTo(DirectoryInfo folder)
    {
        var path = Path.Combine(folder.FullName, $"{Name}.yaml");
        File.WriteAllText(path, Yaml());
        return path;
    }

    public string Yaml()
    {
        var yaml = File.ReadAllText(Path.Combine(Repository.Root, "manifests", "examples", $"{Example}.yaml"))
            .Replace(Example, Name, StringComparison.Ordinal);
        yaml = Replace(yaml, "pollingInterval: 5", "pollingInterval: 1");
        yaml = Replace(yaml, "cooldownPeriod: 15", "cooldownPeriod: 2");
        yaml = Replace(yaml, "maxReplicaCount: 5", $"maxReplicaCount: {MaxReplicas}");
        yaml = Replace(yaml, "targetPendingRequests: \"50\"", "targetPendingRequests: \"50\"\n        activityWindow: 1s");
        if (Metadata is not null)
            yaml = Replace(yaml, "activityWindow: 1s", $"activityWindow: 1s\n        {Metadata}");
        return Replace(yaml, "          env:\n", $"          env:\n{Setting("Ready", IsReadyByItself ? null : "false")}{Setting("StartupDelay", StartupDelay)}{Setting("Latency", Latency)}");
    }

    private static string Setting(string name, string? value) =>
        value is null ? "" : $"            - name: Upstream__{name}\n              value: \"{value}\"\n";

    // An example that has changed must not leave a test without the change that it rests on.
    private static string Replace(string yaml, string what, string by) =>
        yaml.Contains(what, StringComparison.Ordinal)
            ? yaml.Replace(what, by, StringComparison.Ordinal)
            : throw new InvalidOperationException($"The example has no \"{what}\" any more.");
}
