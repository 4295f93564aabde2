using System.CommandLine;

namespace Wakegate.Manifests;

/// <summary><c>rules</c>: the rule files of manifests/prometheus as one PrometheusRule, for the Prometheus operator.</summary>
internal static class RulesCommand
{
    private const string Output = "manifests/components/monitoring/prometheusrule.yaml";

    private const string Start = """
        # Made by `task manifests` from the rule files in manifests/prometheus. Do not edit.
        apiVersion: monitoring.coreos.com/v1
        kind: PrometheusRule
        metadata:
          name: wakegate
          namespace: wakegate
          labels:
            app.kubernetes.io/name: wakegate
            app.kubernetes.io/part-of: wakegate
        spec:
          groups:

        """;

    /// <summary>The rule files, in this order: alerts rest on what the first records.</summary>
    private static readonly string[] Files = ["recording.yaml", "alerts.yaml"];

    public static Command Build()
    {
        var check = new Option<bool>("--check") { Description = "Writes nothing; fails where the file is not current." };
        var command = new Command("rules", $"Writes {Output}.") { check };
        command.SetAction(async (parsed, cancellation) => await GeneratedFile.WriteOrCheckAsync(
            Output, await RenderAsync("manifests/prometheus", cancellation), command.Name, parsed.GetValue(check), cancellation));
        return command;
    }

    /// <summary>What the file should say.</summary>
    /// <param name="folder">Where the rule files are.</param>
    /// <param name="cancellation">Ends the reading.</param>
    public static async Task<string> RenderAsync(string folder, CancellationToken cancellation)
    {
        var groups = new List<string>();
        foreach (var file in Files)
            groups.AddRange((await File.ReadAllLinesAsync(Path.Combine(folder, file), cancellation)).SkipWhile(line => line != "groups:").Skip(1));

        return Start + string.Concat(groups.Select(line => line.Length == 0 ? "\n" : $"  {line}\n"));
    }
}
