using k8s;
using k8s.Models;
using Wakegate.Testing;

namespace Wakegate.Interceptor.Tests;

/// <summary>What a ScaledObject's author is told when it changes: nothing is reported that is not so any more.</summary>
public sealed class ScaledObjectReportTests
{
    private static readonly Dictionary<string, string> Good = new() { ["hosts"] = "beta.test", ["service"] = "shop", ["port"] = "80" };

    [Fact(Timeout = 60_000)]
    public async Task HostGivenUp_IsMended()
    {
        await using var app = await InterceptorApp.StartAsync(Trigger.Shop());
        await app.Kubernetes.ApplyAsync(new Trigger("thief", ("hosts", "shop.test"), ("service", "shop"), ("port", "80")));
        await UntilAsync(app, "HostTaken");

        await app.Kubernetes.ApplyAsync(new Trigger("thief", ("hosts", "own.test"), ("service", "shop"), ("port", "80")));

        Assert.Equal("thief", (await UntilAsync(app, "HostTakenMended")).InvolvedObject.Name);
    }

    [Fact(Timeout = 60_000)]
    public async Task TwoTriggersOfOneObject_AreToldOfOneAnother()
    {
        await using var app = await InterceptorApp.StartAsync(Trigger.Shop());

        await PatchAsync(app, new(Good) { ["route"] = "a" }, new(Good) { ["route"] = "b" });

        Assert.Equal(
            "hosts \"beta.test\" with path prefix / belongs to another trigger of this ScaledObject, with route \"a\": let only one of them claim it.",
            (await UntilAsync(app, "HostTaken")).Message);
    }

    [Fact(Timeout = 60_000)]
    public async Task RouteUsedTwice_IsToldUntilItIsNot()
    {
        await using var app = await InterceptorApp.StartAsync(Trigger.Shop());

        await PatchAsync(app, new(Good) { ["port"] = "0" }, Good);
        var duplicate = await UntilAsync(app, "DuplicateRoute");
        await Eventually.TrueAsync(() => app.Find("beta.test") is { Refusal: null });
        await PatchAsync(app, new(Good) { ["port"] = "0" }, new(Good) { ["route"] = "beta" });
        await UntilAsync(app, "DuplicateRouteMended");

        Assert.Equal("route \"shop\" is used by two triggers of this ScaledObject: give each a route of its own.", duplicate.Message);
        var reasons = (await ListAsync(app)).Select(e => e.Reason).ToList();
        Assert.Contains("InvalidTrigger", reasons);
        Assert.DoesNotContain("InvalidTriggerMended", reasons);
    }

    [Fact(Timeout = 60_000)]
    public async Task BadTriggerTakenAway_IsMended()
    {
        await using var app = await InterceptorApp.StartAsync(Trigger.Shop());
        await PatchAsync(app, Good, new() { ["route"] = "beta", ["hosts"] = "no way", ["service"] = "missing" });
        await UntilAsync(app, "InvalidTrigger");

        await PatchAsync(app, Good);

        await UntilAsync(app, "InvalidTriggerMended");
    }

    private static async Task PatchAsync(InterceptorApp app, params Dictionary<string, string>[] triggers)
    {
        var ours = triggers.Select(metadata => new
        {
            type = "external-push",
            metadata = new Dictionary<string, string>(metadata) { ["scalerAddress"] = "wakegate-scaler.wakegate:9090" },
        });
        await app.Kubernetes.CustomObjects.PatchNamespacedCustomObjectAsync(
            new V1Patch(new { spec = new { triggers = ours } }, V1Patch.PatchType.MergePatch),
            "keda.sh", "v1alpha1", KubernetesObjects.Namespace, "scaledobjects", "shop", cancellationToken: TestContext.Current.CancellationToken);
    }

    private static async Task<Corev1Event> UntilAsync(InterceptorApp app, string reason)
    {
        Corev1Event? found = null;
        await Eventually.TrueAsync(async () => (found = (await ListAsync(app)).FirstOrDefault(e => e.Reason == reason)) is not null);
        return found!;
    }

    private static async Task<IList<Corev1Event>> ListAsync(InterceptorApp app) =>
        (await app.Kubernetes.CoreV1.ListNamespacedEventAsync(KubernetesObjects.Namespace, cancellationToken: TestContext.Current.CancellationToken)).Items;
}
