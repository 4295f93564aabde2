using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace Wakegate.Testing.Redis;

/// <summary>As much of Redis's protocol as a fixture needs.</summary>
internal static class RedisWire
{
    /// <summary>Sends a command of one word and returns the start of its answer; empty where nothing is sent back.</summary>
    public static async Task<string> AskAsync(string address, string command)
    {
        var colon = address.LastIndexOf(':');
        using var client = new TcpClient();
        await client.ConnectAsync(address[..colon], int.Parse(address.AsSpan(colon + 1), CultureInfo.InvariantCulture));
        await client.Client.SendAsync(Encoding.ASCII.GetBytes($"*1\r\n${command.Length}\r\n{command}\r\n"));
        var answer = new byte[128];
        var length = await client.Client.ReceiveAsync(answer);
        return Encoding.ASCII.GetString(answer, 0, length);
    }

    /// <summary>Whether a Redis listens there and answers.</summary>
    public static async Task<bool> AnswersAsync(string address)
    {
        try
        {
            return (await AskAsync(address, "PING")).StartsWith("+PONG", StringComparison.Ordinal);
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
