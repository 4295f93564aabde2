using Wakegate.Local.Api;
using Wakegate.Local.Controllers;
using Wakegate.Local.Keda;
using Wakegate.Local.Narration;
using Wakegate.Local.Pods;

namespace Wakegate.Local.Cluster;

/// <summary>What runs within Local itself: the controllers, the kubelet and KEDA's part, all of them clients of the API.</summary>
internal static class NodeHost
{
    public static IHost Build(InMemoryApi api, KedaOptions keda, Action<PodEvent> hearPods, Storyteller storyteller, TimeProvider clock)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Logging.AddProvider(new ProblemLogs(storyteller));
        builder.Services.AddSingleton<IHostLifetime, NoSignals>();
        builder.Services.AddSingleton(clock);
        builder.Services.AddSingleton(_ => api.CreateClient());
        builder.Services.AddSingleton<PodPlaces>(_ => new());
        builder.Services.AddSingleton(hearPods);
        builder.Services.AddHostedService<DeploymentController>();
        builder.Services.AddHostedService<EndpointSliceController>();
        builder.Services.AddHostedService<Kubelet>();
        builder.Services.AddKeda(keda);
        return builder.Build();
    }

    /// <summary>Signals are Local's to answer, in its own order.</summary>
    private sealed class NoSignals : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
