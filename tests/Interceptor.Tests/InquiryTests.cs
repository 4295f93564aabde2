using System.Collections.Concurrent;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Wakegate.Interceptor.Watching;
using Wakegate.Testing;

namespace Wakegate.Interceptor.Tests;

/// <summary>What the interceptor asks the API server about pods that do not come, and an API server that does not answer.</summary>
public class InquiryTests
{
    private const int QuestionsABeat = 20;

    [Theory(Timeout = 60_000)]
    [InlineData("stalls")]
    [InlineData("breaks off before its answer")]
    [InlineData("breaks off within its answer")]
    [InlineData("is answered for by a proxy")]
    public async Task ApiServerThatDoesNotAnswer_CostsTheQuestionOnly(string how)
    {
        var asked = 0;
        await using var app = await StartAsync(
            context => Interlocked.Increment(ref asked) == 1 ? FailAsync(context, how) : ScriptedApi.RefuseAsync(context, 404, "no such Deployment"));
        var response = app.GetAsync("shop.test");

        await app.PassUntilAsync(() => response.IsCompleted);

        Assert.StartsWith("503 ", await response, StringComparison.Ordinal);
        Assert.Contains("Deployment shop does not exist", await response, StringComparison.Ordinal);
        Assert.InRange(asked, 2, int.MaxValue);
        Assert.False(app.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.IsCancellationRequested);
    }

    [Fact(Timeout = 60_000)]
    public async Task QuestionThatIsRefused_IsLoggedOnceAndRequestsGoOnWaiting()
    {
        var asked = 0;
        await using var app = await StartAsync(context =>
        {
            Interlocked.Increment(ref asked);
            return ScriptedApi.RefuseAsync(context, 403, "deployments.apps \"shop\" is forbidden");
        });
        var held = app.GetAsync("shop.test");

        await app.PassUntilAsync(() => Volatile.Read(ref asked) == 3);

        Assert.Equal(
            "Deployments of namespace store may not be read, so requests wait for all of their holdTimeout where these would say that no pod comes: "
            + "403 Forbidden: deployments.apps \"shop\" is forbidden. The interceptor's service account needs a role that allows it.",
            Assert.Single(app.Log, l => l.StartsWith("Deployments of", StringComparison.Ordinal)));
        Assert.False(held.IsCompleted);
    }

    [Fact(Timeout = 60_000)]
    public async Task QuestionWithoutAnAnswer_DoesNotKeepPodsFromBeingWatched()
    {
        var asked = 0;
        await using var app = await StartAsync(
            context =>
            {
                Interlocked.Increment(ref asked);
                return FailAsync(context, "stalls");
            },
            static api => AddWorkload(api, "sale", "outlet"));
        var held = app.GetAsync("shop.test");
        await app.PassUntilAsync(() => Volatile.Read(ref asked) > 0);

        var other = app.GetAsync("sale.test");

        await Eventually.TrueAsync(() => app.Api.Watches("/api/v1/namespaces/outlet/pods") == 1);
        Assert.False(held.IsCompleted);
        Assert.False(other.IsCompleted);
    }

    [Theory(Timeout = 120_000)]
    [InlineData("Deployments")]
    [InlineData("Events")]
    public async Task ManyRoutesWithoutPods_AreAskedAboutInTurnAndAFewAtOnce(string kind)
    {
        var names = Enumerable.Range(0, QuestionsABeat + 10).Select(i => $"shop{i}").ToList();
        var asked = new ConcurrentDictionary<string, bool>(StringComparer.Ordinal);
        var enough = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var (now, most) = (0, 0);
        await using var app = await WatchingApp.StartWatchingAsync(api =>
        {
            names.ForEach(n => AddWorkload(api, n));
            if (kind == "Events")
            {
                api.Set("/api/v1/namespaces/store/pods", [.. names.Select(UnschedulablePod)]);
            }

            api.Interfere = async context =>
            {
                if (QuestionOf(context) is not { } question)
                {
                    return false;
                }

                asked[question] = true;
                InterlockedMax(ref most, Interlocked.Increment(ref now));
                try
                {
                    await enough.Task.WaitAsync(context.RequestAborted);
                }
                finally
                {
                    Interlocked.Decrement(ref now);
                }

                await (kind == "Events" ? WriteAsync(context, """{"kind":"EventList","apiVersion":"v1","metadata":{},"items":[]}""")
                    : WriteAsync(context, """{"kind":"Deployment","apiVersion":"apps/v1","metadata":{"name":"shop"}}"""));
                return true;
            };
        });
        var cluster = app.Services.GetRequiredService<Cluster>();
        var held = names.Select(n => app.GetAsync($"{n}.test")).ToList();
        await Eventually.TrueAsync(() => names.TrueForAll(n => app.Find($"{n}.test")!.Queue.Waking));
        await Eventually.TrueAsync(() => kind != "Events" || names.TrueForAll(n => cluster.PodsOf(app.Find($"{n}.test")!).Pods.Count == 1));

        await Eventually.TrueAsync(() =>
        {
            // Not while questions are open: each is given up after a while.
            if (Volatile.Read(ref now) == 0)
            {
                app.Clock.Advance(TimeSpan.FromMilliseconds(200));
            }

            return Volatile.Read(ref now) == QuestionsABeat;
        });
        enough.SetResult();
        await app.PassUntilAsync(() => asked.Count == names.Count);

        Assert.Equal(QuestionsABeat, most);
        Assert.Equal(names.Count, held.Count);
    }

    /// <summary>With the shop, and what is answered where somebody asks for its Deployment.</summary>
    private static Task<WatchingApp> StartAsync(Func<HttpContext, Task> answer, Action<ScriptedApi>? more = null) => WatchingApp.StartWatchingAsync(api =>
    {
        AddWorkload(api, "shop");
        more?.Invoke(api);
        api.Interfere = async context =>
        {
            if (!context.Request.Path.Value!.EndsWith("/deployments/shop", StringComparison.Ordinal))
            {
                return false;
            }

            await answer(context);
            return true;
        };
    });

    private static void AddWorkload(ScriptedApi api, string name, string ns = "store")
    {
        api.Add(ScriptedApi.Services, In(ns, KubernetesJson.Service(name)));
        api.Add(ScriptedApi.ScaledObjects, In(ns, KubernetesJson.ScaledObject(name, $"{name}.test", also: "\"holdTimeout\":\"24h\",")));
    }

    private static string In(string ns, string json) => json.Replace("\"namespace\":\"store\"", $"\"namespace\":\"{ns}\"", StringComparison.Ordinal);

    private static string UnschedulablePod(string workload) => $$$"""
        {"metadata":{"name":"{{{workload}}}-1","namespace":"store","uid":"uid-{{{workload}}}","labels":{"app":"{{{workload}}}"},"resourceVersion":"1"},
        "spec":{"containers":[{"name":"web"}]},
        "status":{"phase":"Pending","conditions":[{"type":"PodScheduled","status":"False","reason":"Unschedulable","message":"no room"}]}}
        """;

    /// <summary>Which Deployment, or which pod's Events, a request is about; null where it is about neither.</summary>
    private static string? QuestionOf(HttpContext context)
    {
        var path = context.Request.Path.Value!;
        return path.Contains("/deployments/", StringComparison.Ordinal) ? path
            : path.EndsWith("/events", StringComparison.Ordinal) ? context.Request.Query["fieldSelector"].ToString()
            : null;
    }

    private static async Task FailAsync(HttpContext context, string how)
    {
        switch (how)
        {
            case "stalls":
                await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                break;
            case "breaks off before its answer":
                context.Abort();
                break;
            case "breaks off within its answer":
                context.Response.ContentType = "application/json";
                context.Response.ContentLength = 10_000;
                await context.Response.WriteAsync("""{"kind":"Deployment",""");
                await context.Response.Body.FlushAsync();
                context.Abort();
                break;
            default:
                context.Response.ContentType = "text/html";
                await context.Response.WriteAsync("<html>Sign in</html>");
                break;
        }
    }

    private static Task WriteAsync(HttpContext context, string json)
    {
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(json);
    }

    private static void InterlockedMax(ref int target, int value)
    {
        for (var seen = Volatile.Read(ref target); seen < value; seen = Volatile.Read(ref target))
        {
            Interlocked.CompareExchange(ref target, value, seen);
        }
    }
}
