using System.Net;
using System.Text.Json.Nodes;
using Wakegate.Local.Api;

namespace Wakegate.Bench.Running;

/// <summary>Writes workloads' objects straight into the in-memory API's store: thousands of them in a moment.</summary>
internal sealed class ClusterObjects(InMemoryApi api)
{
    /// <summary>As ScaledObjects name our scaler.</summary>
    public const string ScalerAddress = "wakegate-scaler.wakegate:9090";

    /// <summary>Where routes are unless told otherwise.</summary>
    public const string Namespace = "store";

    private readonly Writes writes = new(api.Store, TimeProvider.System);

    /// <summary>A ScaledObject with its Service, for the host <c>NAME.test</c>.</summary>
    public void AddRoute(string name, string inNamespace = Namespace, params (string Key, string Value)[] metadata)
    {
        Create(ResourceKinds.Service, inNamespace, new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = name },
            ["spec"] = new JsonObject
            {
                ["selector"] = new JsonObject { ["app"] = name },
                ["ports"] = new JsonArray(new JsonObject { ["name"] = "http", ["port"] = 80 }),
            },
        });
        var trigger = new JsonObject { ["scalerAddress"] = ScalerAddress, ["hosts"] = $"{name}.test", ["service"] = name, ["port"] = "80" };
        foreach (var (key, value) in metadata)
            trigger[key] = value;
        Create(ResourceKinds.ScaledObject, inNamespace, new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = name },
            ["spec"] = new JsonObject
            {
                ["scaleTargetRef"] = new JsonObject { ["name"] = name },
                ["triggers"] = new JsonArray(new JsonObject { ["type"] = "external-push", ["metadata"] = trigger }),
            },
        });
    }

    /// <summary>What a route's ScaledObject scales, for requests that are held long: where there is nothing to scale they are told so after half a minute.</summary>
    public void AddDeployment(string name)
    {
        var labels = new JsonObject { ["app"] = name };
        Create(ResourceKinds.Deployment, Namespace, new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = name },
            ["spec"] = new JsonObject
            {
                ["replicas"] = 0,
                ["selector"] = new JsonObject { ["matchLabels"] = labels },
                ["template"] = new JsonObject
                {
                    ["metadata"] = new JsonObject { ["labels"] = labels.DeepClone() },
                    ["spec"] = new JsonObject { ["containers"] = new JsonArray(new JsonObject { ["name"] = name, ["image"] = name }) },
                },
            },
        });
    }

    /// <summary>A ready pod of a route's Service.</summary>
    public void AddPod(string service, int port, string inNamespace = Namespace) => Create(ResourceKinds.EndpointSlice, inNamespace, new JsonObject
    {
        ["metadata"] = new JsonObject
        {
            ["name"] = $"{service}-1",
            ["labels"] = new JsonObject { ["kubernetes.io/service-name"] = service },
        },
        ["addressType"] = "IPv4",
        ["ports"] = new JsonArray(new JsonObject { ["name"] = "http", ["port"] = port }),
        ["endpoints"] = new JsonArray(new JsonObject
        {
            ["addresses"] = new JsonArray(IPAddress.Loopback.ToString()),
            ["conditions"] = new JsonObject { ["ready"] = true },
            ["targetRef"] = new JsonObject { ["kind"] = "Pod", ["namespace"] = inNamespace, ["name"] = $"{service}-1", ["uid"] = $"{inNamespace}-{service}-1" },
        }),
    });

    private void Create(ResourceKind kind, string inNamespace, JsonObject json)
    {
        var outcome = writes.Create(new ResourcePath(kind, inNamespace, null, null), json, dryRun: false);
        if (!outcome.Succeeded(out _, out var failure))
            throw new InvalidOperationException($"{failure}");
    }
}
