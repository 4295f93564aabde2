using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using k8s;
using k8s.Models;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Wakegate.Local.Api;
using Wakegate.Local.Keda;
using Wakegate.Testing;

namespace Wakegate.Local.Tests.Keda;

/// <summary>KEDA's part between a real API and a scaler in the test's hands, on a clock that the test moves.</summary>
internal sealed class KedaStage : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly ConcurrentQueue<KedaEvent> story = new();
    private readonly KedaOperator keda;

    private KedaStage(InMemoryApi api, FakeScaler scaler, FakeTimeProvider clock, TimeSpan hpaInterval)
    {
        (Api, Scaler, Clock) = (api, scaler, clock);
        Kubernetes = api.CreateClient();
        var options = new KedaOptions
        {
            ScalerEndpoint = scaler.Address,
            HpaInterval = hpaInterval,
            LongestReconnectBackoff = TimeSpan.FromMilliseconds(50),
            OnEvent = story.Enqueue,
        };
        keda = new KedaOperator(Kubernetes, options, clock, NullLogger<KedaOperator>.Instance);
    }

    public InMemoryApi Api { get; }

    public FakeScaler Scaler { get; }

    public FakeTimeProvider Clock { get; }

    public IKubernetes Kubernetes { get; }

    public IReadOnlyCollection<KedaEvent> Violations => keda.Violations;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    /// <param name="hpaInterval">By default so long that the HPA has no part in the play.</param>
    public static async Task<KedaStage> StartAsync(TimeSpan? hpaInterval = null)
    {
        var clock = new FakeTimeProvider(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        var api = await InMemoryApi.StartAsync(new IPEndPoint(IPAddress.Loopback, FreePort.Find()), clock, Cancellation);
        var stage = new KedaStage(api, await FakeScaler.StartAsync(), clock, hpaInterval ?? TimeSpan.FromDays(1));
        await stage.keda.StartAsync(Cancellation);
        return stage;
    }

    /// <summary>A Deployment and its ScaledObject, polled every 5 s, with a cooldown of 60 s; returns when KEDA looks after it.</summary>
    public async Task DeployAsync(string name = "shop", int replicas = 0, Action<Dictionary<string, object>>? spec = null)
    {
        await CreateDeploymentAsync(name, replicas);
        await CreateScaledObjectAsync(name, spec);
        await SawAsync(KedaEventKind.Watched, of: name);
        await UntilAsync(() => Scaler.OpenStreams.Any(stream => string.Equals(stream.Reference.Name, name, StringComparison.Ordinal)));
    }

    public Task CreateDeploymentAsync(string name, int replicas) => Kubernetes.AppsV1.CreateNamespacedDeploymentAsync(
        new V1Deployment
        {
            Metadata = new V1ObjectMeta { Name = name },
            Spec = new V1DeploymentSpec
            {
                Replicas = replicas,
                Selector = new V1LabelSelector { MatchLabels = new Dictionary<string, string>(StringComparer.Ordinal) { ["app"] = name } },
                Template = new V1PodTemplateSpec
                {
                    Metadata = new V1ObjectMeta { Labels = new Dictionary<string, string>(StringComparer.Ordinal) { ["app"] = name } },
                    Spec = new V1PodSpec { Containers = [new V1Container { Name = "app", Image = "upstream" }] },
                },
            },
        }, "default", cancellationToken: Cancellation);

    public Task CreateScaledObjectAsync(string name, Action<Dictionary<string, object>>? change = null)
    {
        var spec = new Dictionary<string, object>(StringComparer.Ordinal)
        {
            ["scaleTargetRef"] = new { name },
            ["pollingInterval"] = 5,
            ["cooldownPeriod"] = 60,
            ["triggers"] = new[]
            {
                new { type = "external-push", metadata = new { scalerAddress = "wakegate-scaler.wakegate.svc:9090", hosts = $"{name}.test", service = name, port = "80" } },
            },
        };
        change?.Invoke(spec);
        var scaled = new { apiVersion = "keda.sh/v1alpha1", kind = "ScaledObject", metadata = new { name, @namespace = "default" }, spec };
        return Kubernetes.CustomObjects.CreateNamespacedCustomObjectAsync(scaled, ScaledObject.Group, ScaledObject.Version, "default", ScaledObject.Plural, cancellationToken: Cancellation);
    }

    /// <summary>A merge patch of the ScaledObject.</summary>
    public Task PatchAsync(object patch, string name = "shop") => Kubernetes.CustomObjects.PatchNamespacedCustomObjectAsync(
        new V1Patch(patch, V1Patch.PatchType.MergePatch), ScaledObject.Group, ScaledObject.Version, "default", ScaledObject.Plural, name, cancellationToken: Cancellation);

    public Task DeleteAsync(string name = "shop") => Kubernetes.CustomObjects.DeleteNamespacedCustomObjectAsync(
        ScaledObject.Group, ScaledObject.Version, "default", ScaledObject.Plural, name, cancellationToken: Cancellation);

    public async Task<JsonElement> StatusAsync(string name = "shop")
    {
        var scaled = (JsonElement)await Kubernetes.CustomObjects.GetNamespacedCustomObjectAsync(
            ScaledObject.Group, ScaledObject.Version, "default", ScaledObject.Plural, name, Cancellation);
        return scaled.GetProperty("status");
    }

    public async Task<int?> ReplicasAsync(string name = "shop") =>
        (await Kubernetes.AppsV1.ReadNamespacedDeploymentAsync(name, "default", cancellationToken: Cancellation)).Spec.Replicas;

    /// <summary>Moves the clock to the next poll and waits until it is done; returns what it came to.</summary>
    public async Task<string?> PollAsync()
    {
        var polls = CountOf(KedaEventKind.Polled);
        Clock.Advance(TimeSpan.FromSeconds(5));
        return (await SawAsync(KedaEventKind.Polled, times: polls + 1)).Detail;
    }

    /// <summary>Moves the clock by the HPA's interval and waits until it has had its turn.</summary>
    public async Task BalanceAsync(TimeSpan interval)
    {
        var turns = CountOf(KedaEventKind.Balanced);
        Clock.Advance(interval);
        await SawAsync(KedaEventKind.Balanced, times: turns + 1);
    }

    public int CountOf(KedaEventKind kind) => story.Count(told => told.Kind == kind);

    /// <summary>Waits until something has happened so many times, and returns the last of them.</summary>
    public async Task<KedaEvent> SawAsync(KedaEventKind kind, int times = 1, string? of = null)
    {
        var seen = () => story.Where(told => told.Kind == kind && (of is null || string.Equals(told.ScaledObject, of, StringComparison.Ordinal))).ElementAtOrDefault(times - 1);
        await UntilAsync(() => seen() is not null, $"{kind} × {times}");
        return seen()!;
    }

    /// <summary>Waits, for seconds at most, until something holds that no signal announces.</summary>
    public async Task UntilAsync(Func<bool> holds, string? what = null)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (!holds())
        {
            if (TimeProvider.System.GetElapsedTime(started) > Patience)
                Assert.Fail($"Waited in vain for {what ?? "a condition"}. The story so far:\n{string.Join('\n', story)}");
            await Task.Delay(TimeSpan.FromMilliseconds(5), TimeProvider.System, Cancellation);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await keda.StopAsync(CancellationToken.None);
        keda.Dispose();
        Kubernetes.Dispose();
        await Scaler.DisposeAsync();
        await Api.DisposeAsync();
    }
}
