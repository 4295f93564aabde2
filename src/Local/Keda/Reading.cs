namespace Wakegate.Local.Keda;

/// <summary>One metric of one trigger.</summary>
/// <param name="Name">As the scaler calls it.</param>
/// <param name="Sum">All its values added up.</param>
/// <param name="Target">What one pod takes.</param>
internal readonly record struct MetricReading(string Name, double Sum, double Target);

/// <summary>What one trigger said when it was asked.</summary>
/// <param name="Active">Whether it is active.</param>
/// <param name="Metrics">The metrics that could be read.</param>
/// <param name="Failure">What went wrong, in the scaler's words; null when nothing did.</param>
internal sealed record Reading(bool Active, IReadOnlyList<MetricReading> Metrics, string? Failure);
