using System.Collections.Concurrent;
using System.Reflection;
using System.Text.Json.Serialization;
using k8s.Models;

namespace Wakegate.Local.Api;

/// <summary>Schemas of the built-in kinds, read off the official client's model: what it can send is what is known.</summary>
internal static class ModelSchemas
{
    // Lists that strategic merge matches by a key, from the patchMergeKey tags of the Kubernetes API's types.
    // All other lists, endpoints of an EndpointSlice among them, are replaced as a whole.
    private static readonly Dictionary<(Type Owner, string Field), string> MergeKeys = new()
    {
        [(typeof(V1ObjectMeta), "ownerReferences")] = "uid",
        [(typeof(V1PodSpec), "containers")] = "name",
        [(typeof(V1PodSpec), "initContainers")] = "name",
        [(typeof(V1PodSpec), "volumes")] = "name",
        [(typeof(V1PodSpec), "imagePullSecrets")] = "name",
        [(typeof(V1PodSpec), "hostAliases")] = "ip",
        [(typeof(V1PodSpec), "topologySpreadConstraints")] = "topologyKey",
        [(typeof(V1Container), "env")] = "name",
        [(typeof(V1Container), "ports")] = "containerPort",
        [(typeof(V1Container), "volumeMounts")] = "mountPath",
        [(typeof(V1Container), "volumeDevices")] = "devicePath",
        [(typeof(V1ServiceSpec), "ports")] = "port",
        [(typeof(V1DeploymentStatus), "conditions")] = "type",
        [(typeof(V1PodStatus), "conditions")] = "type",
        [(typeof(V1PodStatus), "podIPs")] = "ip",
        [(typeof(V1PodStatus), "hostIPs")] = "ip",
        [(typeof(V1ServiceStatus), "conditions")] = "type",
        [(typeof(V1NamespaceStatus), "conditions")] = "type",
    };

    private static readonly ConcurrentDictionary<Type, Schema> Known = [];

    public static Schema Of<T>() => Of(typeof(T));

    private static Schema Of(Type type) => Known.TryGetValue(type, out var known) ? known : Known.GetOrAdd(type, Read(type));

    private static Schema Read(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type == typeof(string) || type == typeof(DateTime) || type == typeof(byte[]))
            return Schema.Text;
        if (type == typeof(int) || type == typeof(long))
            return Schema.Integer;
        if (type == typeof(bool))
            return Schema.Boolean;
        if (type == typeof(object) || type == typeof(IntOrString) || type == typeof(ResourceQuantity) || !type.IsClass && !type.IsInterface)
            return Schema.Any;
        return type.IsGenericType ? ReadCollection(type) : ReadObject(type);
    }

    private static Schema ReadCollection(Type type) => type.GetGenericArguments() switch
    {
        [var item] => Schema.List(Of(item)),
        [_, var value] => new Schema("object") { Values = Of(value) },
        _ => Schema.Any,
    };

    private static Schema ReadObject(Type type)
    {
        var properties =
            from property in type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
            let name = property.GetCustomAttribute<JsonPropertyNameAttribute>()?.Name
            where name is not null
            select (name, Of(property.PropertyType) with { MergeKey = MergeKeys.GetValueOrDefault((type, name)) });
        return Schema.Object([.. properties]);
    }
}
