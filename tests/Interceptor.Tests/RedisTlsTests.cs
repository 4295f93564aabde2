using Wakegate.Testing;
using Wakegate.Testing.Ledger;

namespace Wakegate.Interceptor.Tests;

/// <summary>A Redis that speaks TLS, as a private authority certifies it; see <c>docs/installation.md</c>.</summary>
public sealed class RedisTlsTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact(Timeout = 60_000)]
    public async Task NamedIssuerAndOwnCertificate_CountsReachTheLedgerAlsoAfterARestart()
    {
        await using var tls = await TlsRedis.StartAsync();
        await using var app = await StartAsync(tls, ("SERedis_IssuerCertPath", tls.CertificateFile), ("SERedis_ClientCertPemPath", tls.CertificateAndKeyFile));
        var held = app.Client.SendAsync(new HttpRequestMessage(HttpMethod.Get, "http://shop.test/"), Cancellation);
        await WakingAsync(tls);

        await tls.Redis.RestartAsync();
        await WakingAsync(tls);

        Assert.False(held.IsCompleted);
    }

    [Fact(Timeout = 60_000)]
    public async Task IssuerThatIsNotNamed_IsTheReasonInTheLog()
    {
        await using var tls = await TlsRedis.StartAsync();
        await using var app = await StartAsync(tls);

        await Eventually.TrueAsync(() => app.Lines.Any(line => line.Contains("Redis cannot be reached", StringComparison.Ordinal)));

        Assert.Contains(app.Lines, line => line.EndsWith("UntrustedRoot", StringComparison.Ordinal));
    }

    // One who has read nothing before.
    private static async Task WakingAsync(TlsRedis tls)
    {
        await using var reader = await LedgerHost.StartReaderAsync(tls.Redis.Address);
        await Eventually.TrueAsync(() => reader.Reader.Find(LedgerHost.Route("shop")).Waking == 1);
    }

    private static Task<InterceptorProcess> StartAsync(TlsRedis tls, params (string Name, string Value)[] variables) => InterceptorProcess.StartInAsync(
        variables.ToDictionary(v => v.Name, v => v.Value, StringComparer.Ordinal), [$"--Redis:ConnectionString={tls.Address},ssl=true", .. LedgerHost.Fast]);
}
