using Wakegate.Contracts.Settings;

namespace Wakegate.Interceptor.Draining;

/// <summary>How the interceptor leaves; configuration section <c>Interceptor</c>.</summary>
internal sealed class DrainSettings : IValidatedOptions
{
    private const string Section = "Interceptor";
    private readonly List<string> unreadable = [];

    /// <summary>How long it goes on accepting after it has said that it is not ready: the time in which everyone hears of it.</summary>
    public TimeSpan DrainDelay { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long it then waits for requests to end. With <see cref="DrainDelay"/> it must fit the pod's grace period.</summary>
    public TimeSpan StopTimeout { get; set; } = TimeSpan.FromSeconds(45);

    /// <summary>What is still open this long before the end is ended, so that counts can be taken back in order.</summary>
    public static TimeSpan StreamsEndBefore { get; } = TimeSpan.FromSeconds(5);

    public void Read(IConfiguration configuration)
    {
        var section = new SettingsReader(configuration, Section, unreadable);
        DrainDelay = section.Duration(nameof(DrainDelay), DrainDelay);
        StopTimeout = section.Duration(nameof(StopTimeout), StopTimeout);
    }

    public IEnumerable<string> Errors()
    {
        foreach (var error in unreadable)
        {
            yield return error;
        }

        if (DrainDelay < TimeSpan.Zero)
        {
            yield return $"{Section}:{nameof(DrainDelay)} \"{DrainDelay}\" is negative: give a duration such as 10s.";
        }

        if (StopTimeout <= StreamsEndBefore)
        {
            yield return $"{Section}:{nameof(StopTimeout)} \"{StopTimeout}\" is too short: give more than 5s, such as 45s.";
        }
    }
}
