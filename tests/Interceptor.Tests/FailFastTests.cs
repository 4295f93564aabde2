using System.Net;
using k8s;
using k8s.Models;
using Microsoft.Extensions.DependencyInjection;
using Wakegate.Interceptor.Watching;
using Wakegate.Testing;

namespace Wakegate.Interceptor.Tests;

public class FailFastTests
{
    private static readonly string[] FailingFast = ["--Hold:FailFastAfter=30s"];

    // The clock runs far ahead of the interceptor, which must end no request by its holdTimeout meanwhile.
    private static readonly (string Key, string Value) Patience = ("holdTimeout", "24h");

    private static readonly Trigger Shop = Trigger.Shop(Patience);

    private static readonly Trigger Sale = new("sale", ("hosts", "sale.test"), ("service", "sale"), ("port", "80"), Patience);

    /// <summary>Of Services, EndpointSlices and ScaledObjects: open as long as no pods are watched.</summary>
    private const int Watches = 3;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact(Timeout = 60_000)]
    public async Task ImageThatCannotBePulled_IsToldAfterAGraceAndTheNextRequestAtOnce()
    {
        await using var pod = await StubPod.StartAsync();
        await using var app = await InterceptorApp.StartAsync(FailingFast, Shop);
        await app.Kubernetes.TargetAsync(pod.EndPoint.Port);
        var response = app.Client.SendAsync(Get(), Cancellation);
        await app.HeldAsync(1);
        await app.Kubernetes.AddPodAsync("shop-1");
        await app.Kubernetes.ReportWaitingAsync("shop-1", "ImagePullBackOff", "Back-off pulling image \"shop:1\"");
        await KnowAsync(app);

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
    public async Task PodThatHasComeAndRefusesAtFirst_IsWaitedForWhateverStoodInItsWay()
    {
        await using var app = await InterceptorApp.StartAsync(FailingFast, Shop);
        await app.Kubernetes.TargetAsync(FreePort.Find());
        var told = app.Client.SendAsync(Get(), Cancellation);
        await app.HeldAsync(1);
        await app.Kubernetes.AddPodAsync("shop-1");
        await app.Kubernetes.ReportWaitingAsync("shop-1", "ImagePullBackOff", "Back-off pulling image");
        await KnowAsync(app);
        await AdvanceUntilAsync(app, () => told.IsCompleted);

        // No time passes now, in which the obstacle would be found gone.
        await app.Kubernetes.ReportAsync("shop-1", ready: true);
        await Eventually.TrueAsync(() => app.Route().Pods.All.Count == 1);
        var next = app.Client.SendAsync(Get(), Cancellation);
        await app.HeldAsync(1);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await told).StatusCode);
        Assert.NotNull(app.Route().Queue.Obstacle);
        Assert.False(next.IsCompleted);
    }

    [Fact(Timeout = 60_000)]
    public async Task ObstacleThatGoesWithinTheGrace_CostsNothing()
    {
        await using var pod = await StubPod.StartAsync();
        await using var app = await InterceptorApp.StartAsync(FailingFast, Shop);
        await app.Kubernetes.TargetAsync(pod.EndPoint.Port);
        var response = app.Client.SendAsync(Get(), Cancellation);
        await app.HeldAsync(1);
        await app.Kubernetes.AddPodAsync("shop-1");
        await app.Kubernetes.ReportWaitingAsync("shop-1", "ErrImagePull", "timeout");
        await KnowAsync(app);
        for (var second = 0; second < 20; second++)
        {
            app.Clock.Advance(TimeSpan.FromSeconds(1));
        }

        await app.Kubernetes.ReportAsync("shop-1", ready: true);

        Assert.Equal(HttpStatusCode.OK, (await response).StatusCode);
    }

    [Theory(Timeout = 60_000)]
    [InlineData("crash loop", "container web of pod shop-1 does not start: CrashLoopBackOff: back-off 5m0s")]
    [InlineData("unschedulable", "pod shop-1 cannot be scheduled: 0/3 nodes are available")]
    [InlineData("quota", "Deployment shop cannot make its pods: exceeded quota")]
    [InlineData("paused", "scaling is paused by its annotation autoscaling.keda.sh/paused")]
    [InlineData("missing", "Deployment shop does not exist")]
    public async Task ReasonWhyNoPodComes_IsTold(string why, string expected)
    {
        await using var app = await InterceptorApp.StartAsync(FailingFast, Shop);
        var response = app.Client.SendAsync(Get(), Cancellation);
        await app.HeldAsync(1);

        switch (why)
        {
            case "crash loop":
                await app.Kubernetes.AddPodAsync("shop-1");
                await app.Kubernetes.ReportWaitingAsync("shop-1", "CrashLoopBackOff", "back-off 5m0s", restarts: 7);
                await KnowAsync(app);
                break;
            case "unschedulable":
                await app.Kubernetes.AddPodAsync("shop-1");
                await app.Kubernetes.ReportUnschedulableAsync("shop-1");
                await KnowAsync(app);
                break;
            case "paused":
                await app.Kubernetes.CustomObjects.PatchNamespacedCustomObjectAsync(
                    new V1Patch("""{"metadata":{"annotations":{"autoscaling.keda.sh/paused":"true"}}}""", V1Patch.PatchType.MergePatch),
                    "keda.sh", "v1alpha1", KubernetesObjects.Namespace, "scaledobjects", "shop", cancellationToken: Cancellation);
                await KnowAsync(app, paused: true);
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
        await using var app = await InterceptorApp.StartAsync(FailingFast, Shop, Sale);
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
        await KnowAsync(app);

        // The other one, which has no Deployment, is judged in the same beats.
        var hopeless = app.Client.SendAsync(new(HttpMethod.Get, "http://sale.test/"), Cancellation);
        await AdvanceUntilAsync(app, () => hopeless.IsCompleted);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await app.Client.SendAsync(new(HttpMethod.Get, "http://sale.test/"), Cancellation)).StatusCode);
        Assert.False(response.IsCompleted);
        await app.Kubernetes.ReportAsync("shop-1", ready: true);
        Assert.Equal(HttpStatusCode.OK, (await response).StatusCode);
    }

    [Fact(Timeout = 60_000)]
    public async Task ContainerThatFailsAgainAndAgain_IsToldThoughItRunsInBetween()
    {
        await using var app = await InterceptorApp.StartAsync(FailingFast, Shop);
        var response = app.Client.SendAsync(Get(), Cancellation);
        await app.HeldAsync(1);
        await app.Kubernetes.AddPodAsync("shop-1");
        await KnowAsync(app);

        var restarts = 4;
        await Eventually.TrueAsync(async () =>
        {
            await app.Kubernetes.ReportAsync("shop-1", ready: false, restarts: restarts++);
            app.Clock.Advance(TimeSpan.FromSeconds(5));
            return response.IsCompleted;
        });

        var problem = await (await response).Content.ReadAsStringAsync(Cancellation);
        Assert.Contains("container web of pod shop-1 has failed", problem, StringComparison.Ordinal);
    }

    [Fact(Timeout = 60_000)]
    public async Task ContainerThatFailedBeforeAndStartsSlowly_IsWaitedFor()
    {
        await using var pod = await StubPod.StartAsync();
        await using var app = await InterceptorApp.StartAsync(FailingFast, Shop, Sale);
        await app.Kubernetes.TargetAsync(pod.EndPoint.Port);
        await app.Kubernetes.AddPodAsync("shop-1");
        await app.Kubernetes.ReportAsync("shop-1", ready: false, restarts: 3);
        var response = app.Client.SendAsync(Get(), Cancellation);
        await app.HeldAsync(1);
        await KnowAsync(app);

        // The other one, which has no Deployment, is judged in the same beats.
        var hopeless = app.Client.SendAsync(new(HttpMethod.Get, "http://sale.test/"), Cancellation);
        await AdvanceUntilAsync(app, () => hopeless.IsCompleted);
        Assert.False(response.IsCompleted);
        await app.Kubernetes.ReportAsync("shop-1", ready: true, restarts: 3);

        Assert.Equal(HttpStatusCode.OK, (await response).StatusCode);
    }

    [Fact(Timeout = 60_000)]
    public async Task WhatWasTold_IsNotToldAgainLongAfter()
    {
        await using var app = await InterceptorApp.StartAsync(FailingFast, Shop);
        var told = app.Client.SendAsync(Get(), Cancellation);
        await app.HeldAsync(1);
        await app.Kubernetes.AddPodAsync("shop-1");
        await app.Kubernetes.ReportWaitingAsync("shop-1", "ImagePullBackOff", "Back-off pulling image");
        await KnowAsync(app);
        await AdvanceUntilAsync(app, () => told.IsCompleted);

        // The last to be told, and what changes meanwhile, come between two beats.
        app.Clock.Advance(TimeSpan.FromMilliseconds(500));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await app.Client.SendAsync(Get(), Cancellation)).StatusCode);

        // The clock may run ahead of the interceptor, so how much of its time this takes says nothing.
        for (var seconds = 0; app.Api.OpenWatches > Watches; seconds++)
        {
            await app.Kubernetes.ReportWaitingAsync("shop-1", "ImagePullBackOff", $"Back-off pulling image for {seconds} s");
            app.Clock.Advance(TimeSpan.FromMilliseconds(500));
            await app.Kubernetes.CoreV1.ListNamespacedPodAsync(KubernetesObjects.Namespace, cancellationToken: Cancellation);
            app.Clock.Advance(TimeSpan.FromMilliseconds(500));
        }

        var next = app.Client.SendAsync(Get(), Cancellation);
        await app.HeldAsync(1);
        Assert.False(next.IsCompleted);
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

    /// <summary>Waits until the shop's pod, or that it is paused, is known: else time would go by as if there were none.</summary>
    private static Task KnowAsync(InterceptorApp app, bool paused = false) => Eventually.TrueAsync(() =>
    {
        var (pods, scaling) = app.Services.GetRequiredService<Cluster>().PodsOf(app.Route());
        return paused ? scaling?.Annotations?.Count > 0 : pods.Count > 0;
    });

    private static Task AdvanceUntilAsync(InterceptorApp app, Func<bool> done) => Eventually.TrueAsync(() =>
    {
        app.Clock.Advance(TimeSpan.FromSeconds(1));
        return done();
    });

    private static HttpRequestMessage Get() => new(HttpMethod.Get, "http://shop.test/");
}
