using System.Reflection;
using Microsoft.Extensions.Options;
using Wakegate.Interceptor.Draining;
using Wakegate.Interceptor.Holding;
using Wakegate.Interceptor.Routing;
using Wakegate.Interceptor.Watching;

namespace Wakegate.Interceptor.Page;

/// <summary>What is so of the interceptor as a whole.</summary>
internal sealed class Facts(
    PendingEverywhere pending, HoldBudget budget, IOptions<HoldSettings> limits, WatchHealth watches, RouteTable table, Drain drain, TimeProvider clock)
{
    /// <summary>Of a budget: when it is time to say that it is short.</summary>
    private const double Short = 0.8;

    /// <summary>How many objects a sentence names.</summary>
    private const int Named = 5;

    /// <summary>Which interceptor this is.</summary>
    public Self Self { get; } = new(pending.Self, clock.GetUtcNow().ToUnixTimeMilliseconds(), Version);

    private static string Version =>
        typeof(Facts).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "";

    /// <summary>Sums over all routes.</summary>
    public Totals Sum(IReadOnlyCollection<ShownRoute> routes)
    {
        var states = routes.CountBy(r => r.Row.State, StringComparer.Ordinal).ToDictionary(StringComparer.Ordinal);
        return new()
        {
            Zero = states.GetValueOrDefault("zero"),
            Waking = states.GetValueOrDefault("waking"),
            Starting = states.GetValueOrDefault("starting"),
            Ready = states.GetValueOrDefault("ready"),
            Refused = states.GetValueOrDefault("refused"),
            Pending = routes.Sum(r => r.Row.Pending),
            Shared = pending.Shared,
            Held = routes.Sum(r => r.Row.Held),
            InFlight = routes.Sum(r => r.Row.InFlight),
            Rate = Math.Round(routes.Sum(r => r.Row.Rate), 1),
            Interceptors = pending.Interceptors,
            MaxHeld = limits.Value.MaxRequests,
            Bytes = budget.Bytes,
            MaxBytes = limits.Value.MaxBytes,
            SavedHours = Math.Round(routes.Sum(r => r.Route.AtZero.Total.TotalHours), 2),
        };
    }

    /// <summary>All that is wrong now.</summary>
    /// <param name="routeless">ScaledObjects with problems, and no route on which they would be seen.</param>
    public IReadOnlyList<Trouble> Troubles(IReadOnlyList<ObjectName> routeless) => [.. OfThisReplica(), .. OfObjects(routeless)];

    private static IEnumerable<Trouble> OfObjects(IReadOnlyList<ObjectName> routeless)
    {
        if (routeless.Count > 0)
        {
            var more = routeless.Count > Named ? $" and {routeless.Count - Named} more" : "";
            yield return new("routeless", $"No route comes of ScaledObject {string.Join(", ", routeless.Take(Named))}{more}: kubectl describe scaledobject says why.");
        }
    }

    private IEnumerable<Trouble> OfThisReplica()
    {
        if (drain.Leaving)
        {
            yield return new("leaving", "This replica is draining: it finishes what it has and takes no new traffic. The page goes with it, and looks for another.");
        }

        if (!table.Complete)
        {
            yield return new("starting", "This replica has not read the cluster's ScaledObjects yet, so routes may be missing.");
        }

        if (pending.Doubt is { } doubt)
        {
            yield return new("ledger", doubt);
        }

        foreach (var (path, why) in watches.All)
        {
            yield return new("watch", $"The Kubernetes API cannot be watched, so what is shown is as last known: {path}: {why}");
        }

        if (budget.Requests >= Short * limits.Value.MaxRequests || budget.Bytes >= Short * limits.Value.MaxBytes)
        {
            yield return new("budget", "The budget for held requests is nearly used up (Hold:MaxRequests, Hold:MaxBytes): the next may be sent away with 503.");
        }
    }
}
