using Wakegate.Contracts.Settings;

namespace Wakegate.Interceptor.Waking;

/// <summary>How long hopeless cases are waited for; configuration section <c>Hold</c>.</summary>
internal sealed class WakeSettings : IValidatedOptions
{
    private const string Section = "Hold";
    private readonly List<string> unreadable = [];

    /// <summary>
    /// How long an obstacle must last before held requests are told of it. Much can mend by itself: a registry that was away, a Secret that
    /// comes a moment later. Zero: requests wait for their <c>holdTimeout</c>.
    /// </summary>
    public TimeSpan FailFastAfter { get; set; } = TimeSpan.FromSeconds(30);

    public void Read(IConfiguration configuration) =>
        FailFastAfter = new SettingsReader(configuration, Section, unreadable).Duration(nameof(FailFastAfter), FailFastAfter);

    public IEnumerable<string> Errors()
    {
        foreach (var error in unreadable)
        {
            yield return error;
        }

        if (FailFastAfter < TimeSpan.Zero)
        {
            yield return $"{Section}:{nameof(FailFastAfter)} \"{FailFastAfter}\" is negative: give a duration such as 30s, or 0 for never.";
        }
    }
}
