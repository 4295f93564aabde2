using System.Net;
using Microsoft.AspNetCore.Connections;

namespace Wakegate.Interceptor.Listening;

/// <summary>The address of a connection's other end as text, made once for all of its requests.</summary>
internal sealed class ClientAddress
{
    private readonly string text;

    private ClientAddress(IPAddress address) => text = (address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).ToString();

    /// <summary>Notes it down as the connection opens.</summary>
    public static void Note(ConnectionContext connection)
    {
        if (connection.RemoteEndPoint is IPEndPoint remote)
        {
            connection.Features.Set(new ClientAddress(remote.Address));
        }
    }

    /// <summary>Null where the connection has none.</summary>
    public static string? Of(HttpContext context) => context.Features.Get<ClientAddress>()?.text;
}
