using Microsoft.Extensions.DependencyInjection.Extensions;
using Wakegate.Contracts.Telemetry;
using Wakegate.Interceptor.Listening;

namespace Wakegate.Bench.Roles;

/// <summary>A server with the interceptor's own Kestrel settings, its shared port included, and nothing else of it.</summary>
internal static class BareServer
{
    public static WebApplicationBuilder CreateBuilder(string[] settings)
    {
        var builder = WebApplication.CreateSlimBuilder(settings);
        builder.AddLogging();
        builder.Services.TryAddSingleton(TimeProvider.System);
        builder.AddListening();
        return builder;
    }
}
