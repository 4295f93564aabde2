using System.Globalization;
using System.Net;
using Microsoft.AspNetCore.Http;
using Wakegate.Interceptor.Forwarding;
using Wakegate.Testing;

namespace Wakegate.Interceptor.Tests;

public class ReleaseTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact(Timeout = 60_000)]
    public async Task PodConcurrency_IsNeverExceededAndTheQueueGoesInOrder()
    {
        await using var pod = await GatedPod.StartAsync();
        await using var app = await InterceptorApp.StartAsync(Trigger.Shop(("podConcurrency", "2")));
        var responses = await HoldAsync(app, 6);

        await app.ReadyAsync(pod.EndPoint);
        for (var round = 0; round < 3; round++)
        {
            await pod.HasAsync(2);
            Assert.Equal(4 - (round * 2), app.Route().Queue.Count);
            pod.Answer(2);
            await Task.WhenAll(responses.Skip(round * 2).Take(2));
        }

        Assert.Equal(2, pod.Most);
        Assert.Equal(["GET /0", "GET /1", "GET /2", "GET /3", "GET /4", "GET /5"], pod.Seen.Order());
        await app.PendingAsync(0);
    }

    [Fact(Timeout = 60_000)]
    public async Task BusyPods_RequestsAreQueuedAndNotWaking()
    {
        await using var pod = await GatedPod.StartAsync();
        await using var app = await InterceptorApp.StartAsync(Trigger.Shop(("podConcurrency", "1")));
        var responses = await HoldAsync(app, 3);
        Assert.Equal((3, 0), (app.Route().Counts.Waking, app.Route().Counts.Queued));

        await app.ReadyAsync(pod.EndPoint);
        await pod.HasAsync(1);
        Assert.Equal((0, 2), (app.Route().Counts.Waking, app.Route().Counts.Queued));

        await app.ReadyAsync();
        Assert.Equal((2, 0), (app.Route().Counts.Waking, app.Route().Counts.Queued));
        pod.Answer(1);
        Assert.Equal(HttpStatusCode.OK, (await responses[0]).StatusCode);
        Assert.False(responses[1].IsCompleted);
    }

    [Fact(Timeout = 60_000)]
    public async Task PodThatGoesAndComesBack_StillHasWhatItHad()
    {
        await using var pod = await GatedPod.StartAsync();
        await using var app = await InterceptorApp.StartAsync(Trigger.Shop(("podConcurrency", "2")));
        var responses = await HoldAsync(app, 4);
        await app.ReadyAsync(pod.EndPoint);
        await pod.HasAsync(2);

        await app.ReadyAsync();
        pod.Answer(1);
        await Task.WhenAny(responses);
        await app.ReadyAsync(pod.EndPoint);
        await pod.HasAsync(2);
        Assert.Equal(2, app.Route().Pods.All[0].InFlight);
        Assert.Equal(1, app.Route().Queue.Count);
        pod.Answer(2);
        await pod.HasAsync(1);
        pod.Answer(1);
        await Task.WhenAll(responses);

        Assert.Equal(2, pod.Most);
        await Eventually.TrueAsync(() => app.Route().Pods.All[0].InFlight == 0);
    }

    [Fact(Timeout = 60_000)]
    public async Task PodThatComesBackAfterItsLastRequestHasEnded_IsUsedAgain()
    {
        await using var pod = await GatedPod.StartAsync();
        await using var app = await InterceptorApp.StartAsync(Trigger.Shop());
        await app.ReadyAsync(pod.EndPoint);
        var first = app.Client.SendAsync(Get(0), Cancellation);
        await pod.HasAsync(1);
        await app.ReadyAsync();
        pod.Answer(1);
        await first;

        await app.ReadyAsync(pod.EndPoint);
        var second = app.Client.SendAsync(Get(1), Cancellation);
        await pod.HasAsync(1);
        pod.Answer(1);

        Assert.Equal(HttpStatusCode.OK, (await second).StatusCode);
    }

    [Fact(Timeout = 60_000)]
    public async Task PodConcurrencyTakenAway_ReleasesTheQueue()
    {
        await using var pod = await GatedPod.StartAsync();
        await using var app = await InterceptorApp.StartAsync(Trigger.Shop(("podConcurrency", "1")));
        await app.ReadyAsync(pod.EndPoint);
        var first = app.Client.SendAsync(Get(0), Cancellation);
        await pod.HasAsync(1);
        var second = app.Client.SendAsync(Get(1), Cancellation);
        await app.HeldAsync(1);

        await app.Kubernetes.ApplyAsync(Trigger.Shop(("podConcurrency", "2")));

        await pod.HasAsync(2);
        pod.Answer(2);
        await Task.WhenAll(first, second);
    }

    [Fact(Timeout = 60_000)]
    public async Task PodThatJustWoke_GetsAFewAndTwiceAsManyWithEveryRoundOfAnswers()
    {
        await using var pod = await GatedPod.StartAsync();
        await using var app = await InterceptorApp.StartAsync(Trigger.Shop());
        var responses = await HoldAsync(app, 60);

        await app.ReadyAsync(pod.EndPoint);
        await pod.HasAsync(Ramp.First);
        pod.Answer(Ramp.First);
        await pod.HasAsync(2 * Ramp.First);
        pod.Answer(2 * Ramp.First);
        await pod.HasAsync(4 * Ramp.First);
        pod.Answer(60);
        await Eventually.TrueAsync(() =>
        {
            pod.Answer(60);
            return responses.TrueForAll(r => r.IsCompletedSuccessfully);
        });

        Assert.Equal(4 * Ramp.First, pod.Most);
    }

    [Fact(Timeout = 60_000)]
    public async Task SlowPod_GetsMoreWithTime()
    {
        await using var pod = await GatedPod.StartAsync();
        await using var app = await InterceptorApp.StartAsync(Trigger.Shop());
        var responses = await HoldAsync(app, 20);
        await app.ReadyAsync(pod.EndPoint);
        await pod.HasAsync(Ramp.First);

        app.Clock.Advance(TimeSpan.FromMilliseconds(250));

        await pod.HasAsync(2 * Ramp.First);
        app.Clock.Advance(TimeSpan.FromMilliseconds(250));
        await pod.HasAsync(20);
        pod.Answer(20);
        await Task.WhenAll(responses);
    }

    [Fact(Timeout = 60_000)]
    public async Task OverloadedPod_GetsNoMoreForAWhile()
    {
        await using var pod = await GatedPod.StartAsync();
        await using var app = await InterceptorApp.StartAsync(Trigger.Shop());
        var responses = await HoldAsync(app, 40);
        await app.ReadyAsync(pod.EndPoint);
        await pod.HasAsync(Ramp.First);

        pod.Answer(Ramp.First, StatusCodes.Status503ServiceUnavailable);
        await Eventually.TrueAsync(() => app.Route().Queue.Count == 40 - (2 * Ramp.First));
        await pod.HasAsync(Ramp.First);
        app.Clock.Advance(TimeSpan.FromMilliseconds(500));
        Assert.Equal(Ramp.First, app.Route().Pods.All[0].InFlight);

        app.Clock.Advance(TimeSpan.FromMilliseconds(750));
        await Eventually.TrueAsync(() => app.Route().Pods.All[0].InFlight > Ramp.First);
        await Eventually.TrueAsync(() =>
        {
            pod.Answer(40);
            return responses.TrueForAll(r => r.IsCompletedSuccessfully);
        });
    }

    [Fact(Timeout = 60_000)]
    public async Task PodThatIsReadyLongBeforeItListens_GetsAFewAtFirst()
    {
        var endpoint = new IPEndPoint(IPAddress.Loopback, FreePort.Find());
        await using var app = await InterceptorApp.StartAsync(Trigger.Shop());
        var responses = await HoldAsync(app, 60);
        await app.ReadyAsync(endpoint);
        for (var wait = TimeSpan.Zero; wait < TimeSpan.FromSeconds(20); wait += TimeSpan.FromSeconds(2))
        {
            // It has refused, and is asked again.
            await Eventually.TrueAsync(() => !app.Route().Pods.AnyUsable && app.Route().Queue.Count == 60);
            app.Clock.Advance(TimeSpan.FromSeconds(2));
        }

        await Eventually.TrueAsync(() => !app.Route().Pods.AnyUsable && app.Route().Queue.Count == 60);
        await using var pod = await GatedPod.StartAsync(endpoint);
        app.Clock.Advance(TimeSpan.FromSeconds(2));

        await pod.HasAsync(Ramp.First);
        Assert.Equal(60 - Ramp.First, app.Route().Queue.Count);
        await Eventually.TrueAsync(() =>
        {
            pod.Answer(60);
            return responses.TrueForAll(r => r.IsCompletedSuccessfully);
        });
    }

    [Fact(Timeout = 60_000)]
    public async Task PodThatRefusesAFewAsAlways_StillGetsMany()
    {
        var begin = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var many = 0;
        await using var pod = await StubPod.StartAsync(async context =>
        {
            if (context.Request.Path == "/slow")
            {
                Interlocked.Increment(ref many);
                await begin.Task.WaitAsync(context.RequestAborted);
            }

            context.Response.StatusCode = context.Request.Path == "/limited" ? StatusCodes.Status429TooManyRequests : StatusCodes.Status200OK;
        });
        await using var app = await InterceptorApp.StartAsync(Trigger.Shop(("holdTimeout", "24h")));
        await app.ReadyAsync(pod.EndPoint);
        for (var n = 1; n <= 200; n++)
        {
            using var answer = await app.Client.SendAsync(new(HttpMethod.Get, n % 20 == 0 ? "http://shop.test/limited" : "http://shop.test/"), Cancellation);
            app.Clock.Advance(TimeSpan.FromMilliseconds(20));
        }

        var slow = Enumerable.Range(0, 100).Select(_ => app.Client.SendAsync(new(HttpMethod.Get, "http://shop.test/slow"), Cancellation)).ToList();

        await Eventually.TrueAsync(() => Volatile.Read(ref many) == 100);
        begin.SetResult();
        await Task.WhenAll(slow);
    }

    [Fact(Timeout = 60_000)]
    public async Task PodThatWasThereFromTheStart_HasNoLimit()
    {
        await using var pod = await GatedPod.StartAsync();
        await using var app = await InterceptorApp.StartAsync();
        await app.Kubernetes.ApplyAsync(new Trigger("witness", ("hosts", "witness.test"), ("service", "shop"), ("port", "80")));
        await app.Kubernetes.ApplySliceAsync("shop", pod.EndPoint);
        await Eventually.TrueAsync(() => app.Find("witness.test")?.Pods.All.Count == 1);
        await app.Kubernetes.ApplyAsync(Trigger.Shop());
        await Eventually.TrueAsync(() => app.Find("shop.test")?.Pods.All.Count == 1);

        var responses = Enumerable.Range(0, 50).Select(i => app.Client.SendAsync(Get(i), Cancellation)).ToList();

        await pod.HasAsync(50);
        pod.Answer(50);
        await Task.WhenAll(responses);
    }

    [Fact(Timeout = 60_000)]
    public async Task TwoPods_ShareTheLoad()
    {
        await using var one = await GatedPod.StartAsync();
        await using var other = await GatedPod.StartAsync();
        await using var app = await InterceptorApp.StartAsync(Trigger.Shop(("podConcurrency", "5")));
        var responses = await HoldAsync(app, 12);

        await app.ReadyAsync(one.EndPoint, other.EndPoint);
        await one.HasAsync(5);
        await other.HasAsync(5);
        Assert.Equal(2, app.Route().Queue.Count);
        other.Answer(2);

        await other.HasAsync(5);
        await app.HeldAsync(0);
        one.Answer(5);
        other.Answer(5);
        await Task.WhenAll(responses);
    }

    [Fact(Timeout = 60_000)]
    public async Task LastPodRefusesBeforeItIsKnownToBeGone_TheNextIsAColdStart()
    {
        await using var app = await InterceptorApp.StartAsync(Trigger.Shop());
        await app.ReadyAsync(new IPEndPoint(IPAddress.Loopback, FreePort.Find()));
        var response = app.Client.SendAsync(Get(0), Cancellation);
        await Eventually.TrueAsync(() => app.Route().Queue.Waking);
        Assert.Null(app.Route().Wakes.Current);

        await app.ReadyAsync();
        await Eventually.TrueAsync(() => app.Route().Wakes.Current is not null);
        await using var pod = await StubPod.StartAsync();
        await app.ReadyAsync(pod.EndPoint);

        Assert.Equal(HttpStatusCode.OK, (await response).StatusCode);
        await Eventually.TrueAsync(() => app.Route().Wakes.Recent.Count == 1);
    }

    [Fact]
    public void OfTwoPods_TheLessBusyIsTaken()
    {
        var pods = new ReadyPods(TimeProvider.System);
        pods.Replace([new("a", "uid-a", new IPEndPoint(IPAddress.Loopback, 1)), new("b", "uid-b", new IPEndPoint(IPAddress.Loopback, 2))]);

        for (var taken = 0; taken < 100; taken++)
        {
            Assert.NotNull(pods.Take());
            Assert.InRange(pods.All[0].InFlight - pods.All[1].InFlight, -1, 1);
        }
    }

    [Fact(Timeout = 60_000)]
    public async Task PodThatRefuses_DoesNotGetTheNextAndTheOrderStays()
    {
        var order = new System.Collections.Concurrent.ConcurrentQueue<string>();
        await using var app = await InterceptorApp.StartAsync(Trigger.Shop(("podConcurrency", "1")));
        var responses = await HoldAsync(app, 3);
        var refusing = FreePort.Find();

        await app.ReadyAsync(new IPEndPoint(IPAddress.Loopback, refusing));
        await Eventually.TrueAsync(() => !app.Route().Pods.All[0].Usable);
        await app.HeldAsync(3);
        Assert.Equal(3, app.Route().Counts.Waking);
        await using var pod = await StubPod.StartAsync(context =>
        {
            order.Enqueue(context.Request.Path.Value!);
            return context.Response.WriteAsync("hello");
        });
        await app.ReadyAsync(pod.EndPoint);
        await Task.WhenAll(responses);

        Assert.Equal(["/0", "/1", "/2"], order);
    }

    private static HttpRequestMessage Get(int number) => new(HttpMethod.Get, string.Create(CultureInfo.InvariantCulture, $"http://shop.test/{number}"));

    /// <summary>Has requests held, one after the other, so that their order is known.</summary>
    private static async Task<List<Task<HttpResponseMessage>>> HoldAsync(InterceptorApp app, int count)
    {
        var responses = new List<Task<HttpResponseMessage>>();
        for (var i = 0; i < count; i++)
        {
            responses.Add(app.Client.SendAsync(Get(i), Cancellation));
            await app.HeldAsync(i + 1);
        }

        return responses;
    }
}
