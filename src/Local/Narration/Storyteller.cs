using System.Threading.Channels;

namespace Wakegate.Local.Narration;

/// <summary>Tells what happens, one line an event, in the order in which it happened.</summary>
internal sealed class Storyteller : IAsyncDisposable
{
    // Events come from several processes: one may arrive a little after another that it caused.
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(150);

    private readonly Channel<Happening> happenings = Channel.CreateUnbounded<Happening>(new() { SingleReader = true });
    private readonly Episodes episodes = new();
    private readonly TextWriter output;
    private readonly StoryLines lines;
    private readonly bool quiet;
    private readonly TimeProvider clock;
    private readonly Task telling;

    /// <param name="output">Where the story goes.</param>
    /// <param name="lines">How it looks.</param>
    /// <param name="quiet">Whether only problems are told.</param>
    /// <param name="clock">Events are kept back for a moment by it, to be told in order.</param>
    public Storyteller(TextWriter output, StoryLines lines, bool quiet, TimeProvider clock)
    {
        (this.output, this.lines, this.quiet, this.clock) = (output, lines, quiet, clock);
        telling = TellAllAsync();
    }

    /// <summary>Takes an event; never blocks.</summary>
    public void Tell(Happening happening) => happenings.Writer.TryWrite(happening);

    /// <summary>Takes a problem of a part of Local.</summary>
    public void TellProblem(string subject, string text) => Tell(new(clock.GetUtcNow(), Step.Problem, "", subject, text));

    /// <summary>Tells what is left.</summary>
    public async ValueTask DisposeAsync()
    {
        happenings.Writer.TryComplete();
        await telling;
    }

    private async Task TellAllAsync()
    {
        while (await happenings.Reader.WaitToReadAsync())
        {
            if (!happenings.Reader.Completion.IsCompleted)
                await Task.Delay(Patience, clock);
            var arrived = new List<Happening>();
            while (happenings.Reader.TryRead(out var happening))
                arrived.Add(happening);
            foreach (var happening in arrived.OrderBy(happening => happening.At))
                await TellAsync(happening);
        }
    }

    private async Task TellAsync(Happening happening)
    {
        if (episodes.TryFollow(happening, out var since) && (!quiet || happening.Step == Step.Problem))
            await output.WriteLineAsync(lines.Format(happening, since));
    }
}
