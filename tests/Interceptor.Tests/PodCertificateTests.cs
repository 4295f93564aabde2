using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using k8s.Models;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Wakegate.Testing;

namespace Wakegate.Interceptor.Tests;

public class PodCertificateTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory(Timeout = 60_000)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task CertificateThatNamesItsIssuersAddress_LeadsNobodyThere(bool probed)
    {
        var fetched = 0;
        await using var elsewhere = new SocketServer((socket, _) =>
        {
            Interlocked.Increment(ref fetched);
            socket.Dispose();
            return Task.CompletedTask;
        });
        using var certificate = IssuedElsewhere(elsewhere.EndPoint);
        await using var pod = await StubPod.StartAsync(context => context.Response.WriteAsync("hello", Cancellation), HttpProtocols.Http1, tls: true, certificate: certificate);
        await using var app = await InterceptorApp.StartAsync(Trigger.Shop(("protocol", "https1"), ("readiness", "probe")));
        if (probed)
        {
            await app.Kubernetes.TargetAsync(pod.EndPoint.Port);
        }
        else
        {
            await app.ReadyAsync(pod.EndPoint);
        }

        var response = app.Client.SendAsync(new HttpRequestMessage(HttpMethod.Get, "http://shop.test/"), Cancellation);
        if (probed)
        {
            await app.HeldAsync(1);
            await app.Kubernetes.AddPodAsync("shop-1", probe: new V1Probe { HttpGet = new() { Port = pod.EndPoint.Port, Scheme = "HTTPS" } });
            await app.Kubernetes.ReportAsync("shop-1", ready: false);
            await Eventually.TrueAsync(() => response.IsCompleted);
        }

        Assert.Equal(HttpStatusCode.OK, (await response).StatusCode);
        Assert.Equal(0, Volatile.Read(ref fetched));
    }

    /// <summary>By an issuer that nobody here knows, but that can be fetched from an address; and so can what it has revoked.</summary>
    private static X509Certificate2 IssuedElsewhere(IPEndPoint address)
    {
        var (from, until) = (DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(200));
        using var issuerKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var asked = new CertificateRequest("CN=issuer", issuerKey, HashAlgorithmName.SHA256);
        asked.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, pathLengthConstraint: 0, critical: true));
        using var issuer = asked.CreateSelfSigned(from, until);

        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=pod", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509AuthorityInformationAccessExtension([$"http://{address}/ocsp"], [$"http://{address}/issuer.crt"]));
        request.CertificateExtensions.Add(CertificateRevocationListBuilder.BuildCrlDistributionPointExtension([$"http://{address}/revoked.crl"]));
        using var signed = request.Create(issuer, from, until, [1]);
        return signed.CopyWithPrivateKey(key);
    }
}
