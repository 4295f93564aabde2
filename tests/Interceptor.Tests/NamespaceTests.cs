using Microsoft.Extensions.Configuration;
using Wakegate.Testing;

namespace Wakegate.Interceptor.Tests;

/// <summary>An interceptor that watches listed namespaces, which may come and go.</summary>
public class NamespaceTests
{
    private const string Store = "/apis/keda.sh/v1alpha1/namespaces/store/scaledobjects";
    private const string Lost = "/apis/keda.sh/v1alpha1/namespaces/lost/scaledobjects";

    [Fact(Timeout = 60_000)]
    public async Task LostNamespace_KeepsNoInterceptorFromServingTheOthers()
    {
        var refusing = true;
        await using var app = await StartAsync(path => Volatile.Read(ref refusing) && path.Contains("/namespaces/lost/", StringComparison.Ordinal));

        await app.PassUntilAsync(() => app.Routes.Complete);
        var (ready, shop) = (await app.ReadyzAsync(), app.Find("shop.test"));
        Volatile.Write(ref refusing, false);
        await app.PassUntilAsync(() => app.Find("cart.test") is not null);

        Assert.NotNull(shop);
        Assert.Equal(
            $"""
            200 ok
            /api/v1/namespaces/lost/services: {Refusal}
            /apis/discovery.k8s.io/v1/namespaces/lost/endpointslices: {Refusal}
            """,
            ready);
        Assert.Contains("Going on without namespace lost, which cannot be read. It is taken over as soon as it can.", app.Log);
        Assert.Equal("200 ok", await app.ReadyzAsync());
    }

    [Fact(Timeout = 60_000)]
    public async Task NamespaceThatIsRefusedForAMoment_IsWaitedFor()
    {
        var refused = 0;
        await using var app = await StartAsync(path => path == Lost && Interlocked.Increment(ref refused) <= 2);

        // Slowly, lest the refusals seem to last.
        await Eventually.TrueAsync(() =>
        {
            app.Clock.Advance(TimeSpan.FromMilliseconds(20));
            return app.Routes.Complete;
        });

        Assert.NotNull(app.Find("cart.test"));
        Assert.DoesNotContain(app.Log, line => line.StartsWith("Going on without", StringComparison.Ordinal));
    }

    [Fact(Timeout = 60_000)]
    public async Task NoNamespaceThatCanBeRead_KeepsTheInterceptorUnready()
    {
        var refusing = true;
        await using var app = await StartAsync(_ => Volatile.Read(ref refusing));

        var started = app.Clock.GetUtcNow();
        await app.PassUntilAsync(() => app.Clock.GetUtcNow() - started > TimeSpan.FromMinutes(1) && app.Api.Requests.Count > 12);
        var complete = app.Routes.Complete;
        Volatile.Write(ref refusing, false);
        await app.PassUntilAsync(() => app.Routes.Complete);

        Assert.False(complete);
    }

    private const string Refusal = "403 Forbidden: services is forbidden. The interceptor's service account needs a role that allows it.";

    private static Task<WatchingApp> StartAsync(Predicate<string> refuse) => WatchingApp.StartAsync(
        api =>
        {
            api.Set(Store, KubernetesJson.ScaledObject("shop", "shop.test"));
            api.Set(Lost, KubernetesJson.ScaledObject("cart", "cart.test").Replace("\"store\"", "\"lost\"", StringComparison.Ordinal));
            api.Interfere = async context =>
            {
                var refused = refuse(context.Request.Path.Value!);
                await (refused ? ScriptedApi.RefuseAsync(context, 403, "services is forbidden") : Task.CompletedTask);
                return refused;
            };
        },
        (builder, _) => builder.Configuration.AddInMemoryCollection([new("Interceptor:Namespaces:0", "store"), new("Interceptor:Namespaces:1", "lost")]));
}
