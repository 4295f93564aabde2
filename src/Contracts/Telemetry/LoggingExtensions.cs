using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Memory;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace Wakegate.Contracts.Telemetry;

/// <summary>Logs, the same for both services.</summary>
public static class LoggingExtensions
{
    /// <summary>JSON in a container, readable on a terminal; changes of state, not requests.</summary>
    public static void AddLogging(this IHostApplicationBuilder builder)
    {
        // Defaults that settings override: what a library says of each request is of no use here.
        builder.Configuration.Sources.Insert(0, new MemoryConfigurationSource
        {
            InitialData = new Dictionary<string, string?>(StringComparer.Ordinal)
            {
                ["Logging:LogLevel:Default"] = "Information",
                ["Logging:LogLevel:Microsoft"] = "Warning",
                ["Logging:LogLevel:Grpc"] = "Warning",
                ["Logging:LogLevel:Yarp"] = "Error",
                ["Logging:LogLevel:System.Net.Http"] = "Warning",

                // Where it may log anything at all, ASP.NET Core makes an Activity for every request, traced or not.
                ["Logging:LogLevel:Microsoft.AspNetCore.Hosting.Diagnostics"] = "None",
            },
        });
        builder.Configuration.AddLevelsFile();
        builder.Logging.ClearProviders();

        // Where whoever reads the lines stalls, they are lost, and how many is said. The default makes all wait who have something to say.
        builder.Services.Configure<ConsoleLoggerOptions>(console => console.QueueFullMode = ConsoleLoggerQueueFullMode.DropWrite);

        // A log line written while a request is traced names its trace.
        var scopes = builder.IsTraced();
        _ = builder.Configuration.GetValue("DOTNET_RUNNING_IN_CONTAINER", false)
            ? builder.Logging.AddJsonConsole(json => (json.UseUtcTimestamp, json.IncludeScopes) = (true, scopes))
            : builder.Logging.AddSimpleConsole(console => (console.SingleLine, console.IncludeScopes) = (true, scopes));
    }
}
