using System.Text.Json.Nodes;

namespace Wakegate.Local.Api;

/// <summary>What a pod's spec says without being told: how it is probed, stopped and reached.</summary>
internal static class PodDefaults
{
    public static void Fill(JsonObject spec)
    {
        spec["restartPolicy"] ??= "Always";
        spec["terminationGracePeriodSeconds"] ??= 30;
        foreach (var container in spec["containers"].Objects())
            FillContainer(container);
    }

    /// <summary>The objects of a list; none where there is no list.</summary>
    public static IEnumerable<JsonObject> Objects(this JsonNode? list) => (list as JsonArray ?? []).OfType<JsonObject>();

    private static void FillContainer(JsonObject container)
    {
        foreach (var port in container["ports"].Objects())
            port["protocol"] ??= "TCP";
        foreach (var name in new[] { "readinessProbe", "livenessProbe", "startupProbe" })
            if (container[name] is JsonObject probe)
                FillProbe(probe);
    }

    private static void FillProbe(JsonObject probe)
    {
        probe["periodSeconds"] ??= 10;
        probe["timeoutSeconds"] ??= 1;
        probe["successThreshold"] ??= 1;
        probe["failureThreshold"] ??= 3;
        if (probe["httpGet"] is JsonObject get)
            FillGet(get);
    }

    private static void FillGet(JsonObject get)
    {
        get["path"] ??= "/";
        get["scheme"] ??= "HTTP";
    }
}
