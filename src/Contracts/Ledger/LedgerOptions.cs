using Microsoft.Extensions.Configuration;
using Wakegate.Contracts.Settings;
using Wakegate.Contracts.Triggers;

namespace Wakegate.Contracts.Ledger;

/// <summary>The ledger's rhythm; configuration section <c>Ledger</c>.</summary>
public sealed class LedgerOptions : IValidatedOptions
{
    private const string Section = "Ledger";
    private readonly List<string> unreadable = [];

    /// <summary>How often an interceptor renews its lease, idle or not.</summary>
    public TimeSpan Heartbeat { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>How long an interceptor's counts outlive its last sign of life.</summary>
    public TimeSpan Lease { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How often the scaler reads all of it, besides the changes that are published.</summary>
    public TimeSpan Reread { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long the scaler answers from what it last read in full.</summary>
    public TimeSpan MaxStaleness { get; set; } = TimeSpan.FromSeconds(15);

    /// <inheritdoc/>
    public void Read(IConfiguration configuration)
    {
        var section = new SettingsReader(configuration, Section, unreadable);
        Heartbeat = section.Duration(nameof(Heartbeat), Heartbeat);
        Lease = section.Duration(nameof(Lease), Lease);
        Reread = section.Duration(nameof(Reread), Reread);
        MaxStaleness = section.Duration(nameof(MaxStaleness), MaxStaleness);
    }

    /// <inheritdoc/>
    public IEnumerable<string> Errors()
    {
        foreach (var error in unreadable)
            yield return error;

        if (Heartbeat < TimeSpan.FromMilliseconds(100))
            yield return Wrong(nameof(Heartbeat), Heartbeat, "is too short: give at least 100ms");

        // One heartbeat may fail without the counts being lost.
        if (Lease < 2 * Heartbeat)
            yield return Wrong(nameof(Lease), Lease, $"is too short: give at least twice the heartbeat, {Text(2 * Heartbeat)}");

        if (Reread < TimeSpan.FromMilliseconds(100))
            yield return Wrong(nameof(Reread), Reread, "is too short: give at least 100ms");

        // A pause between two reads in which a lease can end looks like an outage.
        if (Lease >= 2 * Heartbeat && Reread >= Lease - Heartbeat)
            yield return Wrong(nameof(Reread), Reread, $"is too long: give less than the lease without a heartbeat, {Text(Lease - Heartbeat)}");

        if (MaxStaleness <= Reread)
            yield return Wrong(nameof(MaxStaleness), MaxStaleness, $"is too short: give more than {Section}:{nameof(Reread)}, {Text(Reread)}");
    }

    private static string Wrong(string key, TimeSpan value, string problem) => $"{Section}:{key} \"{Text(value)}\" {problem}.";

    private static string Text(TimeSpan duration) => duration < TimeSpan.Zero ? duration.ToString() : KubernetesDuration.Format(duration);
}
