using System.Net.Http.Headers;
using k8s;
using k8s.Authentication;
using Microsoft.Extensions.DependencyInjection;
using Wakegate.Contracts.Sockets;
using Wakegate.Interceptor.Routing;
using Wakegate.Testing;

namespace Wakegate.Interceptor.Tests;

/// <summary>What an API server may do to those who list and watch.</summary>
public class WatchProtocolTests
{
    private static readonly string Shop = KubernetesJson.ScaledObject("shop", "shop.test");

    [Fact(Timeout = 60_000)]
    public async Task ManyObjects_AreListedInPagesAndWatchedFromTheListsVersion()
    {
        await using var app = await WatchingApp.StartWatchingAsync(api =>
            api.Set(ScriptedApi.ScaledObjects, [.. Enumerable.Range(0, 1_200).Select(i => KubernetesJson.ScaledObject($"shop-{i}", $"shop-{i}.test"))]));

        var lists = app.Api.Lists(ScriptedApi.ScaledObjects);
        var watch = Assert.Single(app.Api.WatchesAsked(ScriptedApi.ScaledObjects));

        Assert.Equal(["", "500", "1000"], lists.Select(q => q["continue"].ToString()));
        Assert.All(lists, q => Assert.Equal("500", q["limit"]));
        Assert.All(lists, q => Assert.False(q.ContainsKey("resourceVersion")));
        Assert.Equal(("100", "true"), (watch["resourceVersion"].ToString(), watch["allowWatchBookmarks"].ToString()));
        Assert.InRange(int.Parse(watch["timeoutSeconds"]!, System.Globalization.CultureInfo.InvariantCulture), 300, 600);
        Assert.NotNull(app.Find("shop-1199.test"));
    }

    [Fact(Timeout = 60_000)]
    public async Task ListThatTakesTooLongFromPageToPage_IsBegunAnew()
    {
        var refused = 0;
        await using var app = await WatchingApp.StartWatchingAsync(api =>
        {
            api.Set(ScriptedApi.ScaledObjects, [.. Enumerable.Range(0, 600).Select(i => KubernetesJson.ScaledObject($"shop-{i}", $"shop-{i}.test"))]);
            api.Interfere = async context =>
            {
                if (context.Request.Query.ContainsKey("continue") && Interlocked.Increment(ref refused) == 1)
                {
                    await ScriptedApi.RefuseAsync(context, 410, "The provided continue parameter is too old");
                    return true;
                }

                return false;
            };
        });

        Assert.Equal(["", "500", "", "500"], app.Api.Lists(ScriptedApi.ScaledObjects).Select(q => q["continue"].ToString()));
        Assert.NotNull(app.Find("shop-599.test"));
    }

    [Fact(Timeout = 60_000)]
    public async Task WatchThatEnds_IsResumedFromTheLastBookmark()
    {
        await using var app = await WatchingApp.StartWatchingAsync(api => api.Set(ScriptedApi.ScaledObjects, Shop));

        app.Api.Send(ScriptedApi.ScaledObjects, "BOOKMARK", """{"kind":"ScaledObject","metadata":{"resourceVersion":"4711","creationTimestamp":null},"spec":{"triggers":null}}""");
        app.Api.EndWatches(ScriptedApi.ScaledObjects);
        await app.PassUntilAsync(() => app.Api.WatchesAsked(ScriptedApi.ScaledObjects).Count == 2);

        Assert.Equal("4711", app.Api.WatchesAsked(ScriptedApi.ScaledObjects)[1]["resourceVersion"]);
        Assert.Single(app.Api.Lists(ScriptedApi.ScaledObjects));
        Assert.NotNull(app.Find("shop.test"));
    }

    [Theory(Timeout = 60_000)]
    [InlineData(true)]
    [InlineData(false)]
    public async Task VersionThatIsGone_IsListedAnewWhileWhatWasKnownStaysInForce(bool asEvent)
    {
        var goOn = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var app = await WatchingApp.StartWatchingAsync(api => api.Set(ScriptedApi.ScaledObjects, Shop, KubernetesJson.ScaledObject("old", "old.test")));
        app.Api.Set(ScriptedApi.ScaledObjects, Shop, KubernetesJson.ScaledObject("new", "new.test"));
        app.Api.Interfere = async context =>
        {
            if (context.Request.Path == ScriptedApi.ScaledObjects && !context.Request.Query.ContainsKey("watch"))
            {
                await goOn.Task;
            }
            else if (!asEvent && context.Request.Path == ScriptedApi.ScaledObjects && !goOn.Task.IsCompleted)
            {
                await ScriptedApi.RefuseAsync(context, 410, "too old resource version");
                return true;
            }

            return false;
        };

        var before = app.Find("shop.test");
        if (asEvent)
        {
            app.Api.Send(ScriptedApi.ScaledObjects, "ERROR", """{"kind":"Status","metadata":{},"status":"Failure","code":410,"reason":"Expired","message":"too old resource version"}""");
        }
        else
        {
            app.Api.EndWatches(ScriptedApi.ScaledObjects);
        }

        await app.PassUntilAsync(() => app.Api.Lists(ScriptedApi.ScaledObjects).Count == 2);
        var (shop, old) = (app.Find("shop.test"), app.Find("old.test"));
        goOn.SetResult();
        await app.PassUntilAsync(() => app.Find("old.test") is null);

        Assert.NotNull(old);
        Assert.Same(before, shop);
        Assert.Same(before, app.Find("shop.test"));
        Assert.NotNull(app.Find("new.test"));
    }

    [Fact(Timeout = 60_000)]
    public async Task RetryAfter_IsWaitedFor()
    {
        var refused = 0;
        await using var app = await WatchingApp.StartWatchingAsync(api =>
        {
            api.Interfere = async context =>
            {
                if (context.Request.Path == ScriptedApi.ScaledObjects && Interlocked.Increment(ref refused) == 1)
                {
                    await ScriptedApi.RefuseAsync(context, 429, "too many requests", retryAfter: 40);
                    return true;
                }

                return false;
            };
        });

        var asked = app.Api.Requests.Where(r => r.Path == ScriptedApi.ScaledObjects).Take(2).ToList();

        Assert.InRange(asked[1].At - asked[0].At, TimeSpan.FromSeconds(40), TimeSpan.MaxValue);
    }

    [Fact(Timeout = 60_000)]
    public async Task StormOfErrors_IsMetWithLongerPausesAndTrafficIsUntouched()
    {
        var storm = false;
        await using var app = await WatchingApp.StartWatchingAsync(api => api.Set(ScriptedApi.ScaledObjects, Shop));
        app.Api.Interfere = async context =>
        {
            if (Volatile.Read(ref storm))
            {
                await ScriptedApi.RefuseAsync(context, 503, "etcdserver: leader changed");
                return true;
            }

            return false;
        };

        storm = true;
        app.Api.EndWatches(ScriptedApi.ScaledObjects);
        await app.PassUntilAsync(() => app.Api.WatchesAsked(ScriptedApi.ScaledObjects).Count >= 12);
        var during = app.Find("shop.test");
        Volatile.Write(ref storm, false);
        await app.PassUntilAsync(app.Watching);

        // One that lasted is resumed at once.
        app.Clock.Advance(TimeSpan.FromSeconds(1));
        var (ended, before) = (app.Clock.GetUtcNow(), app.Api.WatchesAsked(ScriptedApi.ScaledObjects).Count);
        app.Api.EndWatches(ScriptedApi.ScaledObjects);
        await Eventually.TrueAsync(() => app.Api.WatchesAsked(ScriptedApi.ScaledObjects).Count > before);

        var times = app.Api.Requests.Where(r => r.Path == ScriptedApi.ScaledObjects).Select(r => r.At).ToList();
        var pauses = times.Zip(times.Skip(1), (a, b) => b - a).ToList();
        Assert.NotNull(during);
        Assert.All(pauses.Skip(8).Take(4), p => Assert.InRange(p, TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(60)));
        Assert.InRange(times[^1] - ended, TimeSpan.Zero, TimeSpan.FromSeconds(5));
        Assert.Single(app.Log, l => l.StartsWith("Cannot watch /apis/keda.sh", StringComparison.Ordinal));
        Assert.Single(app.Api.Lists(ScriptedApi.ScaledObjects));
    }

    [Fact(Timeout = 60_000)]
    public async Task WatchThatFallsSilent_IsResumed()
    {
        await using var app = await WatchingApp.StartWatchingAsync(api => api.Set(ScriptedApi.ScaledObjects, Shop));
        var silentSince = app.Api.Requests.Last(r => r.Path == ScriptedApi.ScaledObjects).At;

        await app.PassUntilAsync(() => app.Api.WatchesAsked(ScriptedApi.ScaledObjects).Count == 2);

        var again = app.Api.Requests.Last(r => r.Path == ScriptedApi.ScaledObjects);
        Assert.InRange(again.At - silentSince, TimeSpan.FromSeconds(119), TimeSpan.FromSeconds(180));
        Assert.Equal("100", again.Query["resourceVersion"]);
        Assert.DoesNotContain(app.Log, l => l.StartsWith("Cannot watch", StringComparison.Ordinal));
    }

    [Fact(Timeout = 60_000)]
    public async Task ListThatIsAnsweredLate_IsTaken()
    {
        var answer = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var app = await WatchingApp.StartAsync(api =>
        {
            api.Set(ScriptedApi.ScaledObjects, Shop);
            api.Interfere = async context =>
            {
                await (context.Request.Path == ScriptedApi.ScaledObjects ? answer.Task : Task.CompletedTask);
                return false;
            };
        });
        await Eventually.TrueAsync(() => app.Api.Lists(ScriptedApi.ScaledObjects).Count == 1);

        app.Clock.Advance(TimeSpan.FromSeconds(30));
        answer.SetResult();
        await Eventually.TrueAsync(() => app.Find("shop.test") is not null);

        Assert.Single(app.Api.Lists(ScriptedApi.ScaledObjects));
    }

    [Fact(Timeout = 60_000)]
    public async Task ListThatIsNeverAnswered_IsAskedForAgainAndSaid()
    {
        await using var app = await WatchingApp.StartAsync(api => api.Interfere = async context =>
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return true;
        });

        await app.PassUntilAsync(() => app.Api.Lists(ScriptedApi.Services).Count == 2);

        Assert.Contains("Cannot watch /api/v1/services: The API server did not answer within 70 s. What was last known stays in force.", app.Log);
    }

    [Theory(Timeout = 60_000)]
    [InlineData(401, "Unauthorized", "401 Unauthorized: Unauthorized. The token of the interceptor's service account is not accepted.")]
    [InlineData(403, "scaledobjects.keda.sh is forbidden: User \"system:serviceaccount:wakegate:wakegate-interceptor\" cannot list resource \"scaledobjects\"",
        "403 Forbidden: scaledobjects.keda.sh is forbidden: User \"system:serviceaccount:wakegate:wakegate-interceptor\" cannot list resource \"scaledobjects\". The interceptor's service account needs a role that allows it.")]
    [InlineData(404, "the server could not find the requested resource",
        "404 NotFound: the server could not find the requested resource. KEDA is not installed: ScaledObject is a kind of its own.")]
    public async Task RefusedFromTheStart_IsSaidOnceAndByReadyzAndIsOverOnceItIsMended(int status, string message, string said)
    {
        var refusing = true;
        await using var app = await WatchingApp.StartAsync(api =>
        {
            api.Set(ScriptedApi.ScaledObjects, Shop);
            api.Interfere = async context =>
            {
                if (Volatile.Read(ref refusing) && context.Request.Path == ScriptedApi.ScaledObjects)
                {
                    await ScriptedApi.RefuseAsync(context, status, message);
                    return true;
                }

                return false;
            };
        });

        await app.PassUntilAsync(() => app.Api.Lists(ScriptedApi.ScaledObjects).Count == 3);
        var notReady = await app.ReadyzAsync();
        Volatile.Write(ref refusing, false);
        await app.PassUntilAsync(app.Watching);

        Assert.Equal($"503 the cluster's ScaledObjects have not been read yet\n{ScriptedApi.ScaledObjects}: {said}", notReady);
        Assert.Equal($"Cannot watch {ScriptedApi.ScaledObjects}: {said} What was last known stays in force.", Assert.Single(app.Log, l => l.StartsWith("Cannot watch", StringComparison.Ordinal)));
        Assert.Equal("200 ok", await app.ReadyzAsync());
        Assert.NotNull(app.Find("shop.test"));
    }

    /// <summary>Credentials are read from files and made by programs, which fail in ways of their own.</summary>
    [Fact(Timeout = 60_000)]
    public async Task FaultThatNobodyForesaw_IsSaidAndTriedAgain()
    {
        var tokens = new FailingTokens();
        await using var app = await WatchingApp.StartAsync(
            api => api.Set(ScriptedApi.ScaledObjects, Shop),
            (builder, api) => builder.Services.AddSingleton(
                new Kubernetes(new() { Host = api.Address, TokenProvider = tokens, FirstMessageHandlerSetup = PooledStream.Use })));
        await app.PassUntilAsync(() => tokens.Asked > 6);
        var notReady = await app.ReadyzAsync();

        tokens.Failing = false;
        await app.PassUntilAsync(app.Watching);
        tokens.Failing = true;
        app.Api.EndWatches(ScriptedApi.ScaledObjects);
        var before = tokens.Asked;
        await app.PassUntilAsync(() => tokens.Asked > before + 1);
        tokens.Failing = false;
        await app.PassUntilAsync(app.Watching);

        Assert.Contains("/api/v1/services: Access to the path is denied.", notReady, StringComparison.Ordinal);
        Assert.Contains(app.Log, line => line.StartsWith("Cannot watch /api/v1/services: Access to the path is denied.", StringComparison.Ordinal));
        Assert.NotNull(app.Find("shop.test"));
    }

    [Fact(Timeout = 60_000)]
    public async Task ObjectThatCannotBeRead_CostsNothingElseAndItsAuthorIsTold()
    {
        const string Odd = """{"metadata":{"name":"odd","namespace":"store","uid":"uid-odd","resourceVersion":"7"},"spec":{"triggers":"none"}}""";
        await using var app = await WatchingApp.StartWatchingAsync(api => api.Set(ScriptedApi.ScaledObjects, Odd, Shop));

        app.Api.Send(ScriptedApi.ScaledObjects, "MODIFIED", """{"metadata":{"name":"shop","namespace":"store","uid":"uid-shop","resourceVersion":"8"},"spec":{"triggers":[7]}}""");
        app.Api.Send(ScriptedApi.ScaledObjects, "ADDED", """["what", "ever"]""");
        await app.SettledAsync();
        var last = app.Find("shop.test");
        app.Api.Send(ScriptedApi.ScaledObjects, "MODIFIED", KubernetesJson.ScaledObject("shop", "shop.test", 9));
        await Eventually.TrueAsync(() => app.Api.Events.Any(e => e.Contains("UnreadableMended", StringComparison.Ordinal)));

        Assert.NotNull(last);
        Assert.Same(last, app.Find("shop.test"));
        Assert.Contains(app.Api.Events, e => e.Contains("uid-odd", StringComparison.Ordinal) && e.Contains("\"Unreadable\"", StringComparison.Ordinal));
        Assert.Equal(1, app.Api.Watches(ScriptedApi.ScaledObjects));
        Assert.Single(app.Api.WatchesAsked(ScriptedApi.ScaledObjects));
    }

    [Theory(Timeout = 60_000)]
    [InlineData("""{"type":"cron","metadata":{"desiredReplicas":3,"nested":{"a":[1]}}},""")]
    [InlineData("""{"type":"cron","metadata":[]},""")]
    [InlineData("""{"type":"cron","metadata":null},""")]
    [InlineData("""{"type":"cron","authenticationRef":{"name":"x"},"metricType":"Value","useCachedMetrics":true},""")]
    public async Task OddTriggerOfAnotherScaler_LeavesOursInForce(string other)
    {
        await using var app = await WatchingApp.StartWatchingAsync(api => api.Set(ScriptedApi.ScaledObjects, KubernetesJson.ScaledObject("shop", "shop.test", more: other)));

        Assert.NotNull(app.Find("shop.test"));
    }

    [Fact(Timeout = 60_000)]
    public async Task StatusThatKedaWrites_CostsNoWork()
    {
        await using var app = await WatchingApp.StartWatchingAsync(api => api.Set(ScriptedApi.ScaledObjects, Shop));
        var place = new ClaimPlace(new(Contracts.Triggers.HostKind.Exact, "shop.test"), "/");
        var before = app.Routes[place];

        app.Api.Send(ScriptedApi.ScaledObjects, "MODIFIED", KubernetesJson.ScaledObject("shop", "shop.test", version: 2));
        await app.SettledAsync();
        var after = app.Routes[place];
        app.Api.Send(ScriptedApi.ScaledObjects, "MODIFIED", KubernetesJson.ScaledObject("shop", "shop.test, more.test", version: 3));
        await app.SettledAsync();

        Assert.NotNull(before);
        Assert.Same(before, after);
        Assert.NotSame(before, app.Routes[place]);
    }

    /// <summary>Ages are compared with each other only, never with a clock of ours.</summary>
    [Theory(Timeout = 60_000)]
    [InlineData(-365)]
    [InlineData(365)]
    public async Task ClockThatIsWrong_ChangesNothing(int days)
    {
        await using var app = await WatchingApp.StartWatchingAsync(api => api.Set(
            ScriptedApi.ScaledObjects,
            KubernetesJson.ScaledObject("younger", "shop.test", created: DateTimeOffset.UnixEpoch.AddYears(56).AddDays(days + 1).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture)),
            KubernetesJson.ScaledObject("older", "shop.test", created: DateTimeOffset.UnixEpoch.AddYears(56).AddDays(days).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", System.Globalization.CultureInfo.InvariantCulture))));

        app.Clock.AdjustTime(app.Clock.GetUtcNow().AddDays(days));
        app.Api.EndWatches(ScriptedApi.ScaledObjects);
        await app.PassUntilAsync(() => app.Api.WatchesAsked(ScriptedApi.ScaledObjects).Count == 2);
        await app.PassUntilAsync(app.Watching);
        var first = app.Find("shop.test");
        app.Api.Send(ScriptedApi.ScaledObjects, "DELETED", KubernetesJson.ScaledObject("older", "shop.test", 2));
        await Eventually.TrueAsync(() => app.Find("shop.test")?.Id.ScaledObject == "younger");

        Assert.Equal("older", first?.Id.ScaledObject);
        Assert.StartsWith("200", await app.ReadyzAsync(), StringComparison.Ordinal);
    }

    private sealed class FailingTokens : ITokenProvider
    {
        private int asked;

        public int Asked => Volatile.Read(ref asked);

        public bool Failing { get; set => Volatile.Write(ref field, value); } = true;

        public Task<AuthenticationHeaderValue> GetAuthenticationHeaderAsync(CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref asked);
            return Failing ? throw new UnauthorizedAccessException("Access to the path is denied.") : Task.FromResult(new AuthenticationHeaderValue("Bearer", "a"));
        }
    }
}
