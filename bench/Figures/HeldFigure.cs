using System.Globalization;
using Wakegate.Bench.Load;
using Wakegate.Bench.Results;
using Wakegate.Bench.Roles;
using Wakegate.Bench.Running;

namespace Wakegate.Bench.Figures;

/// <summary>
/// A process holds a few requests to warm up, rests, and then holds many more; what it grows by is theirs. The first stay: others would take the memory
/// that they leave behind, which at 1,000 hides half of them.
/// </summary>
internal sealed class HeldFigure : IFigure
{
    private const string Bare = "bare Kestrel";

    // Not all at once: what has been called often is compiled anew, a moment after nothing new is called any more. With one wave of 500 a crowd would find
    // all still to be compiled.
    private const int Waves = 10;
    private const int WaveSize = 50;
    private const int WarmUp = Waves * WaveSize;

    // What the collector has freed, and not given back, is filled first, or it would hide as much of the crowd. A bare Kestrel, which does nothing meanwhile, has more of it left than
    // the interceptor, whose heartbeats and watches go on.
    private const int Filling = 500;
    private static readonly TimeSpan BetweenWaves = TimeSpan.FromSeconds(0.5);

    /// <summary>
    /// In a process's first seconds its collector moves what the start has left, by chance before or after a crowd comes: 2 MiB either way. And after half a minute of holding the
    /// interceptor asks Kubernetes for the first time why no pod comes.
    /// </summary>
    private static readonly TimeSpan Youth = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Rest = TimeSpan.FromSeconds(3);

    // Each HTTP/1.1 request needs a connection, and each of those an open file at either end.
    private static readonly (bool Http2, int Count)[] Cases = [(false, 1_000), (false, 10_000), (true, 1_000), (true, 10_000), (true, 50_000)];

    public string Name => "hold";

    public string Title => "Resident memory of a held request";

    public async Task MeasureAsync(Stage stage, Plan plan, Report report, CancellationToken cancellation)
    {
        stage.Objects.AddRoute("shop", metadata: [("maxHeldRequests", "1000000"), ("holdTimeout", "600s")]);
        stage.Objects.AddDeployment("shop");
        await using var ledger = await LedgerView.OpenAsync(stage.Redis, cancellation);
        using var http = new HttpClient();
        for (var round = 0; round < plan.Rounds; round++)
        {
            foreach (var (http2, count) in Cases)
            {
                var metric = Metric(http2, count);
                var bare = await stage.RoleAsync(Bare, BareHolder.Role, cancellation);
                var ours = await stage.InterceptorAsync(Contestant.Wakegate, cancellation, ("Hold__MaxRequests", "1000000"));
                await using var warm = new Crowds();
                var held = 0;
                for (var wave = 0; wave < Waves; wave++)
                {
                    await HoldMoreAsync(WaveSize);
                    await Wait.SettleAsync(BetweenWaves, cancellation);
                }

                await Wait.SettleAsync(Youth, cancellation);
                await HoldMoreAsync(Filling);
                await Wait.SettleAsync(Rest, cancellation);

                report.Add(metric, "KiB a request", Bare, await GrowthAsync(bare, http2, count, n => BareHeldAsync(http, bare, n, cancellation), cancellation));
                await stage.RemoveAsync(bare);
                report.Add(metric, "KiB a request", Contestant.Wakegate, await GrowthAsync(ours, http2, count, n => ledger.WakingAsync("shop", n, cancellation), cancellation));
                await stage.RemoveAsync(ours);

                async Task HoldMoreAsync(int more)
                {
                    held += more;
                    warm.Add(await HoldAsync(bare, http2, more));
                    warm.Add(await HoldAsync(ours, http2, more));
                    await BareHeldAsync(http, bare, held, cancellation);
                    await ledger.WakingAsync("shop", held, cancellation);
                }
            }
        }

        foreach (var (http2, count) in Cases)
        {
            report.Difference(Metric(http2, count), Contestant.Wakegate, Bare, new(AtMost: 1));
        }

        report.Note("50,000 over HTTP/1.1 are not measured: they need more open files than most machines allow a process.");
    }

    private static string Metric(bool http2, int count) => $"{(http2 ? "HTTP/2" : "HTTP/1.1")}, {count.ToString("#,0", CultureInfo.InvariantCulture)} held";

    private static async Task<double> GrowthAsync(Contestant who, bool http2, int count, Func<int, Task> held, CancellationToken cancellation)
    {
        var before = who.Process!.Use.Resident;
        await using var crowd = await HoldAsync(who, http2, count);
        await held(WarmUp + Filling + count);
        await Wait.SettleAsync(Rest, cancellation);
        return (who.Process.Use.Resident - before) / 1024.0 / count;
    }

    private static Task<Child> HoldAsync(Contestant who, bool http2, int count) => http2
        ? H2Load.StartAsync(who.Address, Proxies.Host, $"-n{count}", $"-c{Math.Max(1, count / 1000)}", $"-m{Math.Min(count, 1000)}")
        : H2Load.StartAsync(who.Address, Proxies.Host, H2Load.Http1, $"-n{count}", $"-c{count}", "-m1");

    private static Task BareHeldAsync(HttpClient http, Contestant bare, int count, CancellationToken cancellation) => Wait.UntilAsync(
        async () => await http.GetStringAsync(new Uri(bare.Address, "/count"), cancellation) == count.ToString(CultureInfo.InvariantCulture),
        $"{count} requests held by {bare.Name}",
        cancellation);

    /// <summary>Requests that stay held until all are let go.</summary>
    private sealed class Crowds : List<Child>, IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            foreach (var crowd in this)
            {
                await crowd.DisposeAsync();
            }
        }
    }
}
