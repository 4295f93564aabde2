namespace Wakegate.Local.Narration;

/// <summary>Knows, for each workload, since when its present cold start runs: from the first held request, or the signal that may overtake
/// the word of it, to the next rest.</summary>
internal sealed class Episodes
{
    private readonly Dictionary<string, Episode> episodes = new(StringComparer.Ordinal);

    /// <summary>How long the episode has run; null where there is none. False where the event only repeats what was told.</summary>
    public bool TryFollow(Happening happening, out TimeSpan? since)
    {
        var episode = episodes.GetValueOrDefault(happening.Workload);
        if (happening.Step is Step.Held or Step.Signalled && episode is null or { Rested: true })
            episodes[happening.Workload] = episode = new(happening.At);

        since = episode is null ? null : happening.At - episode.Begin;
        // While requests wait, the scaler repeats its signal every few seconds.
        var repeated = happening.Step == Step.Signalled && episode is { Signalled: true };
        if (episode is not null)
        {
            episode.Signalled |= happening.Step == Step.Signalled;
            episode.Rested |= happening.Step == Step.Rested;
        }

        return !repeated;
    }

    private sealed class Episode(DateTimeOffset begin)
    {
        public DateTimeOffset Begin { get; } = begin;

        public bool Signalled { get; set; }

        public bool Rested { get; set; }
    }
}
