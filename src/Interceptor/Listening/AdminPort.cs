using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Wakegate.Interceptor.Listening;

/// <summary>Marks connections that came in on the admin port, whatever its number turned out to be.</summary>
internal sealed class AdminPort
{
    private static readonly AdminPort Marker = new();

    private AdminPort()
    {
    }

    /// <summary>Marks the connections of an endpoint.</summary>
    public static void Mark(ListenOptions admin)
    {
        admin.Protocols = HttpProtocols.Http1;
        admin.Use(next => connection =>
        {
            connection.Features.Set(Marker);
            return next(connection);
        });
    }

    public static bool Received(HttpContext context) => context.Features.Get<AdminPort>() is not null;
}
