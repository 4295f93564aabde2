using System.Net;
using k8s;
using k8s.Autorest;
using k8s.Models;
using Wakegate.Testing;

namespace Wakegate.Local.Tests.Api;

public sealed class FaultTests
{
    private const string Watch = "/api/v1/pods?watch=true";

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact(Timeout = 60_000)]
    public async Task DroppedWatches_BreakAndCanBeOpenedAgain()
    {
        await using var api = await ApiFixture.StartAsync();
        using var watch = await WatchLines.OpenAsync(api.Http, Watch);

        api.Api.Faults.DropWatches();

        await Assert.ThrowsAnyAsync<IOException>(watch.NextAsync);
        using var again = await WatchLines.OpenAsync(api.Http, Watch);
        await api.CreatePodAsync("a");
        Assert.Equal("ADDED a", await again.NextNamedAsync());
    }

    [Fact(Timeout = 60_000)]
    public async Task AnswerNext_RefusesThatManyRequests()
    {
        await using var api = await ApiFixture.StartAsync();

        api.Api.Faults.AnswerNext(2, HttpStatusCode.InternalServerError);

        for (var i = 0; i < 2; i++)
        {
            var refusal = await Assert.ThrowsAsync<HttpOperationException>(() => api.CreatePodAsync("a"));
            Assert.Equal(HttpStatusCode.InternalServerError, refusal.Response.StatusCode);
        }

        Assert.Equal("a", (await api.CreatePodAsync("a")).Name());
    }

    [Fact(Timeout = 60_000)]
    public async Task Stall_HoldsRequestsAndWatchesUntilItEnds()
    {
        await using var api = await ApiFixture.StartAsync();
        using var watch = await WatchLines.OpenAsync(api.Http, Watch);
        await api.CreatePodAsync("a");
        Assert.Equal("ADDED a", await watch.NextNamedAsync());

        var stall = api.Api.Faults.Stall();
        var answer = api.Http.GetAsync("/api/v1/pods", Stop);
        api.Api.Store.Apply(
            new(Local.Api.ResourceKinds.Pod, "store", "a"), current => new Local.Api.Change.Remove(current!.Edit()));
        var line = watch.NextNamedAsync();
        Assert.False(answer.IsCompleted || line.IsCompleted);
        stall.Dispose();

        Assert.Equal("DELETED a", await line);
        Assert.Equal(HttpStatusCode.OK, (await answer).StatusCode);
    }

    [Fact(Timeout = 60_000)]
    public async Task Restart_KeepsPortAndObjects()
    {
        await using var api = await ApiFixture.StartAsync();
        var address = api.Api.Address;
        await api.CreatePodAsync("a");
        using var watch = await WatchLines.OpenAsync(api.Http, Watch);

        await api.Api.StopListeningAsync();
        await Assert.ThrowsAsync<HttpRequestException>(() => api.Http.GetAsync("/readyz", Stop));
        await api.Api.ListenAsync(Stop);

        Assert.Equal(address, api.Api.Address);
        Assert.Equal("a", (await api.Client.CoreV1.ReadNamespacedPodAsync("a", "store", cancellationToken: Stop)).Name());
    }

    [Fact(Timeout = 60_000)]
    public async Task StopWithOpenWatches_EndsThemAtOnce()
    {
        await using var api = await ApiFixture.StartAsync();
        using var watch = await WatchLines.OpenAsync(api.Http, Watch);

        await api.Api.StopListeningAsync();

        Assert.Null(await watch.NextAsync());
        await Eventually.TrueAsync(() => api.Api.OpenWatches == 0);
    }
}
