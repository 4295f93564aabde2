using System.Text.Json.Nodes;

namespace Wakegate.Local.Api;

/// <summary>Fields that the API server fills in, as far as a client or a controller of ours relies on them.</summary>
internal static class Defaults
{
    public static void Fill(ResourceKind kind, JsonObject json)
    {
        if (kind == ResourceKinds.Deployment)
            FillDeployment(Section(json, "spec"));
        else if (kind == ResourceKinds.Service)
            FillService(Section(json, "spec"));
        else if (kind == ResourceKinds.Pod)
            FillPod(Section(json, "spec"), Section(json, "status"));
        else if (kind == ResourceKinds.Namespace)
            Default(Section(json, "status"), "phase", "Active");
    }

    private static void FillDeployment(JsonObject spec)
    {
        Default(spec, "replicas", 1);
        Default(spec, "revisionHistoryLimit", 10);
        Default(spec, "progressDeadlineSeconds", 600);
        PodDefaults.Fill(Section(Section(spec, "template"), "spec"));
        var strategy = Section(spec, "strategy");
        Default(strategy, "type", "RollingUpdate");
        if (strategy["type"]?.ToString() is "RollingUpdate" && strategy["rollingUpdate"] is null)
            strategy["rollingUpdate"] = new JsonObject { ["maxSurge"] = "25%", ["maxUnavailable"] = "25%" };
    }

    private static void FillService(JsonObject spec)
    {
        Default(spec, "type", "ClusterIP");
        Default(spec, "sessionAffinity", "None");
        foreach (var port in spec["ports"].Objects())
        {
            Default(port, "protocol", "TCP");
            if (port["targetPort"] is null && port["port"] is { } number)
                port["targetPort"] = number.DeepClone();
        }
    }

    private static void FillPod(JsonObject spec, JsonObject status)
    {
        PodDefaults.Fill(spec);
        Default(status, "phase", "Pending");
    }

    private static void Default(JsonObject json, string name, JsonNode value) => json[name] ??= value;

    private static JsonObject Section(JsonObject json, string name)
    {
        if (json[name] is null)
            json[name] = new JsonObject();
        // Something else than an object stays there, to be refused; what is filled in is then lost.
        return json[name] as JsonObject ?? [];
    }
}
