using System.Net;
using k8s;
using k8s.Models;
using Wakegate.Testing;

namespace Wakegate.Interceptor.Tests;

public class WatchTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static HttpRequestMessage Get => new(HttpMethod.Get, "http://shop.test/");

    [Fact(Timeout = 60_000)]
    public async Task ApiServerGone_LastKnownRoutesAndPodsStayInForce()
    {
        await using var pod = await StubPod.StartAsync();
        await using var app = await InterceptorApp.StartAsync(Trigger.Shop());
        await app.ReadyAsync(pod.EndPoint);

        await app.Api.StopListeningAsync();

        Assert.Equal(HttpStatusCode.OK, (await app.Client.SendAsync(Get, Cancellation)).StatusCode);
        using var admin = new HttpClient();
        Assert.Equal(HttpStatusCode.OK, (await admin.GetAsync($"http://{app.Admin}/readyz", Cancellation)).StatusCode);
    }

    [Fact(Timeout = 60_000)]
    public async Task ApiServerComesBack_WhatHappenedMeanwhileIsKnown()
    {
        await using var pod = await StubPod.StartAsync();
        await using var app = await InterceptorApp.StartAsync(Trigger.Shop(("holdTimeout", "24h")));
        var response = app.Client.SendAsync(Get, Cancellation);
        await app.HeldAsync(1);

        await app.Api.StopListeningAsync();
        await app.Api.ListenAsync(Cancellation);
        await app.Kubernetes.ApplySliceAsync("shop", pod.EndPoint);
        await Eventually.TrueAsync(() =>
        {
            app.Clock.Advance(TimeSpan.FromSeconds(1));
            return response.IsCompleted;
        });

        Assert.Equal(HttpStatusCode.OK, (await response).StatusCode);
    }

    [Fact(Timeout = 60_000)]
    public async Task HistoryForgotten_ListsAgain()
    {
        await using var pod = await StubPod.StartAsync();
        await using var app = await InterceptorApp.StartAsync(
            Trigger.Shop(), new Trigger("old", ("hosts", "old.test"), ("service", "old"), ("port", "80")));

        await app.Api.StopListeningAsync();
        await app.Api.ListenAsync(Cancellation);
        await app.Kubernetes.DeleteScaledObjectAsync("old");
        await app.Kubernetes.ApplySliceAsync("shop", pod.EndPoint);
        app.Api.Faults.ForgetHistory();
        await Eventually.TrueAsync(() =>
        {
            app.Clock.Advance(TimeSpan.FromSeconds(1));
            return app.Find("old.test") is null && app.Route().Pods.All.Count == 1;
        });

        Assert.Equal(HttpStatusCode.OK, (await app.Client.SendAsync(Get, Cancellation)).StatusCode);
    }

    [Theory(Timeout = 60_000)]
    [InlineData(HttpStatusCode.TooManyRequests)]
    [InlineData(HttpStatusCode.InternalServerError)]
    public async Task ApiServerAnswersErrors_ItIsAskedAgain(HttpStatusCode status)
    {
        await using var pod = await StubPod.StartAsync();
        await using var app = await InterceptorApp.StartAsync(Trigger.Shop());

        await app.Kubernetes.ApplySliceAsync("shop", pod.EndPoint);
        app.Api.Faults.AnswerNext(6, status);
        app.Api.Faults.DropWatches();
        await Eventually.TrueAsync(() =>
        {
            app.Clock.Advance(TimeSpan.FromSeconds(1));
            return app.Route().Pods.All.Count == 1;
        });

        Assert.Equal(HttpStatusCode.OK, (await app.Client.SendAsync(Get, Cancellation)).StatusCode);
    }

    [Fact(Timeout = 60_000)]
    public async Task BadChangeOfATrigger_LeavesTheGoodVersionInForceAndSaysSo()
    {
        await using var pod = await StubPod.StartAsync();
        await using var app = await InterceptorApp.StartAsync(Trigger.Shop());
        await app.ReadyAsync(pod.EndPoint);

        await app.Kubernetes.ApplyAsync(Trigger.Shop(("port", "99999")));
        var warning = await EventAsync(app, "InvalidTrigger");
        var response = await app.Client.SendAsync(Get, Cancellation);
        await app.Kubernetes.ApplyAsync(Trigger.Shop());
        var mended = await EventAsync(app, "InvalidTriggerMended");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("Warning", warning.Type);
        Assert.StartsWith("port \"99999\" is ", warning.Message, StringComparison.Ordinal);
        Assert.Equal("shop", warning.InvolvedObject.Name);
        Assert.Equal("Normal", mended.Type);
    }

    [Fact(Timeout = 60_000)]
    public async Task TriggerThatWasNeverGood_AnswersWithTheRefusal()
    {
        await using var app = await InterceptorApp.StartAsync(Trigger.Shop(("port", "99999")));

        var response = await app.Client.SendAsync(Get, Cancellation);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Contains("The trigger of ScaledObject store/shop is not valid: port ", await response.Content.ReadAsStringAsync(Cancellation), StringComparison.Ordinal);
    }

    [Fact(Timeout = 60_000)]
    public async Task TwoClaimTheSameHost_TheOlderHasItAndTheOtherIsTold()
    {
        await using var pod = await StubPod.StartAsync();
        await using var app = await InterceptorApp.StartAsync(Trigger.Shop());
        await app.ReadyAsync(pod.EndPoint);

        await app.Kubernetes.ApplyAsync(new Trigger("thief", ("hosts", "shop.test, own.test"), ("service", "shop"), ("port", "80")));
        var warning = await EventAsync(app, "HostTaken");
        await app.Kubernetes.DeleteScaledObjectAsync("shop");
        await Eventually.TrueAsync(() => app.Find("shop.test")?.Id.ScaledObject == "thief");

        Assert.Equal("thief", warning.InvolvedObject.Name);
        Assert.Contains("belongs to the older ScaledObject store/shop", warning.Message, StringComparison.Ordinal);
    }

    [Theory(Timeout = 60_000)]
    [InlineData("missing", "Service store/missing does not exist.")]
    [InlineData("named", "Service store/named is of type ExternalName")]
    public async Task ServiceThatCannotBeUsed_IsReportedAndRequestsAreHeldUntilItCan(string service, string message)
    {
        await using var pod = await StubPod.StartAsync();
        await using var app = await InterceptorApp.StartAsync();
        await app.Kubernetes.CoreV1.CreateNamespacedServiceAsync(
            new V1Service { Metadata = new() { Name = "named" }, Spec = new() { Type = "ExternalName", ExternalName = "example.com" } }, KubernetesObjects.Namespace, cancellationToken: Cancellation);
        await app.Kubernetes.ApplyAsync(new Trigger("shop", ("hosts", "shop.test"), ("service", service), ("port", "80")), withService: false);
        await Eventually.TrueAsync(() => app.Find("shop.test") is not null);
        await EventAsync(app, "NoDestination", message);

        var response = app.Client.SendAsync(Get, Cancellation);
        await app.HeldAsync(1);
        await app.Kubernetes.CoreV1.DeleteNamespacedServiceAsync("named", KubernetesObjects.Namespace, cancellationToken: Cancellation);
        await app.Kubernetes.ApplyServiceAsync(service);
        await app.Kubernetes.ApplySliceAsync(service, pod.EndPoint);

        Assert.Equal(HttpStatusCode.OK, (await response).StatusCode);
    }

    [Fact(Timeout = 60_000)]
    public async Task EndpointThatIsNoPodOfTheNamespace_IsNotUsed()
    {
        await using var pod = await StubPod.StartAsync();
        await using var app = await InterceptorApp.StartAsync(Trigger.Shop());
        var slice = KubernetesObjects.Slice("shop", "shop-foreign", pod.EndPoint);
        slice.Endpoints[0].TargetRef = null;

        await app.Kubernetes.DiscoveryV1.CreateNamespacedEndpointSliceAsync(slice, KubernetesObjects.Namespace, cancellationToken: Cancellation);
        await EventAsync(app, "NoDestination", "is not a Pod of namespace store");

        Assert.Empty(app.Route().Pods.All);
    }

    [Theory(Timeout = 60_000)]
    [InlineData(null, null, true)]
    [InlineData(true, null, true)]
    [InlineData(true, false, true)]
    [InlineData(false, null, false)]
    [InlineData(true, true, false)]
    public async Task ConditionsOfAnEndpoint_DecideWhetherItIsUsed(bool? ready, bool? terminating, bool used)
    {
        await using var app = await InterceptorApp.StartAsync(Trigger.Shop());
        var subject = KubernetesObjects.Slice("shop", "shop-subject", new IPEndPoint(IPAddress.Loopback, 1));
        subject.Endpoints[0].Conditions = new() { Ready = ready, Terminating = terminating };

        await app.Kubernetes.DiscoveryV1.CreateNamespacedEndpointSliceAsync(subject, KubernetesObjects.Namespace, cancellationToken: Cancellation);
        await app.Kubernetes.DiscoveryV1.CreateNamespacedEndpointSliceAsync(
            KubernetesObjects.Slice("shop", "shop-witness", new IPEndPoint(IPAddress.Loopback, 2)), KubernetesObjects.Namespace, cancellationToken: Cancellation);
        await Eventually.TrueAsync(() => app.Route().Pods.All.Any(p => p.Address.EndPoint.Port == 2));

        Assert.Equal(used, app.Route().Pods.All.Any(p => p.Address.EndPoint.Port == 1));
    }

    /// <summary>Waits for an Event. The Service may be heard of after the ScaledObject, and be missed for a moment.</summary>
    private static async Task<Corev1Event> EventAsync(InterceptorApp app, string reason, string message = "")
    {
        Corev1Event? found = null;
        await Eventually.TrueAsync(async () =>
        {
            var events = await app.Kubernetes.CoreV1.ListNamespacedEventAsync(KubernetesObjects.Namespace);
            found = events.Items.FirstOrDefault(e => e.Reason == reason && e.Message.Contains(message, StringComparison.Ordinal));
            return found is not null;
        });
        return found!;
    }
}
