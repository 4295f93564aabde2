using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Wakegate.Testing;
using Wakegate.Testing.Redis;

namespace Wakegate.Interceptor.Tests;

/// <summary>A Redis behind TLS, which lets in nobody without the one certificate there is: its own.</summary>
internal sealed class TlsRedis : IAsyncDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("wakegate-tls");
    private readonly X509Certificate2 certificate = SelfSigned.Create("redis");
    private readonly SocketServer front;

    private TlsRedis(RedisServer redis)
    {
        Redis = redis;
        CertificateFile = Path.Combine(folder.FullName, "certificate.pem");
        File.WriteAllText(CertificateFile, certificate.ExportCertificatePem());
        CertificateAndKeyFile = Path.Combine(folder.FullName, "both.pem");
        File.WriteAllText(CertificateAndKeyFile, $"{certificate.ExportCertificatePem()}\n{certificate.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem()}\n");
        front = new(RelayAsync);
    }

    /// <summary>What is behind, without TLS.</summary>
    public RedisServer Redis { get; }

    /// <summary><c>host:port</c>, with TLS.</summary>
    public string Address => front.EndPoint.ToString();

    /// <summary>PEM.</summary>
    public string CertificateFile { get; }

    /// <summary>PEM, one after the other.</summary>
    public string CertificateAndKeyFile { get; }

    public static async Task<TlsRedis> StartAsync() => new(await RedisServer.StartForFaultsAsync());

    public async ValueTask DisposeAsync()
    {
        await front.DisposeAsync();
        await Redis.DisposeAsync();
        certificate.Dispose();
        folder.Delete(recursive: true);
    }

    private async Task RelayAsync(Socket client, CancellationToken stop)
    {
        await using var tls = new SslStream(new NetworkStream(client, ownsSocket: true));
        using var redis = new TcpClient();
        try
        {
            await tls.AuthenticateAsServerAsync(
                new SslServerAuthenticationOptions
                {
                    ServerCertificate = certificate,
                    ClientCertificateRequired = true,
                    RemoteCertificateValidationCallback = (_, theirs, _, _) => theirs?.GetCertHashString() == certificate.GetCertHashString(),
                },
                stop);
            await redis.ConnectAsync(IPEndPoint.Parse(Redis.Address), stop);
            await Task.WhenAny(tls.CopyToAsync(redis.GetStream(), stop), redis.GetStream().CopyToAsync(tls, stop));
        }
        catch (Exception ended) when (ended is IOException or SocketException or AuthenticationException or OperationCanceledException)
        {
            // The client did not like what it saw, or we it; or Redis is away.
        }
    }
}
