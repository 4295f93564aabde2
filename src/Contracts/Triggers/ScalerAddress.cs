namespace Wakegate.Contracts.Triggers;

/// <summary>A scaler's address, reduced to what tells two scalers of one cluster apart: <c>service.namespace</c> and the port.</summary>
public readonly record struct ScalerAddress(string Host, string Port)
{
    /// <summary>Drops <c>.svc</c> and whatever cluster domain follows it.</summary>
    public static ScalerAddress Of(string address)
    {
        var trimmed = address.Trim();
        var colon = trimmed.LastIndexOf(':');
        var host = (colon < 0 ? trimmed : trimmed[..colon]).ToLowerInvariant().TrimEnd('.');
        var port = colon < 0 ? "" : trimmed[(colon + 1)..];
        return new(host.Split('.') is [var service, var ns, "svc", ..] ? $"{service}.{ns}" : host, port);
    }
}
