using Microsoft.Extensions.Options;
using Wakegate.Contracts.Triggers;
using Wakegate.Interceptor.Routing;
using Wakegate.Interceptor.Watching;

namespace Wakegate.Interceptor.Waking;

/// <summary>
/// Tells held requests when Kubernetes knows that no pod will come, and holds them again when that is mended. Apart from
/// <see cref="WakeService"/>, since it asks an API server that may be slow: pods must be seen and used meanwhile.
/// </summary>
internal sealed partial class OutlookService(
    Inquiries inquiries, Cluster cluster, WakingRoutes waking, TimeProvider clock, IOptions<WakeSettings> settings, ILogger<OutlookService> logger)
    : BackgroundService
{
    private static readonly TimeSpan Beat = TimeSpan.FromSeconds(1);

    /// <summary>For how long a pod that no node has room for may wait for one that is on its way.</summary>
    private static readonly TimeSpan NodePatience = TimeSpan.FromMinutes(10);

    /// <summary>Bounds what a thousand routes that wake at once ask of the API server.</summary>
    private const int QuestionsABeat = 20;

    /// <summary>How long an answer is good for.</summary>
    private static readonly TimeSpan AskEvery = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var beat = new PeriodicTimer(Beat, clock);
        while (await beat.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                waking.Expire(cluster.IsServedEarly);
                if (settings.Value.FailFastAfter > TimeSpan.Zero)
                {
                    await JudgeAsync(stoppingToken);
                }
            }
            catch (Exception mistake) when (!stoppingToken.IsCancellationRequested)
            {
                // Without a judgement requests wait for their holdTimeout; an interceptor that stopped over it would serve nobody.
                LogMistake(mistake);
            }
        }
    }

    private async Task JudgeAsync(CancellationToken stoppingToken)
    {
        var views = waking.Current().Select(r => Look(r.Key, r.Value)).ToList();

        // Those that have waited longest for an answer come first, so that each has its turn.
        var questions = views.Where(v => v.Ask is not null && MayAsk(v.Outlook)).OrderBy(v => v.Outlook.Asked ?? long.MinValue).Take(QuestionsABeat).ToList();
        foreach (var view in questions)
        {
            view.Outlook.Asked = clock.GetTimestamp();
        }

        await Task.WhenAll(questions.Select(q => q.Ask!(stoppingToken)));
        foreach (var view in views)
        {
            Judge(view.Route, view.Outlook, view.Outlook.OfDeployment ?? view.Obstacle);
        }
    }

    /// <summary>What the watched objects say, and what the API server has to be asked beyond that.</summary>
    private View Look(Route route, RouteOutlook outlook)
    {
        var (pods, scaling) = cluster.PodsOf(route);
        outlook.See(pods);

        // Who waits behind busy pods has some, also where they are not seen among those that are watched.
        var busy = route.Queue is { Count: > 0, Waking: false };
        if (busy || pods.Count > 0)
        {
            outlook.PodlessSince = clock.GetTimestamp();
        }

        var obstacle = busy ? null : pods.Count > 0 ? Obstacle.Of(pods, outlook) : Obstacle.OfPause(scaling?.Annotations);
        outlook.ObstructedSince = obstacle is null ? null : outlook.ObstructedSince ?? clock.GetTimestamp();
        return new(route, outlook, obstacle, QuestionOf(route.Id.Namespace, outlook, obstacle, scaling?.Target));
    }

    private Func<CancellationToken, Task>? QuestionOf(string ns, RouteOutlook outlook, Obstacle? obstacle, ScaleTarget? target)
    {
        // Without a pod after all that time the Deployment is asked why.
        if (obstacle is null && target is { Kind: null or "Deployment" } && HasLasted(outlook.PodlessSince))
        {
            return async stop => outlook.OfDeployment = await inquiries.OfDeploymentAsync(ns, target.Name, outlook.OfDeployment, stop);
        }

        outlook.OfDeployment = null;
        if (obstacle?.UnschedulablePod is { } uid && HasLasted(outlook.ObstructedSince!.Value))
        {
            if (clock.GetElapsedTime(outlook.ObstructedSince.Value) <= NodePatience)
            {
                return async stop => outlook.NodeMayCome = await inquiries.NodeMayComeAsync(ns, uid, stop);
            }

            outlook.NodeMayCome = false;
            return null;
        }

        outlook.NodeMayCome = true;
        return null;
    }

    private void Judge(Route route, RouteOutlook outlook, Obstacle? obstacle)
    {
        if (obstacle is null || (obstacle.UnschedulablePod is not null && outlook.NodeMayCome))
        {
            if (route.Queue.Obstacle is not null)
            {
                route.Queue.Obstacle = null;
                LogMended(route.Id);
            }
        }
        else if (route.Queue.Obstacle != obstacle.Reason && HasLasted(outlook.ObstructedSince ?? outlook.PodlessSince))
        {
            if (route.Queue.Obstacle is null)
            {
                LogHopeless(route.Id, obstacle.Reason);
            }

            route.Queue.Obstacle = obstacle.Reason;
        }
    }

    private bool MayAsk(RouteOutlook outlook) => outlook.Asked is not { } before || clock.GetElapsedTime(before) >= AskEvery;

    private bool HasLasted(long since) => clock.GetElapsedTime(since) >= settings.Value.FailFastAfter;

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Route} gets no pod, so its requests are answered with that: {Reason}")]
    private partial void LogHopeless(RouteId route, string reason);

    [LoggerMessage(Level = LogLevel.Information, Message = "What kept {Route} from getting a pod is gone: its requests are held again.")]
    private partial void LogMended(RouteId route);

    [LoggerMessage(Level = LogLevel.Error, Message = "Whether pods will come could not be judged; it is tried again with the next beat.")]
    private partial void LogMistake(Exception error);

    /// <summary>A route in one beat.</summary>
    /// <param name="Route">The route.</param>
    /// <param name="Outlook">What is known of it.</param>
    /// <param name="Obstacle">What its pods, or their absence, say now.</param>
    /// <param name="Ask">Asks what they do not say, and notes the answer; null where there is nothing to ask.</param>
    private sealed record View(Route Route, RouteOutlook Outlook, Obstacle? Obstacle, Func<CancellationToken, Task>? Ask);
}
