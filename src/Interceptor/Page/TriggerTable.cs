using System.Globalization;
using Wakegate.Contracts.Triggers;

namespace Wakegate.Interceptor.Page;

/// <summary>A value of a trigger.</summary>
/// <param name="Key">As in its metadata.</param>
/// <param name="Value">In force.</param>
/// <param name="Default">Whether it is the default.</param>
internal sealed record TriggerSetting(string Key, string Value, bool Default);

/// <summary>A trigger as it is in force, in the words of its metadata.</summary>
internal static class TriggerTable
{
    public static IEnumerable<TriggerSetting> Of(RouteSpec spec) =>
        from setting in Values(spec)
        where setting.Value is not null
        select new TriggerSetting(setting.Key.Name, setting.Value, setting.Value == setting.Key.Default);

    private static IEnumerable<(TriggerKey Key, string? Value)> Values(RouteSpec spec) =>
    [
        (TriggerKeys.Hosts, string.Join(", ", spec.Hosts)),
        (TriggerKeys.PathPrefixes, string.Join(", ", spec.PathPrefixes)),

        // A header's value may be a secret between a client and its route.
        (TriggerKeys.Headers, spec.Headers.Count == 0 ? null : string.Join(", ", spec.Headers.Select(h => h.Value is null ? h.Name : $"{h.Name}=…"))),
        (TriggerKeys.Service, spec.Service),
        (spec.Port.Name is null ? TriggerKeys.Port : TriggerKeys.PortName, spec.Port.ToString()),
        (TriggerKeys.Via, Word(spec.Via)),
        (TriggerKeys.TargetPendingRequests, Number(spec.Scaling.TargetPendingRequests)),
        (TriggerKeys.TargetRequestRate, Number(spec.Scaling.TargetRequestRate)),
        (TriggerKeys.RequestRateWindow, spec.Scaling.TargetRequestRate is null ? null : Text(spec.Scaling.RequestRateWindow)),
        (TriggerKeys.Readiness, Word(spec.Readiness)),
        (TriggerKeys.PodConcurrency, Number(spec.PodConcurrency)),
        (TriggerKeys.HoldTimeout, Text(spec.HoldTimeout)),
        (TriggerKeys.MaxHeldRequests, Number(spec.MaxHeldRequests)),
        (TriggerKeys.ResponseTimeout, Text(spec.ResponseTimeout)),
        (TriggerKeys.RequestTimeout, Text(spec.RequestTimeout)),
        (TriggerKeys.Protocol, Word(spec.Protocol)),
        (TriggerKeys.ActivityWindow, Text(spec.Scaling.ActivityWindow)),
    ];

    private static string? Number(double? number) => number?.ToString(CultureInfo.InvariantCulture);

    // 120s is how the default is written, and 2m how it is formatted.
    private static string Text(TimeSpan duration) =>
        duration.Ticks % TimeSpan.TicksPerSecond == 0 && duration is { TotalSeconds: > 0 and < 600 }
            ? string.Create(CultureInfo.InvariantCulture, $"{duration.TotalSeconds}s")
            : KubernetesDuration.Format(duration);

    private static string Word<T>(T choice)
        where T : struct, Enum => choice.ToString().ToLowerInvariant();
}
