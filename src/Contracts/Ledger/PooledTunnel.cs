using System.Net;
using System.Net.Sockets;
using StackExchange.Redis;
using StackExchange.Redis.Configuration;
using Wakegate.Contracts.Sockets;

namespace Wakegate.Contracts.Ledger;

/// <summary>
/// Has Redis's client, which may block, go on with threads of the pool. The sockets stay the client's own: of a stream that it got without one, it does not
/// let go when Redis is silent.
/// </summary>
internal sealed class PooledTunnel : Tunnel
{
    public override async ValueTask<Stream?> BeforeAuthenticateAsync(
        EndPoint endpoint, ConnectionType connectionType, Socket? socket, CancellationToken cancellationToken)
    {
        await Task.Yield();
        return socket is null ? null : new PooledStream(socket);
    }
}
