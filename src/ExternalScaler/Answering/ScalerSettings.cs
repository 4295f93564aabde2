using Wakegate.Contracts.Settings;

namespace Wakegate.ExternalScaler.Answering;

/// <summary>How the scaler answers; configuration section <c>Scaler</c>.</summary>
internal sealed class ScalerSettings : IValidatedOptions
{
    private const string Section = "Scaler";
    private readonly List<string> unreadable = [];

    /// <summary>
    /// Pending requests are reported as the larger of their number now and their average over this window. KEDA and the HPA sample every 15
    /// seconds: without the average, they would see short requests by luck alone.
    /// </summary>
    public TimeSpan AverageWindow { get; set; } = TimeSpan.FromSeconds(10);

    public void Read(IConfiguration configuration) =>
        AverageWindow = new SettingsReader(configuration, Section, unreadable).Duration(nameof(AverageWindow), AverageWindow);

    public IEnumerable<string> Errors()
    {
        foreach (var error in unreadable)
            yield return error;

        if (AverageWindow < TimeSpan.FromSeconds(1) || AverageWindow > TimeSpan.FromHours(1))
            yield return $"{Section}:{nameof(AverageWindow)} \"{AverageWindow}\" is out of range: give a duration from 1s to 1h.";
    }
}
