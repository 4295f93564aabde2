using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Wakegate.Local.Cluster;

/// <summary>Where everything listens on 127.0.0.1.</summary>
public sealed record LocalPorts
{
    /// <summary>How far the ports can be shifted.</summary>
    public const int LargestOffset = 65535 - 9091;

    // Who got a port may not listen on it yet.
    private static readonly ConcurrentDictionary<int, bool> Given = new();

    /// <summary>The interceptor's traffic.</summary>
    public required int Interceptor { get; init; }

    /// <summary>The interceptor's live page, <c>/livez</c>, <c>/readyz</c> and <c>/metrics</c>.</summary>
    public required int InterceptorAdmin { get; init; }

    /// <summary>The Kubernetes API.</summary>
    public required int Api { get; init; }

    /// <summary>The scaler's gRPC.</summary>
    public required int Scaler { get; init; }

    /// <summary>The scaler's <c>/livez</c>, <c>/readyz</c> and <c>/metrics</c>.</summary>
    public required int ScalerAdmin { get; init; }

    /// <summary>Redis, where Local starts it.</summary>
    public required int Redis { get; init; }

    /// <summary>The documented ports, shifted.</summary>
    public static LocalPorts At(int offset) => new()
    {
        Interceptor = 8080 + offset,
        InterceptorAdmin = 8081 + offset,
        Api = 8001 + offset,
        Scaler = 9090 + offset,
        ScalerAdmin = 9091 + offset,
        Redis = 6379 + offset,
    };

    /// <summary>Ports that are free now, for tests that run beside each other.</summary>
    public static LocalPorts Free() => new()
    {
        Interceptor = FreePort(),
        InterceptorAdmin = FreePort(),
        Api = FreePort(),
        Scaler = FreePort(),
        ScalerAdmin = FreePort(),
        Redis = FreePort(),
    };

    /// <summary>A port on which nobody listens. This process gets each but once.</summary>
    internal static int FreePort()
    {
        // Below the range from which the system serves whoever asks for any port: nobody gets it between this check and its use by chance.
        while (true)
        {
            var port = Random.Shared.Next(10_000, 32_000);
            if (Given.TryAdd(port, true) && IsFree(port))
                return port;
        }
    }

    /// <summary>Refuses to start where a port is taken, before anything is started.</summary>
    /// <exception cref="LocalException">Names every port that is in use, and who wanted it.</exception>
    internal void ThrowIfTaken(bool startsRedis)
    {
        var taken = Names(startsRedis).Where(port => !IsFree(port.Number))
            .Select(port => $"Port {port.Number} on 127.0.0.1, for {port.What}, is in use.")
            .ToList();
        if (taken.Count > 0)
            throw new LocalException($"{string.Join(Environment.NewLine, taken)}{Environment.NewLine}Stop what listens there, or shift all ports, for example with --port-offset 100.");
    }

    private IEnumerable<(int Number, string What)> Names(bool startsRedis)
    {
        yield return (Interceptor, "the interceptor's traffic");
        yield return (InterceptorAdmin, "the interceptor's admin");
        yield return (Api, "the Kubernetes API");
        yield return (Scaler, "the scaler");
        yield return (ScalerAdmin, "the scaler's admin");
        if (startsRedis)
            yield return (Redis, "Redis");
    }

    private static bool IsFree(int port)
    {
        using var listener = new TcpListener(IPAddress.Loopback, port);
        try
        {
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
