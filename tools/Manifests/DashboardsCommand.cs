using System.CommandLine;
using Wakegate.Manifests.Dashboards;

namespace Wakegate.Manifests;

/// <summary><c>dashboards</c>: Grafana's dashboards, as JSON.</summary>
internal static class DashboardsCommand
{
    private const string Folder = "manifests/dashboards";

    public static Command Build()
    {
        var check = new Option<bool>("--check") { Description = "Writes nothing; fails where a file is not current." };
        var command = new Command("dashboards", $"Writes the dashboards in {Folder}.") { check };
        command.SetAction(async (parsed, cancellation) =>
        {
            var worst = 0;
            foreach (var dashboard in Dashboard.All)
            {
                var file = Path.Combine(Folder, $"{dashboard.Name}.json");
                worst = Math.Max(worst, await GeneratedFile.WriteOrCheckAsync(file, dashboard.Write(), command.Name, parsed.GetValue(check), cancellation));
            }

            return worst;
        });
        return command;
    }
}
