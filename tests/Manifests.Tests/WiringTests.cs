using k8s.Models;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using Wakegate.Contracts.Settings;
using Wakegate.ExternalScaler;
using Wakegate.Interceptor;
using Wakegate.Interceptor.Draining;
using Wakegate.Interceptor.Installing;
using Wakegate.Interceptor.Watching;

namespace Wakegate.Manifests.Tests;

/// <summary>What names something names what is there: ports, selectors, Secrets, settings, images.</summary>
public sealed class WiringTests
{
    private static readonly string[] NoRedis = ["--Redis:ConnectionString=127.0.0.1:1", "--Kubernetes:ServerAddress=http://127.0.0.1:1"];

    public static TheoryData<string> Installs => Manifest.Installs;

    [Fact(Timeout = 60_000)]
    public async Task Ports_AreTheServicesOwn()
    {
        var manifest = await Manifest.OfAsync("manifests");
        await using var interceptor = InterceptorHost.Build(NoRedis);
        await using var scaler = ScalerHost.Build(NoRedis);

        Assert.Equal(ListensOn(interceptor.Services), ContainerPorts(manifest, "wakegate-interceptor"));
        Assert.Equal(ListensOn(scaler.Services), ContainerPorts(manifest, "wakegate-scaler"));
    }

    [Fact(Timeout = 60_000)]
    public async Task TheScalersAddress_IsTheOneThatTriggersName()
    {
        var manifest = await Manifest.OfAsync("manifests");
        await using var interceptor = InterceptorHost.Build(NoRedis);

        var service = manifest.One<V1Service>("wakegate-scaler");

        Assert.Equal("None", service.Spec.ClusterIP);
        var port = Assert.Single(service.Spec.Ports);
        Assert.Equal(
            interceptor.Services.GetRequiredService<IOptions<WatchSettings>>().Value.ScalerAddress,
            $"{service.Metadata.Name}.{service.Metadata.NamespaceProperty}:{port.Port}");

        // Nothing translates a headless Service's port.
        Assert.Contains(ContainerPorts(manifest, "wakegate-scaler"), number => number == port.Port);
    }

    [Fact(Timeout = 60_000)]
    public async Task TheGracePeriod_FitsTheDrain()
    {
        var manifest = await Manifest.OfAsync("manifests");
        await using var interceptor = InterceptorHost.Build(NoRedis);
        var drain = interceptor.Services.GetRequiredService<IOptions<DrainSettings>>().Value;

        var pod = manifest.One<V1Deployment>("wakegate-interceptor").Spec.Template.Spec;

        Assert.True(TimeSpan.FromSeconds(pod.TerminationGracePeriodSeconds!.Value) > drain.DrainDelay + drain.StopTimeout);
        Assert.All(pod.Containers, container => Assert.Null(container.Lifecycle));
    }

    [Theory(Timeout = 60_000)]
    [MemberData(nameof(Installs))]
    public async Task Services_LeadToNamedPortsOfPods(string folder)
    {
        var manifest = await Manifest.OfAsync(folder);

        foreach (var service in manifest.All<V1Service>())
        {
            var template = Assert.Single(Templates(manifest), t => Selects(service.Spec.Selector, t));
            var names = template.Spec.Containers.SelectMany(c => c.Ports).Select(p => p.Name);
            Assert.All(service.Spec.Ports, port => Assert.Contains(port.TargetPort.ToString(), names));
        }
    }

    [Theory(Timeout = 60_000)]
    [MemberData(nameof(Installs))]
    public async Task Probes_AskNamedPorts(string folder)
    {
        foreach (var container in Templates(await Manifest.OfAsync(folder)).SelectMany(t => t.Spec.Containers))
        {
            var names = container.Ports.Select(p => p.Name).ToList();
            V1Probe[] probes = [container.LivenessProbe, container.ReadinessProbe, .. container.StartupProbe is { } startup ? [startup] : Array.Empty<V1Probe>()];
            foreach (var port in probes.Select(p => p.HttpGet?.Port ?? p.TcpSocket?.Port).OfType<IntOrString>())
                Assert.Contains(port.ToString(), names);
        }
    }

    [Theory(Timeout = 60_000)]
    [MemberData(nameof(Installs))]
    public async Task Selectors_SelectOneWorkloadEach(string folder)
    {
        var manifest = await Manifest.OfAsync(folder);

        foreach (var deployment in manifest.All<V1Deployment>())
        {
            Assert.True(Selects(deployment.Spec.Selector.MatchLabels, deployment.Spec.Template));
            Assert.Single(Templates(manifest), t => Selects(deployment.Spec.Selector.MatchLabels, t));
            Assert.All(
                deployment.Spec.Template.Spec.TopologySpreadConstraints ?? [],
                spread => Assert.True(Selects(spread.LabelSelector.MatchLabels, deployment.Spec.Template)));
        }

        Assert.All(manifest.All<V1PodDisruptionBudget>(), budget => Assert.Equal(
            budget.Metadata.Name, Assert.Single(manifest.All<V1Deployment>(), d => Selects(budget.Spec.Selector.MatchLabels, d.Spec.Template)).Metadata.Name));
        Assert.All(manifest.All<V2HorizontalPodAutoscaler>(), scaler => Assert.Null(manifest.One<V1Deployment>(scaler.Spec.ScaleTargetRef.Name).Spec.Replicas));
    }

    [Theory(Timeout = 60_000)]
    [MemberData(nameof(Installs))]
    public async Task References_AreToWhatIsThere(string folder)
    {
        var manifest = await Manifest.OfAsync(folder);
        var accounts = manifest.All<V1ServiceAccount>().Select(a => a.Metadata.Name).Append(null).ToList();
        var maps = manifest.All<V1ConfigMap>().Select(m => m.Metadata.Name).Append(null).ToList();

        foreach (var pod in Templates(manifest).Select(t => t.Spec))
        {
            Assert.Contains(pod.ServiceAccountName, accounts);
            foreach (var container in pod.Containers)
            {
                // The one Secret is not among the manifests. RedisSecret makes it; for a Redis of the user's own the user does, under another name,
                // since it has other keys and one install may follow the other.
                var existing = folder == "manifests/overlays/existing-redis";
                foreach (var key in (container.Env ?? []).Select(e => e.ValueFrom?.SecretKeyRef).OfType<V1SecretKeySelector>())
                {
                    Assert.Equal(existing ? "wakegate-existing-redis" : RedisSecret.Name, key.Name);
                    Assert.Contains(key.Key, existing ? [RedisSecret.ConnectionStringKey] : new[] { RedisSecret.PasswordKey, RedisSecret.ConnectionStringKey });
                }

                Assert.All(container.EnvFrom ?? [], from => Assert.Contains(from.ConfigMapRef?.Name, maps));
            }
        }
    }

    [Theory(Timeout = 60_000)]
    [MemberData(nameof(Installs))]
    public async Task EnvironmentOfOurs_NamesKnownSettings(string folder)
    {
        var manifest = await Manifest.OfAsync(folder);
        var known = (await File.ReadAllLinesAsync(Path.Combine(Manifest.Root, "docs/settings.md"), TestContext.Current.CancellationToken))
            .Where(line => line.StartsWith("| `", StringComparison.Ordinal))
            .Select(line => line.Split('`')[1])
            .ToList();

        var names = Templates(manifest).SelectMany(t => t.Spec.Containers)
            .Where(c => c.Image.Contains("/wakegate/", StringComparison.Ordinal))
            .SelectMany(c => c.Env.Select(e => e.Name).Concat((c.EnvFrom ?? []).SelectMany(from => manifest.One<V1ConfigMap>(from.ConfigMapRef.Name).Data.Keys)));

        Assert.All(names, name => Assert.True(
            name.StartsWith("DOTNET_", StringComparison.Ordinal) || known.Contains(name), $"{name} is not in docs/settings.md."));
    }

    [Theory(Timeout = 60_000)]
    [MemberData(nameof(Installs))]
    public async Task Images_HaveAVersion_OursThatOfTheSources(string folder)
    {
        var version = typeof(InterceptorHost).Assembly.GetName().Version!.ToString(3);

        foreach (var image in Templates(await Manifest.OfAsync(folder)).SelectMany(t => t.Spec.Containers.Concat(t.Spec.InitContainers ?? [])).Select(c => c.Image))
        {
            var tag = image[(image.LastIndexOf(':') + 1)..];
            if (image.StartsWith("ghcr.io/wakegate/", StringComparison.Ordinal))
                Assert.Equal(version, tag);
            else
                Assert.Matches(@"^\d+\.\d+\.\d+", tag);
        }
    }

    [Fact(Timeout = 60_000)]
    public async Task TheFirstContainerOfRedis_MakesItsSecret()
    {
        var redis = (await Manifest.OfAsync("manifests")).One<V1Deployment>("wakegate-redis").Spec.Template.Spec;

        var first = Assert.Single(redis.InitContainers);

        Assert.StartsWith("ghcr.io/wakegate/interceptor:", first.Image, StringComparison.Ordinal);
        Assert.Equal([RedisSecret.Command], first.Args);
    }

    private static int[] ListensOn(IServiceProvider services)
    {
        var listen = services.GetRequiredService<IOptions<ListenSettings>>().Value;
        return [listen.Port, listen.AdminPort];
    }

    private static int[] ContainerPorts(Manifest manifest, string deployment) =>
        [.. Assert.Single(manifest.One<V1Deployment>(deployment).Spec.Template.Spec.Containers).Ports.Select(p => p.ContainerPort)];

    private static IEnumerable<V1PodTemplateSpec> Templates(Manifest manifest) => manifest.All<V1Deployment>().Select(d => d.Spec.Template);

    private static bool Selects(IDictionary<string, string> selector, V1PodTemplateSpec template) =>
        selector.All(wanted => template.Metadata.Labels.TryGetValue(wanted.Key, out var label) && label == wanted.Value);
}
