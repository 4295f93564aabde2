using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Wakegate.Contracts.Ledger;

namespace Wakegate.Contracts.Tests.Ledger;

public class LedgerOptionsTests
{
    [Fact]
    public async Task WrongSettings_StopTheStartWithAllErrorsAtOnce()
    {
        var refusal = await Assert.ThrowsAsync<AggregateException>(() => StartAsync(
            "--Redis:KeyPrefix=wakegate", "--Redis:CommandTimeout=soon", "--Ledger:Heartbeat=5", "--Ledger:Lease=3s", "--Ledger:MaxStaleness=1s"));

        Assert.Equal(
            [
                "Ledger:Heartbeat \"5\" is not a duration: write it as 500ms, 90s or 1m30s.",
                "Ledger:Lease \"3s\" is too short: give at least twice the heartbeat, 4s.",
                "Ledger:MaxStaleness \"1s\" is too short: give more than Ledger:Reread, 5s.",
                "Redis:CommandTimeout \"soon\" is not a duration: write it as 500ms, 90s or 1m30s.",
                "Redis:ConnectionString is missing: give Redis's address, such as redis.wakegate:6379.",
                "Redis:KeyPrefix \"wakegate\" has no hash tag: give a prefix with a word in braces, such as {wakegate}.",
            ],
            refusal.InnerExceptions.Cast<OptionsValidationException>().SelectMany(section => section.Failures).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Durations_MayBeWrittenAsKubernetesOrDotNetDo()
    {
        var options = new LedgerOptions();

        options.Read(new ConfigurationBuilder().AddCommandLine(["--Ledger:Heartbeat=500ms", "--Ledger:Lease=1m30s", "--Ledger:Reread=00:00:03"]).Build());

        Assert.Equal(
            (TimeSpan.FromMilliseconds(500), TimeSpan.FromSeconds(90), TimeSpan.FromSeconds(3), TimeSpan.FromSeconds(15)),
            (options.Heartbeat, options.Lease, options.Reread, options.MaxStaleness));
        Assert.Empty(options.Errors());
    }

    private static async Task StartAsync(params string[] settings)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new());
        builder.Configuration.AddCommandLine(settings);
        builder.Services.AddLedgerWriter();
        using var host = builder.Build();
        await host.StartAsync(TestContext.Current.CancellationToken);
    }
}
