namespace Wakegate.ExternalScaler;

internal static class LoggingExtensions
{
    /// <summary>JSON in a container, readable on a terminal; changes of state, not calls.</summary>
    public static void AddLogging(this WebApplicationBuilder builder)
    {
        builder.Logging.ClearProviders();
        _ = builder.Configuration.GetValue("DOTNET_RUNNING_IN_CONTAINER", false)
            ? builder.Logging.AddJsonConsole(json => json.UseUtcTimestamp = true)
            : builder.Logging.AddSimpleConsole(console => console.SingleLine = true);
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning);
        builder.Logging.AddFilter("Grpc", LogLevel.Warning);
    }
}
