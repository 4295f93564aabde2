using System.Net;
using Wakegate.Testing;

namespace Wakegate.Interceptor.Tests;

/// <summary>Pods that come and go under load.</summary>
public class ChurnTests
{
    private const int Clients = 4;

    [Fact(Timeout = 60_000)]
    public async Task PodsComeAndGo_EveryRequestIsAnswered()
    {
        await using var one = await StubPod.StartAsync();
        await using var other = await StubPod.StartAsync();
        await using var app = await InterceptorApp.StartAsync(Trigger.Shop());
        await app.ReadyAsync(one.EndPoint);
        using var stop = new CancellationTokenSource();
        var load = Enumerable.Range(0, Clients).Select(_ => AskAsync(app, stop.Token)).ToList();

        for (var i = 0; i < 10; i++)
        {
            await app.ReadyAsync(i % 2 == 0 ? [other.EndPoint] : [one.EndPoint, other.EndPoint]);
            await AnswersAsync(other, 2 * Clients);
            await app.ReadyAsync(one.EndPoint);
            await AnswersAsync(one, 2 * Clients);
        }

        await stop.CancelAsync();
        var statuses = await Task.WhenAll(load);

        Assert.Equal([HttpStatusCode.OK], statuses.SelectMany(s => s).Distinct());
        await app.PendingAsync(0);
    }

    [Fact(Timeout = 60_000)]
    public async Task LastPodGoesBeforeAnyoneHearsOfIt_NoRequestIsLostAndNoneHangs()
    {
        await using var app = await InterceptorApp.StartAsync(Trigger.Shop());
        using var stop = new CancellationTokenSource();
        var load = new List<Task<HashSet<HttpStatusCode>>>();

        for (var i = 0; i < 5; i++)
        {
            await using var pod = await StubPod.StartAsync();
            await app.ReadyAsync(pod.EndPoint);
            if (i == 0)
            {
                load.AddRange(Enumerable.Range(0, Clients).Select(_ => AskAsync(app, stop.Token, HttpMethod.Get)));
            }

            // It ends in the middle of its requests, and all are held, before its slice says so.
            await AnswersAsync(pod, 2 * Clients);
            await pod.DisposeAsync();
            await app.HeldAsync(Clients);
            await app.ReadyAsync();
        }

        await using var last = await StubPod.StartAsync();
        await app.ReadyAsync(last.EndPoint);
        await AnswersAsync(last, 2 * Clients);
        await stop.CancelAsync();
        var statuses = await Task.WhenAll(load);

        Assert.Equal([HttpStatusCode.OK], statuses.SelectMany(s => s).Distinct());
        await app.PendingAsync(0);
    }

    private static async Task<HashSet<HttpStatusCode>> AskAsync(InterceptorApp app, CancellationToken stop, HttpMethod? method = null)
    {
        var statuses = new HashSet<HttpStatusCode>();
        while (!stop.IsCancellationRequested)
        {
            // POST: what is not repeated shows every mistake.
            using var request = new HttpRequestMessage(method ?? HttpMethod.Post, "http://shop.test/") { Content = method is null ? new StringContent("order") : null };
            using var response = await app.Client.SendAsync(request, TestContext.Current.CancellationToken);
            statuses.Add(response.StatusCode);
        }

        return statuses;
    }

    private static Task AnswersAsync(StubPod pod, int more)
    {
        var enough = pod.Seen.Count + more;
        return Eventually.TrueAsync(() => pod.Seen.Count >= enough);
    }
}
