using System.Net.Sockets;
using System.Text;

namespace Wakegate.Local.Redis;

/// <summary>Where a Redis listens.</summary>
internal sealed record RedisAddress(string Host, int Port)
{
    /// <summary><c>HOST:PORT</c>.</summary>
    public static bool TryParse(string text, out RedisAddress? address)
    {
        var colon = text.LastIndexOf(':');
        address = colon > 0 && ushort.TryParse(text.AsSpan(colon + 1), out var port) && port > 0 ? new(text[..colon], port) : null;
        return address is not null;
    }

    /// <summary>Whether a Redis answers there now. One that wants a password does, with an error.</summary>
    public async Task<bool> AnswersAsync(CancellationToken cancellation)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(Host, Port, cancellation);
            await socket.SendAsync("PING\r\n"u8.ToArray(), cancellation);
            var answer = new byte[64];
            var length = await socket.ReceiveAsync(answer, cancellation);
            return Encoding.ASCII.GetString(answer, 0, length) is ['+' or '-', ..];
        }
        catch (SocketException)
        {
            return false;
        }
    }

    public override string ToString() => $"{Host}:{Port}";
}
