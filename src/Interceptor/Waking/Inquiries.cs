using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using k8s;
using Wakegate.Interceptor.Watching;

namespace Wakegate.Interceptor.Waking;

/// <summary>What only the API server can say of a pod that does not come. Where it does not answer in time, nothing new is known.</summary>
internal sealed partial class Inquiries(Kubernetes kubernetes, TimeProvider clock, ILogger<Inquiries> logger)
{
    /// <summary>A small object is read in milliseconds, or the API server has other troubles.</summary>
    private static readonly TimeSpan AnswerTime = TimeSpan.FromSeconds(5);

    // Namespaces, and of what in them: it would be refused every few seconds, and for each of their routes.
    private readonly ConcurrentDictionary<string, bool> refused = new(StringComparer.Ordinal);

    /// <summary>A quota, a missing service account, an admission webhook: what keeps a Deployment from making pods is told by its status alone.</summary>
    /// <param name="ns">Its namespace.</param>
    /// <param name="name">Its name.</param>
    /// <param name="before">What it said before, which stays in force where it cannot be asked.</param>
    /// <param name="stop">Ends it.</param>
    public Task<Obstacle?> OfDeploymentAsync(string ns, string name, Obstacle? before, CancellationToken stop) => AskAsync(
        $"Deployments of namespace {ns}",
        async token =>
        {
            try
            {
                var deployment = await kubernetes.ReadAsync<Deployment>($"/apis/apps/v1/namespaces/{ns}/deployments/{name}", token);
                var failure = Array.Find(deployment.Status?.Conditions ?? [], c => c is { Type: "ReplicaFailure", Status: "True" });
                return failure is null ? null : new($"Deployment {name} cannot make its pods: {failure.Message}");
            }
            catch (ApiRefusedException missing) when (missing.StatusCode == HttpStatusCode.NotFound)
            {
                return new($"Deployment {name} does not exist.");
            }
        },
        before,
        stop);

    /// <summary>Cluster Autoscaler and Karpenter say on the pod when a node will come for it. Who does not know waits.</summary>
    public Task<bool> NodeMayComeAsync(string ns, string uid, CancellationToken stop) => AskAsync(
        $"Events of namespace {ns}",
        async token =>
        {
            var events = await kubernetes.ReadAsync<EventList>($"/api/v1/namespaces/{ns}/events?fieldSelector=involvedObject.uid%3D{uid}", token);
            return Array.Exists(events.Items ?? [], e => e.Reason is "TriggeredScaleUp" or "Nominated");
        },
        true,
        stop);

    private async Task<T> AskAsync<T>(string what, Func<CancellationToken, Task<T>> ask, T unknown, CancellationToken stop)
    {
        using var late = new CancellationTokenSource(AnswerTime, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stop, late.Token);
        try
        {
            return await ask(either.Token);
        }
        catch (Exception failed) when (failed is HttpRequestException or IOException or JsonException
            || (failed is OperationCanceledException && !stop.IsCancellationRequested))
        {
            if (failed is ApiRefusedException { StatusCode: HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden } && refused.TryAdd(what, true))
            {
                LogRefused(what, failed.Message);
            }

            return unknown;
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{What} may not be read, so requests wait for all of their holdTimeout where these would say that no pod comes: {Error}")]
    private partial void LogRefused(string what, string error);
}
