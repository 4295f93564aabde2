using System.Net;
using k8s;
using k8s.Models;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Wakegate.Interceptor.Waking;
using Wakegate.Interceptor.Watching;
using Wakegate.Testing;

namespace Wakegate.Interceptor.Tests;

public class WakingTests
{
    /// <summary>Of Services, EndpointSlices and ScaledObjects: open as long as no pods are watched.</summary>
    private const int Watches = 3;

    /// <summary>A gRPC message: a HealthCheckResponse whose status is SERVING.</summary>
    private static readonly byte[] Serving = [0, 0, 0, 0, 2, 8, 1];

    // The clock runs far ahead of the interceptor, which must end no request by its holdTimeout meanwhile.
    private static readonly (string Key, string Value) Patience = ("holdTimeout", "24h");

    private static readonly IPAddress Second = IPAddress.Parse("127.0.0.2");

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact(Timeout = 60_000)]
    public async Task PodSaysReadyBeforeItsEndpointSlice_IsUsedAtOnce()
    {
        await using var pod = await StubPod.StartAsync();
        await using var app = await InterceptorApp.StartAsync(Trigger.Shop());
        await app.Kubernetes.TargetAsync(pod.EndPoint.Port);
        var response = app.Client.SendAsync(Get(), Cancellation);
        await app.HeldAsync(1);

        await app.Kubernetes.AddPodAsync("shop-1");
        await app.Kubernetes.ReportAsync("shop-1", ready: false);
        Assert.False(response.IsCompleted);
        await app.Kubernetes.ReportAsync("shop-1", ready: true);

        Assert.Equal(HttpStatusCode.OK, (await response).StatusCode);
    }

    [Fact(Timeout = 60_000)]
    public async Task PodsOfOtherWorkloads_AreNotUsed()
    {
        await using var pod = await StubPod.StartAsync();
        await using var app = await InterceptorApp.StartAsync(Trigger.Shop());
        await app.Kubernetes.TargetAsync(pod.EndPoint.Port);
        await app.Kubernetes.AddPodAsync("sale-1");
        await app.Kubernetes.CoreV1.PatchNamespacedPodAsync(
            new V1Patch(new { metadata = new { labels = new { app = "sale" } } }, V1Patch.PatchType.MergePatch), "sale-1", KubernetesObjects.Namespace,
            cancellationToken: Cancellation);
        await app.Kubernetes.ReportAsync("sale-1", ready: true);
        await app.Kubernetes.AddPodAsync("shop-1");
        await app.Kubernetes.ReportAsync("shop-1", ready: true);

        await app.Client.SendAsync(Get(), Cancellation);

        Assert.Equal(["shop-1"], app.Route().Pods.All.Select(p => p.Address.Name));
    }

    [Fact(Timeout = 60_000)]
    public async Task LastHeldRequestLongGone_PodsAreNoLongerWatchedAndTheSliceAloneCounts()
    {
        await using var pod = await StubPod.StartAsync();
        await using var app = await InterceptorApp.StartAsync(Trigger.Shop());
        await app.Kubernetes.TargetAsync(pod.EndPoint.Port);
        await app.Kubernetes.AddPodAsync("shop-1");
        await app.Kubernetes.ReportAsync("shop-1", ready: true);
        await app.Client.SendAsync(Get(), Cancellation);
        Assert.Single(app.Route().Pods.All);

        await Eventually.TrueAsync(() =>
        {
            app.Clock.Advance(TimeSpan.FromSeconds(1));
            return app.Route().Pods.All.Count == 0;
        });
    }

    [Fact(Timeout = 60_000)]
    public async Task PodThatIsGoingAway_IsNotUsedThoughItsSliceSaysReady()
    {
        await using var pod = await StubPod.StartAsync();
        await using var app = await InterceptorApp.StartAsync(Trigger.Shop());
        await app.Kubernetes.TargetAsync(pod.EndPoint.Port);
        var leaving = await app.Kubernetes.AddPodAsync("shop-1", finalizers: "wakegate.dev/test");
        await app.Kubernetes.ReportAsync("shop-1", ready: true);
        await app.Kubernetes.CoreV1.DeleteNamespacedPodAsync("shop-1", KubernetesObjects.Namespace, cancellationToken: Cancellation);
        var response = app.Client.SendAsync(Get(), Cancellation);
        await app.HeldAsync(1);

        // Those that there are have been listed before they are watched.
        await Eventually.TrueAsync(() => app.Api.OpenWatches > Watches);
        await app.Kubernetes.AddPodAsync("shop-2");
        await app.Kubernetes.ReportAsync("shop-2", ready: false);

        var slice = KubernetesObjects.Slice("shop", "shop-1", pod.EndPoint);
        slice.Endpoints[0].TargetRef.Uid = leaving.Metadata.Uid;
        await app.Kubernetes.DiscoveryV1.CreateNamespacedEndpointSliceAsync(slice, KubernetesObjects.Namespace, cancellationToken: Cancellation);
        await app.Kubernetes.ReportAsync("shop-2", ready: true);

        Assert.Equal(HttpStatusCode.OK, (await response).StatusCode);
        Assert.DoesNotContain(app.Route().Pods.All, p => p.Address.Uid == leaving.Metadata.Uid);
    }

    [Fact(Timeout = 60_000)]
    public async Task PodThatIsGone_IsNotUsedUntilItsSliceHasForgottenIt()
    {
        await using var pod = await StubPod.StartAsync();
        await using var app = await InterceptorApp.StartAsync(Trigger.Shop());
        await app.Kubernetes.TargetAsync(pod.EndPoint.Port);
        var first = await app.Kubernetes.AddPodAsync("shop-1");
        var slice = KubernetesObjects.Slice("shop", "shop-1", pod.EndPoint);
        slice.Endpoints[0].TargetRef.Uid = first.Metadata.Uid;
        slice.Endpoints[0].Conditions.Ready = false;
        await app.Kubernetes.DiscoveryV1.CreateNamespacedEndpointSliceAsync(slice, KubernetesObjects.Namespace, cancellationToken: Cancellation);
        await app.Kubernetes.ReportAsync("shop-1", ready: true);
        await app.Client.SendAsync(Get(), Cancellation);

        await app.Kubernetes.DeletePodAsync("shop-1");
        await Eventually.TrueAsync(() => app.Route().Pods.All.Count == 0);
        slice.Endpoints[0].Conditions.Ready = true;
        await app.Kubernetes.DiscoveryV1.ReplaceNamespacedEndpointSliceAsync(slice, "shop-1", KubernetesObjects.Namespace, cancellationToken: Cancellation);
        await app.Kubernetes.AddPodAsync("shop-2");
        await app.Kubernetes.ReportAsync("shop-2", ready: true);
        await Eventually.TrueAsync(() => app.Route().Pods.All.Any(p => p.Address.Name == "shop-2"));

        Assert.Equal(["shop-2"], app.Route().Pods.All.Select(p => p.Address.Name));
        await Eventually.TrueAsync(() =>
        {
            app.Clock.Advance(TimeSpan.FromSeconds(1));
            return app.Api.OpenWatches == Watches;
        });
        await Eventually.TrueAsync(() => app.Route().Pods.All.Count == 0);
    }

    [Theory(Timeout = 60_000)]
    [InlineData("http")]
    [InlineData("tcp")]
    [InlineData("grpc")]
    public async Task ReadinessProbe_ReleasesAheadOfTheKubelet(string kind)
    {
        var up = false;
        await using var pod = await StubPod.StartAsync(
            async context =>
            {
                context.Response.StatusCode = context.Request.Path != "/ready" || Volatile.Read(ref up) ? 200 : 503;
                if (context.Request.Path == "/grpc.health.v1.Health/Check")
                {
                    context.Response.ContentType = "application/grpc";
                    context.Response.AppendTrailer("grpc-status", "0");
                    await context.Response.Body.WriteAsync(Serving, Cancellation);
                }
            },
            kind == "grpc" ? HttpProtocols.Http2 : HttpProtocols.Http1);
        await using var app = await InterceptorApp.StartAsync(
            Trigger.Shop(("readiness", "probe"), ("protocol", kind == "grpc" ? "h2c" : "http1")));
        await app.Kubernetes.TargetAsync(pod.EndPoint.Port);
        var response = app.Client.SendAsync(Get(), Cancellation);
        await app.HeldAsync(1);
        await app.Kubernetes.AddPodAsync("shop-1", kind switch
        {
            "http" => new() { HttpGet = new() { Path = "/ready", Port = pod.EndPoint.Port } },
            "tcp" => new() { TcpSocket = new() { Port = pod.EndPoint.Port } },
            _ => new() { Grpc = new() { Port = pod.EndPoint.Port } },
        });

        await app.Kubernetes.ReportAsync("shop-1", ready: false);
        if (kind == "http")
        {
            await Eventually.TrueAsync(() => Asked(app, pod) > 1);
            Assert.False(response.IsCompleted);
            Volatile.Write(ref up, true);
        }

        await Eventually.TrueAsync(() => Asked(app, pod) >= 0 && response.IsCompleted);
        Assert.Equal(HttpStatusCode.OK, (await response).StatusCode);
        Assert.Contains("GET /", pod.Seen);
    }

    [Theory(Timeout = 60_000)]
    [InlineData("startupProbe")]
    [InlineData("sidecar's startupProbe")]
    [InlineData("sidecar's readinessProbe")]
    [InlineData("readiness gate")]
    public async Task PodWhoseProbeDoesNotSayAll_IsLeftToTheKubelet(string also)
    {
        await using var pod = await StubPod.StartAsync();
        await using var app = await InterceptorApp.StartAsync(Trigger.Shop(("readiness", "probe")));
        await app.Kubernetes.TargetAsync(pod.EndPoint.Port);
        var probe = new V1Probe { HttpGet = new() { Path = "/ready", Port = pod.EndPoint.Port } };
        var sidecar = new V1Container { Name = "mesh", Image = "mesh:1", RestartPolicy = "Always" };
        await app.Kubernetes.AddPodAsync("shop-1", probe, spec =>
        {
            switch (also)
            {
                case "startupProbe": spec.Containers[0].StartupProbe = probe; break;
                case "readiness gate": spec.ReadinessGates = [new() { ConditionType = "example.com/registered" }]; break;
                case "sidecar's startupProbe": (sidecar.StartupProbe, spec.InitContainers) = (probe, [sidecar]); break;
                default: (sidecar.ReadinessProbe, spec.InitContainers) = (probe, [sidecar]); break;
            }
        });
        await app.Kubernetes.ReportAsync("shop-1", ready: false);
        var response = app.Client.SendAsync(Get(), Cancellation);
        await app.HeldAsync(1);

        await app.Kubernetes.ReportAsync("shop-1", ready: true);

        Assert.Equal(HttpStatusCode.OK, (await response).StatusCode);
        Assert.Equal(["GET /"], pod.Seen);
    }

    [Fact(Timeout = 60_000)]
    public async Task PodThatAnsweredBeforeItsKubeletSaidSo_IsKeptHoweverLongTheKubeletTakes()
    {
        await using var pod = await StubPod.StartAsync();
        await using var app = await InterceptorApp.StartAsync(Trigger.Shop(("readiness", "probe")));
        await app.Kubernetes.TargetAsync(pod.EndPoint.Port);
        var added = await app.Kubernetes.AddPodAsync("shop-1", new() { TcpSocket = new() { Port = pod.EndPoint.Port } });
        await app.Kubernetes.ReportAsync("shop-1", ready: false);
        await app.Client.SendAsync(Get(), Cancellation);
        var used = Assert.Single(app.Route().Pods.All);

        for (var second = 0; second < 70; second++)
        {
            app.Clock.Advance(TimeSpan.FromSeconds(1));
            Assert.Equal(HttpStatusCode.OK, (await app.Client.SendAsync(Get(), Cancellation)).StatusCode);
            Assert.Same(used, Assert.Single(app.Route().Pods.All));
        }

        await app.Kubernetes.ReportAsync("shop-1", ready: true);
        var slice = KubernetesObjects.Slice("shop", "shop-1", pod.EndPoint);
        slice.Endpoints[0].TargetRef.Uid = added.Metadata.Uid;
        await app.Kubernetes.DiscoveryV1.CreateNamespacedEndpointSliceAsync(slice, KubernetesObjects.Namespace, cancellationToken: Cancellation);
        await Eventually.TrueAsync(() =>
        {
            app.Clock.Advance(TimeSpan.FromSeconds(1));
            return app.Api.OpenWatches == Watches;
        });
        Assert.Same(used, Assert.Single(app.Route().Pods.All));
    }

    [Fact(Timeout = 60_000)]
    public async Task PodThatAnsweredAndThenStartedAnew_IsAskedAnew()
    {
        var up = true;
        await using var pod = await StubPod.StartAsync(context =>
        {
            context.Response.StatusCode = context.Request.Path != "/ready" || Volatile.Read(ref up) ? 200 : 503;
            return Task.CompletedTask;
        });
        await using var app = await InterceptorApp.StartAsync(Trigger.Shop(("readiness", "probe")));
        await app.Kubernetes.TargetAsync(pod.EndPoint.Port);
        await app.Kubernetes.AddPodAsync("shop-1", new() { HttpGet = new() { Path = "/ready", Port = pod.EndPoint.Port } });
        await app.Kubernetes.ReportAsync("shop-1", ready: false);
        await app.Client.SendAsync(Get(), Cancellation);

        Volatile.Write(ref up, false);
        await app.Kubernetes.ReportAsync("shop-1", ready: false, restarts: 1);
        await Eventually.TrueAsync(() => app.Route().Pods.All.Count == 0);
        var response = app.Client.SendAsync(Get(), Cancellation);
        await app.HeldAsync(1);
        await Eventually.TrueAsync(() => Asked(app, pod) > 2);
        Assert.False(response.IsCompleted);
        Volatile.Write(ref up, true);

        await Eventually.TrueAsync(() => Asked(app, pod) > 0 && response.IsCompleted);
        Assert.Equal(HttpStatusCode.OK, (await response).StatusCode);
    }

    [Theory(Timeout = 60_000)]
    [InlineData(false)]
    [InlineData(true)]
    public async Task PodWhoseOtherContainerDoesNotRunYet_IsNotUsedUntilItDoes(bool sidecar)
    {
        var runs = false;
        var early = 0;
        await using var pod = await StubPod.StartAsync(context =>
        {
            Interlocked.Add(ref early, Volatile.Read(ref runs) ? 0 : 1);
            return Task.CompletedTask;
        });
        await using var app = await InterceptorApp.StartAsync(Trigger.Shop(("readiness", "probe"), Patience));
        await app.Kubernetes.TargetAsync(pod.EndPoint.Port);
        var mesh = new V1Container { Name = "mesh", Image = "mesh:1", RestartPolicy = sidecar ? "Always" : null };
        await app.Kubernetes.AddPodAsync("shop-1", new() { HttpGet = new() { Path = "/ready", Port = pod.EndPoint.Port } }, spec =>
        {
            spec.Containers = sidecar ? spec.Containers : [.. spec.Containers, mesh];
            spec.InitContainers = sidecar ? [mesh] : null;
        });
        var response = app.Client.SendAsync(Get(), Cancellation);
        await app.HeldAsync(1);

        await app.Kubernetes.ReportWithAsync("shop-1", "mesh", sidecar, runs: false);
        await KnownAsync(app, p => p.Address is not null);
        await BeatsAsync(app, 3);
        Volatile.Write(ref runs, true);
        await app.Kubernetes.ReportWithAsync("shop-1", "mesh", sidecar, runs: true);

        Assert.Equal(HttpStatusCode.OK, (await response).StatusCode);
        Assert.Equal((0, "GET /ready"), (early, pod.Seen.First()));
        await app.Kubernetes.ReportWithAsync("shop-1", "mesh", sidecar, runs: false);
        await Eventually.TrueAsync(() => app.Route().Pods.All.Count == 0);
    }

    [Fact(Timeout = 60_000)]
    public async Task PodWhoseAddressChangesWhileItStarts_IsAskedAtItsNewOne()
    {
        await using var pod = await StubPod.StartAsync();
        await using var before = await StubPod.StartAsync(
            context =>
            {
                context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
                return Task.CompletedTask;
            },
            endpoint: new(Second, pod.EndPoint.Port));
        await using var app = await InterceptorApp.StartAsync(Trigger.Shop(("readiness", "probe"), Patience));
        await app.Kubernetes.TargetAsync(pod.EndPoint.Port);
        var response = app.Client.SendAsync(Get(), Cancellation);
        await app.HeldAsync(1);
        await app.Kubernetes.AddPodAsync("shop-1", new() { HttpGet = new() { Path = "/ready", Port = pod.EndPoint.Port } });
        await app.Kubernetes.ReportAsync("shop-1", ready: false, $"{Second}");
        await Eventually.TrueAsync(() => Asked(app, before) > 1);

        await app.Kubernetes.ReportAsync("shop-1", ready: false);

        await Eventually.TrueAsync(() => Asked(app, pod) >= 0 && response.IsCompleted);
        Assert.Equal(HttpStatusCode.OK, (await response).StatusCode);
        Assert.Equal(["GET /ready", "GET /"], pod.Seen);
    }

    [Fact(Timeout = 60_000)]
    public async Task PodsAfterTheFirst_AreAskedWhileRequestsWaitBehindIt()
    {
        var up = false;
        await using var first = await GatedPod.StartAsync();
        await using var second = await SecondAsync(first.EndPoint.Port, () => Volatile.Read(ref up));
        await using var app = await InterceptorApp.StartAsync(Trigger.Shop(("readiness", "probe"), ("podConcurrency", "1"), Patience));
        await app.Kubernetes.TargetAsync(first.EndPoint.Port);
        var held = new[] { app.Client.SendAsync(Get(), Cancellation), app.Client.SendAsync(Get(), Cancellation) };
        await app.HeldAsync(2);
        await app.Kubernetes.AddPodAsync("shop-1", new() { TcpSocket = new() { Port = first.EndPoint.Port } });
        await app.Kubernetes.AddPodAsync("shop-2", new() { HttpGet = new() { Path = "/ready", Port = first.EndPoint.Port } });

        // The one is asked before the first serves, and after.
        await app.Kubernetes.ReportAsync("shop-2", ready: false, $"{Second}");
        await Eventually.TrueAsync(() => Asked(app, second) > 1);
        await app.Kubernetes.ReportAsync("shop-1", ready: false);
        await first.HasAsync(1);
        await BeatsAsync(app, 3);
        var asked = Asked(app, second);
        await Eventually.TrueAsync(() => Asked(app, second) > asked + 1);
        Volatile.Write(ref up, true);

        await Eventually.TrueAsync(() => Asked(app, second) > 0 && Array.Exists(held, h => h.IsCompleted));
        Assert.Contains("GET /", second.Seen);
        first.Answer(1);
        await Task.WhenAll(held);
    }

    [Fact(Timeout = 60_000)]
    public async Task LineThatFormsBehindABusyPod_HasPodsWatchedAndAskedForAsLongAsItIsThere()
    {
        await using var first = await GatedPod.StartAsync();
        await using var second = await SecondAsync(first.EndPoint.Port, static () => true);
        await using var app = await InterceptorApp.StartAsync(
            ["--Hold:FailFastAfter=30s"], Trigger.Shop(("readiness", "probe"), ("podConcurrency", "1"), Patience));
        await app.Kubernetes.TargetAsync(first.EndPoint.Port);
        await app.ReadyAsync(first.EndPoint);
        var busy = app.Client.SendAsync(Get(), Cancellation);
        await first.HasAsync(1);
        Assert.Equal(Watches, app.Api.OpenWatches);

        var queued = app.Client.SendAsync(Get(), Cancellation);
        await Eventually.TrueAsync(() => app.Api.OpenWatches > Watches);
        await BeatsAsync(app, 70);
        Assert.True(app.Api.OpenWatches > Watches);
        Assert.Null(app.Route().Queue.Obstacle);
        await app.Kubernetes.AddPodAsync("shop-2", new() { HttpGet = new() { Path = "/ready", Port = first.EndPoint.Port } });
        await app.Kubernetes.ReportAsync("shop-2", ready: false, $"{Second}");

        Assert.Equal(HttpStatusCode.OK, (await queued).StatusCode);
        Assert.Equal(["GET /ready", "GET /"], second.Seen);
        await app.Kubernetes.ReportAsync("shop-2", ready: true, $"{Second}");
        first.Answer(1);
        await busy;
        await Eventually.TrueAsync(() =>
        {
            app.Clock.Advance(TimeSpan.FromSeconds(1));
            return app.Api.OpenWatches == Watches;
        });
    }

    [Fact(Timeout = 60_000)]
    public async Task LineThatFormsAgainWhilePodsAreWatched_HasThemAskedAtOnce()
    {
        var up = false;
        await using var first = await GatedPod.StartAsync();
        await using var second = await SecondAsync(first.EndPoint.Port, () => Volatile.Read(ref up));
        await using var app = await InterceptorApp.StartAsync(Trigger.Shop(("readiness", "probe"), ("podConcurrency", "1"), Patience));
        await app.Kubernetes.TargetAsync(first.EndPoint.Port);
        await app.ReadyAsync(first.EndPoint);
        var served = new[] { app.Client.SendAsync(Get(), Cancellation), app.Client.SendAsync(Get(), Cancellation) };
        await app.HeldAsync(1);
        await app.Kubernetes.AddPodAsync("shop-2", new() { HttpGet = new() { Path = "/ready", Port = first.EndPoint.Port } });
        await app.Kubernetes.ReportAsync("shop-2", ready: false, $"{Second}");
        await Eventually.TrueAsync(() => Asked(app, second) > 0);
        await first.HasAsync(1);
        first.Answer(1);
        await Task.WhenAny(served);
        await first.HasAsync(1);
        await BeatsAsync(app, 3);
        var asked = second.Seen.Count;
        Volatile.Write(ref up, true);

        // The clock stands still, so it is not a beat that finds it.
        var queued = app.Client.SendAsync(Get(), Cancellation);

        Assert.Equal(HttpStatusCode.OK, (await queued).StatusCode);
        Assert.Equal(["GET /ready", "GET /"], second.Seen.Skip(asked));
        first.Answer(1);
        await Task.WhenAll(served);
    }

    [Fact(Timeout = 60_000)]
    public async Task LineBehindABusyPod_HasNothingWatchedWhereProbesAreNotAskedFor()
    {
        await using var pod = await GatedPod.StartAsync();
        await using var app = await InterceptorApp.StartAsync(Trigger.Shop(("podConcurrency", "1"), Patience));
        await app.ReadyAsync(pod.EndPoint);
        var served = new[] { app.Client.SendAsync(Get(), Cancellation), app.Client.SendAsync(Get(), Cancellation) };

        await app.HeldAsync(1);

        Assert.Empty(app.Services.GetRequiredService<WakingRoutes>().Routes);
        await pod.HasAsync(1);
        pod.Answer(1);
        await Task.WhenAny(served);
        await pod.HasAsync(1);
        pod.Answer(1);
        await Task.WhenAll(served);
    }

    [Fact(Timeout = 60_000)]
    public async Task PodThatIsNoLongerReady_IsLeftToTheKubeletWhileOthersServe()
    {
        await using var first = await GatedPod.StartAsync();
        await using var second = await SecondAsync(first.EndPoint.Port, static () => true);
        await using var third = await StubPod.StartAsync(endpoint: new(IPAddress.Parse("127.0.0.3"), first.EndPoint.Port));
        await using var app = await InterceptorApp.StartAsync(Trigger.Shop(("readiness", "probe"), ("podConcurrency", "1"), Patience));
        await app.Kubernetes.TargetAsync(first.EndPoint.Port);
        await app.ReadyAsync(first.EndPoint);
        var probe = new V1Probe { HttpGet = new() { Path = "/ready", Port = first.EndPoint.Port } };
        await app.Kubernetes.AddPodAsync("shop-2", probe);
        await app.Kubernetes.ReportNoLongerReadyAsync("shop-2", $"{Second}", app.Clock.GetUtcNow().UtcDateTime);
        await app.Kubernetes.AddPodAsync("shop-3", probe);
        await app.Kubernetes.ReportAsync("shop-3", ready: false, "127.0.0.3");
        var served = new[] { app.Client.SendAsync(Get(), Cancellation), app.Client.SendAsync(Get(), Cancellation) };

        await Task.WhenAny(served);
        await BeatsAsync(app, 3);
        Assert.Equal((0, 2), (second.Seen.Count, third.Seen.Count));

        // Without any other there is nothing to lose.
        await first.HasAsync(1);
        first.Answer(1);
        await Task.WhenAll(served);
        await app.Kubernetes.DeletePodAsync("shop-3");
        await Eventually.TrueAsync(() => app.Route().Pods.All.Count == 1);
        await app.ReadyAsync();
        Assert.Equal(HttpStatusCode.OK, (await app.Client.SendAsync(Get(), Cancellation)).StatusCode);
        Assert.Equal(["GET /ready", "GET /"], second.Seen);
    }

    /// <summary>Another pod of the shop, at the same port of another address.</summary>
    private static Task<StubPod> SecondAsync(int port, Func<bool> up) => StubPod.StartAsync(
        context =>
        {
            context.Response.StatusCode = context.Request.Path != "/ready" || up() ? 200 : 503;
            return Task.CompletedTask;
        },
        endpoint: new(Second, port));

    private static Task KnownAsync(InterceptorApp app, Func<PodObject, bool> known) =>
        Eventually.TrueAsync(() => app.Services.GetRequiredService<Cluster>().PodsOf(app.Route()).Pods.Any(known));

    /// <summary>Gives what should not happen the time to.</summary>
    private static async Task BeatsAsync(InterceptorApp app, int seconds)
    {
        for (var tenth = 0; tenth < seconds * 10; tenth++)
        {
            app.Clock.Advance(TimeSpan.FromMilliseconds(100));
            await app.Kubernetes.CoreV1.ListNamespacedPodAsync(KubernetesObjects.Namespace, cancellationToken: Cancellation);
        }
    }

    private static int Asked(InterceptorApp app, StubPod pod)
    {
        app.Clock.Advance(TimeSpan.FromMilliseconds(25));
        return pod.Seen.Count(s => s == "GET /ready");
    }

    private static HttpRequestMessage Get() => new(HttpMethod.Get, "http://shop.test/");
}
