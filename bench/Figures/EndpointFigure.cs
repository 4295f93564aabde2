using System.Net;
using System.Net.Sockets;
using Wakegate.Bench.Load;
using Wakegate.Bench.Results;
using Wakegate.Bench.Roles;
using Wakegate.Bench.Running;

namespace Wakegate.Bench.Figures;

/// <summary>From the write of an EndpointSlice to the first byte of a held request at its pod.</summary>
internal sealed class EndpointFigure : IFigure
{
    private const int Samples = 300;
    private const string Bare = "bare watch to GET";

    // Watched by the baseline alone, and of no interest to the interceptor.
    private const string BareNamespace = "bare";
    private static readonly TimeProvider Clock = TimeProvider.System;

    public string Name => "endpoint";

    public string Title => "From an endpoint's event to the first byte at the pod";

    public async Task MeasureAsync(Stage stage, Plan plan, Report report, CancellationToken cancellation)
    {
        var routes = Enumerable.Range(0, Samples * (plan.Rounds + 1)).Select(n => $"shop{n}").ToList();
        foreach (var route in routes)
            stage.Objects.AddRoute(route);
        var ours = await stage.InterceptorAsync(Contestant.Wakegate, cancellation, ("Interceptor__Namespaces__0", ClusterObjects.Namespace));
        var bareWatch = await stage.RoleAsync(Bare, BareWatch.Role, cancellation, $"--Api={stage.Api.Address}", $"--Namespace={BareNamespace}");
        await using var ledger = await LedgerView.OpenAsync(stage.Redis, cancellation);
        using var pod = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        pod.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        pod.Listen();

        for (var round = 0; round <= plan.Rounds; round++)
        {
            var (bare, released) = (new List<double>(), new List<double>());
            foreach (var route in routes.Skip(round * Samples).Take(Samples))
            {
                await using var client = await RawRequest.ConnectAsync(ours.Port, cancellation);
                client.Send($"{route}.test");
                await ledger.WakingAsync(route, 1, cancellation);
                bare.Add(await TimeAsync(stage, pod, route, BareNamespace, cancellation));
                released.Add(await TimeAsync(stage, pod, route, ClusterObjects.Namespace, cancellation));
            }

            if (round > 0)
            {
                EdgeFigure.Add(report, Bare, bare);
                EdgeFigure.Add(report, Contestant.Wakegate, released);
            }
        }

        report.Ratio("p99", Contestant.Wakegate, Bare, new(AtMost: 3));
        report.Ratio("p50", Contestant.Wakegate, Bare, Bound.None);
        report.Note($"{Samples} a round, one after the other, each with a connection to the pod that is opened for it; the aim for the p99 is 5 ms.");
        await stage.RemoveAsync(bareWatch);
    }

    private static async Task<double> TimeAsync(Stage stage, Socket pod, string route, string inNamespace, CancellationToken cancellation)
    {
        var accepting = FirstByteAsync(pod, cancellation);
        var started = Clock.GetTimestamp();
        stage.Objects.AddPod(route, ((IPEndPoint)pod.LocalEndPoint!).Port, inNamespace);
        return Clock.GetElapsedTime(started, await accepting.WaitAsync(TimeSpan.FromSeconds(30), Clock, cancellation)).TotalMilliseconds;
    }

    private static async Task<long> FirstByteAsync(Socket pod, CancellationToken cancellation)
    {
        using var connection = await pod.AcceptAsync(cancellation);
        await connection.ReceiveAsync(new byte[4096], cancellation);
        var at = Clock.GetTimestamp();
        await connection.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"u8.ToArray(), cancellation);
        return at;
    }
}
