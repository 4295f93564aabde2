using System.Globalization;
using System.Net;
using k8s;
using k8s.Models;
using Microsoft.Extensions.Time.Testing;
using Wakegate.Testing;

namespace Wakegate.Local.Tests.Api;

public sealed class WatchTests
{
    private const string Pods = "/api/v1/namespaces/store/pods";

    [Fact(Timeout = 60_000)]
    public async Task FromAListsVersion_TellsEveryLaterWriteInOrder()
    {
        await using var api = await ApiFixture.StartAsync();
        await api.CreatePodAsync("a");
        var list = await api.Client.CoreV1.ListNamespacedPodAsync("store", cancellationToken: TestContext.Current.CancellationToken);

        await api.CreatePodAsync("b");
        using var watch = await WatchLines.OpenAsync(api.Http, $"{Pods}?watch=true&resourceVersion={list.ResourceVersion()}");
        await api.CreatePodAsync("c");
        await api.Client.CoreV1.DeleteNamespacedPodAsync("a", "store", cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal("ADDED b", await watch.NextNamedAsync());
        Assert.Equal("ADDED c", await watch.NextNamedAsync());
        Assert.Equal("DELETED a", await watch.NextNamedAsync());
    }

    [Fact(Timeout = 60_000)]
    public async Task WithoutAVersion_BeginsWithWhatThereIs()
    {
        await using var api = await ApiFixture.StartAsync();
        await api.CreatePodAsync("a");

        using var watch = await WatchLines.OpenAsync(api.Http, $"{Pods}?watch=1");
        await api.CreatePodAsync("b");

        Assert.Equal("ADDED a", await watch.NextNamedAsync());
        Assert.Equal("ADDED b", await watch.NextNamedAsync());
    }

    [Fact(Timeout = 60_000)]
    public async Task OfficialClient_FollowsObjects()
    {
        await using var api = await ApiFixture.StartAsync();
        await api.CreatePodAsync("a");

        await foreach (var (type, pod) in api.Client.CoreV1.WatchListPodForAllNamespacesAsync(cancellationToken: TestContext.Current.CancellationToken))
        {
            Assert.Equal((WatchEventType.Added, "a"), (type, pod.Name()));
            break;
        }
    }

    [Fact(Timeout = 60_000)]
    public async Task ObjectThatStopsMatchingTheSelector_IsDeletedToThatWatch()
    {
        await using var api = await ApiFixture.StartAsync();
        await api.CreatePodAsync("a", "shop");
        using var watch = await WatchLines.OpenAsync(api.Http, $"{Pods}?watch=true&labelSelector=app%3Dshop");
        Assert.Equal("ADDED a", await watch.NextNamedAsync());

        await PatchAsync(api, "a", """{"metadata":{"labels":{"app":"other"}}}""");
        await PatchAsync(api, "a", """{"metadata":{"labels":{"app":"shop"}}}""");
        await PatchAsync(api, "a", """{"metadata":{"labels":{"app":"shop","more":"yes"}}}""");

        Assert.Equal("DELETED a", await watch.NextNamedAsync());
        Assert.Equal("ADDED a", await watch.NextNamedAsync());
        Assert.Equal("MODIFIED a", await watch.NextNamedAsync());
    }

    [Fact(Timeout = 60_000)]
    public async Task PatchThatChangesNothing_IsNoEvent()
    {
        await using var api = await ApiFixture.StartAsync();
        var before = await api.CreatePodAsync("a", "shop");
        using var watch = await WatchLines.OpenAsync(api.Http, $"{Pods}?watch=true&resourceVersion={before.ResourceVersion()}");

        await PatchAsync(api, "a", """{"metadata":{"labels":{"app":"shop"}}}""");
        await api.CreatePodAsync("b");

        Assert.Equal("ADDED b", await watch.NextNamedAsync());
    }

    [Fact(Timeout = 60_000)]
    public async Task Bookmarks_CarryTheVersionFromWhichAWatchMissesNothing()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UnixEpoch);
        await using var api = await ApiFixture.StartAtAsync(clock);
        using var watch = await WatchLines.OpenAsync(api.Http, $"{Pods}?watch=true&allowWatchBookmarks=true");
        await api.CreateAsync(ApiFixture.Deployment("shop"));

        clock.Advance(TimeSpan.FromSeconds(10));
        var (type, bookmark) = Assert.NotNull(await watch.NextAsync());
        var version = bookmark.GetProperty("metadata").GetProperty("resourceVersion").GetString();
        await api.CreatePodAsync("a");
        using var resumed = await WatchLines.OpenAsync(api.Http, $"{Pods}?watch=true&resourceVersion={version}");

        Assert.Equal("BOOKMARK", type);
        Assert.Equal("Pod", bookmark.GetProperty("kind").GetString());
        Assert.Equal(api.Api.Store.Current.Version - 1, long.Parse(version!, CultureInfo.InvariantCulture));
        Assert.Equal("ADDED a", await resumed.NextNamedAsync());
    }

    [Fact(Timeout = 60_000)]
    public async Task TimeoutSeconds_EndsTheStream()
    {
        var clock = new FakeTimeProvider(DateTimeOffset.UnixEpoch);
        await using var api = await ApiFixture.StartAtAsync(clock);
        using var watch = await WatchLines.OpenAsync(api.Http, $"{Pods}?watch=true&timeoutSeconds=30");

        clock.Advance(TimeSpan.FromSeconds(30));

        Assert.Null(await watch.NextAsync());
        await Eventually.TrueAsync(() => api.Api.OpenWatches == 0);
    }

    [Fact(Timeout = 60_000)]
    public async Task ForgottenVersion_IsGoneInsideTheStream()
    {
        await using var api = await ApiFixture.StartAsync();
        var pod = await api.CreatePodAsync("a");

        api.Api.Faults.ForgetHistory();
        using var watch = await WatchLines.OpenAsync(api.Http, $"{Pods}?watch=true&resourceVersion={pod.ResourceVersion()}");

        var (type, status) = Assert.NotNull(await watch.NextAsync());
        Assert.Equal("ERROR", type);
        Assert.Equal(410, status.GetProperty("code").GetInt32());
        Assert.Equal("Expired", status.GetProperty("reason").GetString());
        Assert.Null(await watch.NextAsync());
    }

    [Fact(Timeout = 60_000)]
    public async Task ForgottenVersion_IsGoneByStatusWhereAsked()
    {
        await using var api = await ApiFixture.StartAsync();
        var pod = await api.CreatePodAsync("a");

        api.Api.Faults.ForgetHistory();
        api.Api.Faults.GoneAsStatus = true;
        using var response = await api.Http.GetAsync($"{Pods}?watch=true&resourceVersion={pod.ResourceVersion()}", TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.Gone, response.StatusCode);
    }

    [Fact(Timeout = 60_000)]
    public async Task AfterForgetting_AFreshListCanBeWatched()
    {
        await using var api = await ApiFixture.StartAsync();
        await api.CreatePodAsync("a");

        api.Api.Faults.ForgetHistory();
        var list = await api.Client.CoreV1.ListNamespacedPodAsync("store", cancellationToken: TestContext.Current.CancellationToken);
        using var watch = await WatchLines.OpenAsync(api.Http, $"{Pods}?watch=true&resourceVersion={list.ResourceVersion()}");
        await api.CreatePodAsync("b");

        Assert.Equal("ADDED b", await watch.NextNamedAsync());
    }

    [Fact(Timeout = 60_000)]
    public async Task VersionOfAnotherLife_IsGone()
    {
        await using var api = await ApiFixture.StartAsync();

        using var watch = await WatchLines.OpenAsync(api.Http, $"{Pods}?watch=true&resourceVersion=123456");

        Assert.Equal("ERROR", Assert.NotNull(await watch.NextAsync()).Type);
    }

    [Fact(Timeout = 60_000)]
    public async Task UnreadableVersion_IsABadRequest()
    {
        await using var api = await ApiFixture.StartAsync();

        using var response = await api.Http.GetAsync($"{Pods}?watch=true&resourceVersion=latest", TestContext.Current.CancellationToken);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
    }

    private static Task<V1Pod> PatchAsync(ApiFixture api, string name, string patch) => api.Client.CoreV1.PatchNamespacedPodAsync(
        new V1Patch(patch, V1Patch.PatchType.MergePatch), name, "store", cancellationToken: TestContext.Current.CancellationToken);
}
