using System.Net;
using k8s;
using k8s.Models;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Wakegate.Testing;

namespace Wakegate.Interceptor.Tests;

public class WakingTests
{
    /// <summary>A gRPC message: a HealthCheckResponse whose status is SERVING.</summary>
    private static readonly byte[] Serving = [0, 0, 0, 0, 2, 8, 1];

    private static readonly string[] FailingFast = ["--Hold:FailFastAfter=30s"];

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
        await app.Kubernetes.AddPodAsync("shop-2");
        await app.Kubernetes.ReportAsync("shop-2", ready: false);

        var slice = KubernetesObjects.Slice("shop", "shop-1", pod.EndPoint);
        slice.Endpoints[0].TargetRef.Uid = leaving.Metadata.Uid;
        await app.Kubernetes.DiscoveryV1.CreateNamespacedEndpointSliceAsync(slice, KubernetesObjects.Namespace, cancellationToken: Cancellation);
        await app.Kubernetes.ReportAsync("shop-2", ready: true);

        Assert.Equal(HttpStatusCode.OK, (await response).StatusCode);
        Assert.DoesNotContain(app.Route().Pods.All, p => p.Address.Uid == leaving.Metadata.Uid);
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

    [Fact(Timeout = 60_000)]
    public async Task PodWithAStartupProbe_IsLeftToTheKubelet()
    {
        await using var pod = await StubPod.StartAsync();
        await using var app = await InterceptorApp.StartAsync(Trigger.Shop(("readiness", "probe")));
        await app.Kubernetes.TargetAsync(pod.EndPoint.Port);
        var probe = new V1Probe { HttpGet = new() { Path = "/ready", Port = pod.EndPoint.Port } };
        await app.Kubernetes.AddPodAsync("shop-1", probe, startup: probe);
        await app.Kubernetes.ReportAsync("shop-1", ready: false);
        var response = app.Client.SendAsync(Get(), Cancellation);
        await app.HeldAsync(1);

        await app.Kubernetes.ReportAsync("shop-1", ready: true);

        Assert.Equal(HttpStatusCode.OK, (await response).StatusCode);
        Assert.Equal(["GET /"], pod.Seen);
    }

    [Fact(Timeout = 60_000)]
    public async Task ImageThatCannotBePulled_IsToldAfterAGraceAndTheNextRequestAtOnce()
    {
        await using var pod = await StubPod.StartAsync();
        await using var app = await InterceptorApp.StartAsync(FailingFast, Trigger.Shop());
        await app.Kubernetes.TargetAsync(pod.EndPoint.Port);
        var response = app.Client.SendAsync(Get(), Cancellation);
        await app.HeldAsync(1);
        await app.Kubernetes.AddPodAsync("shop-1");
        await app.Kubernetes.ReportWaitingAsync("shop-1", "ImagePullBackOff", "Back-off pulling image \"shop:1\"");

        await AdvanceUntilAsync(app, () => response.IsCompleted);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await response).StatusCode);
        var problem = await (await response).Content.ReadAsStringAsync(Cancellation);
        Assert.Contains("no-pod-will-come", problem, StringComparison.Ordinal);
        Assert.Contains("container web of pod shop-1 does not start: ImagePullBackOff: Back-off pulling image", problem, StringComparison.Ordinal);
        var next = await app.Client.SendAsync(Get(), Cancellation);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, next.StatusCode);

        await app.Kubernetes.ReportAsync("shop-1", ready: true);
        await AdvanceUntilAsync(app, () => app.Route().Queue.Obstacle is null);
        Assert.Equal(HttpStatusCode.OK, (await app.Client.SendAsync(Get(), Cancellation)).StatusCode);
    }

    [Fact(Timeout = 60_000)]
    public async Task ObstacleThatGoesWithinTheGrace_CostsNothing()
    {
        await using var pod = await StubPod.StartAsync();
        await using var app = await InterceptorApp.StartAsync(FailingFast, Trigger.Shop());
        await app.Kubernetes.TargetAsync(pod.EndPoint.Port);
        var response = app.Client.SendAsync(Get(), Cancellation);
        await app.HeldAsync(1);
        await app.Kubernetes.AddPodAsync("shop-1");
        await app.Kubernetes.ReportWaitingAsync("shop-1", "ErrImagePull", "timeout");
        for (var second = 0; second < 20; second++)
        {
            app.Clock.Advance(TimeSpan.FromSeconds(1));
        }

        await app.Kubernetes.ReportAsync("shop-1", ready: true);

        Assert.Equal(HttpStatusCode.OK, (await response).StatusCode);
    }

    [Theory(Timeout = 60_000)]
    [InlineData("crash", "container web of pod shop-1 has failed 3 times")]
    [InlineData("unschedulable", "pod shop-1 cannot be scheduled: 0/3 nodes are available")]
    [InlineData("quota", "Deployment shop cannot make its pods: exceeded quota")]
    [InlineData("paused", "scaling is paused by its annotation autoscaling.keda.sh/paused")]
    [InlineData("missing", "Deployment shop does not exist")]
    public async Task ReasonWhyNoPodComes_IsTold(string why, string expected)
    {
        await using var app = await InterceptorApp.StartAsync(FailingFast, Trigger.Shop());
        var response = app.Client.SendAsync(Get(), Cancellation);
        await app.HeldAsync(1);

        switch (why)
        {
            case "crash":
                await app.Kubernetes.AddPodAsync("shop-1");
                await app.Kubernetes.ReportWaitingAsync("shop-1", "", "", restarts: 3);
                break;
            case "unschedulable":
                await app.Kubernetes.AddPodAsync("shop-1");
                await app.Kubernetes.ReportUnschedulableAsync("shop-1");
                break;
            case "paused":
                await app.Kubernetes.CustomObjects.PatchNamespacedCustomObjectAsync(
                    new V1Patch("""{"metadata":{"annotations":{"autoscaling.keda.sh/paused":"true"}}}""", V1Patch.PatchType.MergePatch),
                    "keda.sh", "v1alpha1", KubernetesObjects.Namespace, "scaledobjects", "shop", cancellationToken: Cancellation);
                break;
            case "quota":
                await AddDeploymentAsync(app, new() { Type = "ReplicaFailure", Status = "True", Reason = "FailedCreate", Message = "exceeded quota" });
                break;
        }

        await AdvanceUntilAsync(app, () => response.IsCompleted);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await response).StatusCode);
        Assert.Contains(expected, await (await response).Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
        await app.PendingAsync(0);
    }

    [Fact(Timeout = 60_000)]
    public async Task NodeOnItsWay_IsWaitedFor()
    {
        await using var pod = await StubPod.StartAsync();
        await using var app = await InterceptorApp.StartAsync(
            FailingFast, Trigger.Shop(), new Trigger("sale", ("hosts", "sale.test"), ("service", "sale"), ("port", "80")));
        await app.Kubernetes.TargetAsync(pod.EndPoint.Port);
        var response = app.Client.SendAsync(Get(), Cancellation);
        await app.HeldAsync(1);
        var waiting = await app.Kubernetes.AddPodAsync("shop-1");
        await app.Kubernetes.ReportUnschedulableAsync("shop-1");
        await app.Kubernetes.CoreV1.CreateNamespacedEventAsync(
            new Corev1Event
            {
                Metadata = new() { Name = "shop-1.scaleup" },
                InvolvedObject = new() { Kind = "Pod", Name = "shop-1", NamespaceProperty = KubernetesObjects.Namespace, Uid = waiting.Metadata.Uid },
                Reason = "TriggeredScaleUp",
                Type = "Normal",
            },
            KubernetesObjects.Namespace, cancellationToken: Cancellation);

        // The other one, which has no Deployment, is judged in the same beats.
        var hopeless = app.Client.SendAsync(new(HttpMethod.Get, "http://sale.test/"), Cancellation);
        await AdvanceUntilAsync(app, () => hopeless.IsCompleted);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await app.Client.SendAsync(new(HttpMethod.Get, "http://sale.test/"), Cancellation)).StatusCode);
        Assert.False(response.IsCompleted);
        await app.Kubernetes.ReportAsync("shop-1", ready: true);
        Assert.Equal(HttpStatusCode.OK, (await response).StatusCode);
    }

    private static Task<V1Deployment> AddDeploymentAsync(InterceptorApp app, V1DeploymentCondition condition) => app.Kubernetes.AppsV1
        .CreateNamespacedDeploymentAsync(
            new V1Deployment
            {
                Metadata = new() { Name = "shop" },
                Spec = new()
                {
                    Selector = new() { MatchLabels = new Dictionary<string, string> { ["app"] = "shop" } },
                    Template = new()
                    {
                        Metadata = new() { Labels = new Dictionary<string, string> { ["app"] = "shop" } },
                        Spec = new() { Containers = [new() { Name = "web", Image = "shop:1" }] },
                    },
                },
            },
            KubernetesObjects.Namespace)
        .ContinueWith(
            _ => app.Kubernetes.AppsV1.PatchNamespacedDeploymentStatusAsync(
                new V1Patch(new V1Deployment { Status = new() { Conditions = [condition] } }, V1Patch.PatchType.MergePatch), "shop", KubernetesObjects.Namespace),
            TaskScheduler.Default)
        .Unwrap();

    private static int Asked(InterceptorApp app, StubPod pod)
    {
        app.Clock.Advance(TimeSpan.FromMilliseconds(25));
        return pod.Seen.Count(s => s == "GET /ready");
    }

    private static Task AdvanceUntilAsync(InterceptorApp app, Func<bool> done) => Eventually.TrueAsync(() =>
    {
        app.Clock.Advance(TimeSpan.FromSeconds(1));
        return done();
    });

    private static HttpRequestMessage Get() => new(HttpMethod.Get, "http://shop.test/");
}
