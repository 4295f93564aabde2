using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Wakegate.Interceptor.Listening;

/// <summary>
/// What all requests of a connection have in common: on which port they came in, whatever its number turned out to be, and from where. One feature, since a
/// request looks for it behind all those that a server may have.
/// </summary>
internal sealed class ClientConnection
{
    private static readonly ClientConnection Admin = new() { IsAdmin = true };

    private ClientConnection()
    {
    }

    /// <summary>Whether it came in on the admin port.</summary>
    public bool IsAdmin { get; private init; }

    /// <summary>The address of its other end as text; null where it has none.</summary>
    public string? Address { get; private init; }

    /// <summary>Marks the connections of an endpoint as the admin port's.</summary>
    public static void MarkAdmin(ListenOptions admin)
    {
        admin.Protocols = HttpProtocols.Http1;
        admin.Use(next => connection =>
        {
            connection.Features.Set(Admin);
            return next(connection);
        });
    }

    /// <summary>Notes it down as the connection opens.</summary>
    public static void Note(ConnectionContext connection) => connection.Features.Set(new ClientConnection
    {
        Address = connection.RemoteEndPoint is IPEndPoint { Address: var address } ? $"{(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address)}" : null,
    });

    /// <summary>Null where nothing has been noted.</summary>
    /// <remarks>Not by <c>Get</c>, a generic method of an interface: finding which one is meant takes longer than the rest.</remarks>
    public static ClientConnection? Of(HttpContext context) => (ClientConnection?)context.Features[typeof(ClientConnection)];
}
