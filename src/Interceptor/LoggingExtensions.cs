using Microsoft.Extensions.Configuration.Memory;

namespace Wakegate.Interceptor;

internal static class LoggingExtensions
{
    /// <summary>JSON in a container, readable on a terminal; changes of state, not requests.</summary>
    public static void AddLogging(this WebApplicationBuilder builder)
    {
        // Defaults that settings override: what a library says of each request is of no use here.
        builder.Configuration.Sources.Insert(0, new MemoryConfigurationSource
        {
            InitialData = new Dictionary<string, string?>(StringComparer.Ordinal)
            {
                ["Logging:LogLevel:Default"] = "Information",
                ["Logging:LogLevel:Microsoft"] = "Warning",
                ["Logging:LogLevel:Yarp"] = "Error",
                ["Logging:LogLevel:System.Net.Http"] = "Warning",
            },
        });
        builder.Logging.ClearProviders();
        _ = builder.Configuration.GetValue("DOTNET_RUNNING_IN_CONTAINER", false)
            ? builder.Logging.AddJsonConsole(json => json.UseUtcTimestamp = true)
            : builder.Logging.AddSimpleConsole(console => console.SingleLine = true);
    }
}
