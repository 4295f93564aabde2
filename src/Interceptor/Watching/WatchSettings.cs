using Wakegate.Contracts.Settings;

namespace Wakegate.Interceptor.Watching;

/// <summary>What is watched; configuration section <c>Interceptor</c>.</summary>
internal sealed class WatchSettings : IValidatedOptions
{
    /// <summary>The scaler's address as ScaledObjects name it: by it a trigger is known to be ours.</summary>
    public string ScalerAddress { get; set; } = "wakegate-scaler.wakegate:9090";

    /// <summary>Namespaces to watch; empty for all.</summary>
    public string[] Namespaces { get; set; } = [];

    /// <summary>
    /// Whether endpoints that are not Pods of the route's namespace are used. Through us their author could reach what a NetworkPolicy denies
    /// to the author.
    /// </summary>
    public bool AllowForeignEndpoints { get; set; }

    public void Read(IConfiguration configuration) => configuration.GetSection("Interceptor").Bind(this);

    public IEnumerable<string> Errors()
    {
        var colon = ScalerAddress.LastIndexOf(':');
        if (colon <= 0 || !ushort.TryParse(ScalerAddress.AsSpan(colon + 1), out var port) || port == 0)
        {
            yield return $"Interceptor:ScalerAddress \"{ScalerAddress}\" is not host:port: give one like wakegate-scaler.wakegate:9090.";
        }
    }
}
