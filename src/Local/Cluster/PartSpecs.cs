using System.Globalization;
using Wakegate.Local.Narration;
using Wakegate.Local.Processes;

namespace Wakegate.Local.Cluster;

/// <summary>How our own services are run: the same programs and settings as in a cluster.</summary>
internal static class PartSpecs
{
    public static ProcessSpec Interceptor(string name, int port, int adminPort, Uri api, string redis, IReadOnlyDictionary<string, string> more) =>
        Service("Interceptor", name, port, adminPort, redis, more, new(StringComparer.Ordinal)
        {
            ["Kubernetes__ServerAddress"] = api.ToString(),
            // Nobody has to hear that it leaves: it may leave at once.
            ["Interceptor__DrainDelay"] = "0",
        });

    public static ProcessSpec Scaler(string name, int port, int adminPort, string redis, IReadOnlyDictionary<string, string> more) =>
        Service("ExternalScaler", name, port, adminPort, redis, more, new(StringComparer.Ordinal));

    private static ProcessSpec Service(
        string project, string name, int port, int adminPort, string redis, IReadOnlyDictionary<string, string> more, Dictionary<string, string> settings)
    {
        settings["Listen__Address"] = "127.0.0.1";
        settings["Listen__Port"] = port.ToString(CultureInfo.InvariantCulture);
        settings["Listen__AdminPort"] = adminPort.ToString(CultureInfo.InvariantCulture);
        settings["Redis__ConnectionString"] = redis;
        foreach (var (key, value) in ChildLog.Environment.Concat(more))
            settings[key] = value;
        return new(name, DotnetProgram.Command(project)) { Environment = settings, WorkingDirectory = AppContext.BaseDirectory };
    }
}
