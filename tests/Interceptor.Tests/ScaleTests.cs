using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Wakegate.Interceptor.Watching;

namespace Wakegate.Interceptor.Tests;

/// <summary>A large cluster: what it costs is counted, not timed.</summary>
public class ScaleTests
{
    private const int Many = 10_000;
    private const int PodsEach = 5;

    [Fact(Timeout = 120_000)]
    public async Task TenThousandServicesAndRoutesAndFiftyThousandEndpoints_AreReadInPagesAndAChangeCostsWorkForOne()
    {
        await using var app = await WatchingApp.StartWatchingAsync(api =>
        {
            api.Set(ScriptedApi.Services, [.. Enumerable.Range(0, Many).Select(i => KubernetesJson.Service($"s{i}"))]);
            api.Set(ScriptedApi.Slices, [.. Enumerable.Range(0, Many).Select(i => Slice(i, PodsEach))]);
            api.Set(ScriptedApi.ScaledObjects, [.. Enumerable.Range(0, Many).Select(i => KubernetesJson.ScaledObject($"s{i}", $"s{i}.test"))]);
        });
        var cluster = app.Services.GetRequiredService<Cluster>();

        // Once before, so that nothing is compiled while it is measured.
        var changes = new[] { "a.test", "b.test" }.Select(host => Parse<ScaledObject>(KubernetesJson.ScaledObject("s77", $"s77.test, {host}"))).ToList();
        var slices = new[] { 3, 4 }.Select(pods => Parse<EndpointSlice>(Slice(77, pods))).ToList();
        var forChange = changes.Select(change => Allocated(() => cluster.Set(change))).ToList()[1];
        var forSlice = slices.Select(slice => Allocated(() => cluster.Set(slice))).ToList()[1];
        TestContext.Current.TestOutputHelper?.WriteLine($"{app.Api.Sent:N0} bytes of lists; {forChange:N0} for a ScaledObject, {forSlice:N0} for a slice");

        Assert.All(new[] { ScriptedApi.Services, ScriptedApi.Slices, ScriptedApi.ScaledObjects }, path => Assert.Equal(Many / 500, app.Api.Lists(path).Count));
        Assert.All(Enumerable.Range(0, Many).Where(i => i != 77), i => Assert.Equal(PodsEach, app.Find($"s{i}.test")?.Pods.All.Count));
        Assert.Equal((null, "s77", 4), (app.Find("a.test"), app.Find("b.test")?.Id.ScaledObject, app.Find("b.test")?.Pods.All.Count));
        Assert.InRange(forChange, 1, 32_000);
        Assert.InRange(forSlice, 1, 8_000);
    }

    /// <summary>An API behind one host, each path prefix a workload of its own.</summary>
    [Fact(Timeout = 120_000)]
    public async Task TenThousandRoutesOnOneHost_AChangeCostsWorkForOne()
    {
        await using var app = await WatchingApp.StartWatchingAsync(api => api.Set(ScriptedApi.ScaledObjects, [.. Enumerable.Range(0, Many).Select(i => OnOneHost(i))]));
        var cluster = app.Services.GetRequiredService<Cluster>();

        var changes = new[] { "/a", "/b" }.Select(path => Parse<ScaledObject>(OnOneHost(77, $", {path}"))).ToList();
        var forChange = changes.Select(change => Allocated(() => cluster.Set(change))).ToList()[1];

        Assert.All(Enumerable.Range(0, Many), i => Assert.Equal($"s{i}", app.Find("api.test", $"/v1/s{i}/orders")?.Id.ScaledObject));
        Assert.Equal((null, "s77"), (app.Find("api.test", "/a"), app.Find("api.test", "/b")?.Id.ScaledObject));
        Assert.InRange(forChange, 1, 32_000);
    }

    private static string OnOneHost(int number, string more = "") => KubernetesJson.ScaledObject($"s{number}", $"api.test\",\"pathPrefixes\":\"/v1/s{number}{more}");

    private static string Slice(int number, int pods) => KubernetesJson.Slice(
        $"s{number}", $"s{number}-abcde", Enumerable.Range(0, pods).Select(pod => KubernetesJson.Endpoint($"10.{pod}.{number >> 8}.{number & 255}", $"s{number}-{pod}")));

    private static long Allocated(Action work)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        work();
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    private static T Parse<T>(string json) => (T)JsonSerializer.Deserialize(json, typeof(T), ResourceContext.Default)!;
}
