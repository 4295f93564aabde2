namespace Wakegate.Contracts.Triggers;

/// <summary>Reads the metadata of a ScaledObject's trigger. Nothing here throws for what a user can write: what is wrong is a <see cref="Refusal"/>.</summary>
public static class TriggerParser
{
    /// <summary>Whether a trigger is meant for us: an external one whose address names our scaler.</summary>
    /// <param name="type">The trigger's type.</param>
    /// <param name="scalerAddress">Its <c>scalerAddress</c>, if it has one.</param>
    /// <param name="ourAddress">Our scaler's address, as a setting gives it.</param>
    public static bool IsOurs(string type, string? scalerAddress, string ourAddress) =>
        type is "external-push" or "external" && scalerAddress is not null && ScalerAddress.Of(scalerAddress) == ScalerAddress.Of(ourAddress);

    /// <summary>Reads all of a trigger: the route, or everything that is wrong with it.</summary>
    /// <param name="ns">The ScaledObject's namespace.</param>
    /// <param name="scaledObject">The ScaledObject's name.</param>
    /// <param name="metadata">The trigger's metadata.</param>
    public static TriggerParse Parse(string ns, string scaledObject, IReadOnlyDictionary<string, string> metadata)
    {
        var reader = new MetadataReader(metadata);
        var hosts = reader.Items(TriggerKeys.Hosts, HostPatterns.Read);
        var spec = new RouteSpec
        {
            Hosts = hosts,
            PathPrefixes = reader.Items(TriggerKeys.PathPrefixes, PathPrefixes.Read),
            Headers = reader.Items(TriggerKeys.Headers, new HeaderConditions().Read),
            Service = reader.Text(TriggerKeys.Service) ?? "",
            Port = Port(reader),
            Via = reader.Choice<Via>(TriggerKeys.Via),
            Id = new(ns, scaledObject, Route(reader, scaledObject)),
            Scaling = Scaling(reader),
            Readiness = reader.Choice<Readiness>(TriggerKeys.Readiness),
            PodConcurrency = reader.WholeNumber(TriggerKeys.PodConcurrency) ?? 0,
            HoldTimeout = reader.Duration(TriggerKeys.HoldTimeout),
            MaxHeldRequests = reader.WholeNumber(TriggerKeys.MaxHeldRequests) ?? 0,
            ResponseTimeout = reader.Duration(TriggerKeys.ResponseTimeout),
            RequestTimeout = reader.Duration(TriggerKeys.RequestTimeout),
            Protocol = reader.Choice<UpstreamProtocol>(TriggerKeys.Protocol),
        };
        UnknownKeys.Refuse(reader);

        return new() { Spec = reader.Refusals.Count == 0 ? spec : null, Refusals = reader.Refusals, Hosts = hosts, Route = spec.Id.Route };
    }

    /// <summary>Reads only what the scaler needs, with defaults for what is refused.</summary>
    /// <param name="ns">The ScaledObject's namespace.</param>
    /// <param name="scaledObject">The ScaledObject's name.</param>
    /// <param name="metadata">The trigger's metadata.</param>
    public static ScalingParse ParseScaling(string ns, string scaledObject, IReadOnlyDictionary<string, string> metadata)
    {
        var reader = new MetadataReader(metadata);
        return new() { Route = Route(reader, scaledObject), Scaling = Scaling(reader), Refusals = reader.Refusals };
    }

    private static string Route(MetadataReader reader, string scaledObject) => reader.Text(TriggerKeys.Route) ?? scaledObject;

    private static ScalingSpec Scaling(MetadataReader reader)
    {
        var rate = reader.Number(TriggerKeys.TargetRequestRate);
        var onlyRate = rate is not null && !reader.Has(TriggerKeys.TargetPendingRequests);
        return new()
        {
            TargetPendingRequests = onlyRate ? null : reader.Number(TriggerKeys.TargetPendingRequests),
            TargetRequestRate = rate,
            RequestRateWindow = reader.Duration(TriggerKeys.RequestRateWindow),
            ActivityWindow = reader.Duration(TriggerKeys.ActivityWindow),
        };
    }

    private static ServicePort Port(MetadataReader reader)
    {
        if (!reader.Has(TriggerKeys.Port) && !reader.Has(TriggerKeys.PortName))
        {
            reader.Refuse(TriggerKeys.Port, null, "is missing", $"{TriggerKeys.Port.Remedy}, or a portName");
        }
        else if (reader.Has(TriggerKeys.Port) && reader.Has(TriggerKeys.PortName))
        {
            reader.Refuse(TriggerKeys.PortName, reader.Raw(TriggerKeys.PortName), "stands beside port", "give only one of the two");
        }

        return new(reader.WholeNumber(TriggerKeys.Port), reader.Text(TriggerKeys.PortName));
    }
}
