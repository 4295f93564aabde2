using Wakegate.Local.Narration;

namespace Wakegate.Local.Tests.Narration;

public sealed class StorytellerTests
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 2, 12, 0, 0, TimeSpan.Zero);

    [Fact(Timeout = 60_000)]
    public async Task AColdStart_IsToldInOrderWithTimes()
    {
        var story = await ToldAsync(
            quiet: false,
            At(40, Step.Signalled, "shop", "the scaler pushed true"),
            At(0, Step.Held, "shop", "no pod is ready"),
            At(5040, Step.Signalled, "shop", "the scaler pushed true"),
            At(50, Step.Scaled, "shop", "0 → 1"),
            At(812, Step.Ready, "shop-1", ""));

        Assert.Equal(
            [
                "12:00:00.000    +0.000 s  held       shop                     no pod is ready",
                "12:00:00.040    +0.040 s  signalled  shop                     the scaler pushed true",
                "12:00:00.050    +0.050 s  scaled     shop                     0 → 1",
                "12:00:00.812    +0.812 s  ready      shop-1",
            ],
            story);
    }

    [Fact(Timeout = 60_000)]
    public async Task ASecondColdStart_CountsFromItsOwnBeginning()
    {
        var story = await ToldAsync(
            quiet: false,
            At(0, Step.Held, "shop", ""),
            At(20_000, Step.Rested, "shop", "1 → 0"),
            At(30_000, Step.Held, "shop", ""),
            At(30_010, Step.Signalled, "shop", ""));

        Assert.Equal(["+0.000", "+20.000", "+0.000", "+0.010"], story.Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]));
    }

    [Fact(Timeout = 60_000)]
    public async Task Quiet_TellsOnlyOfProblems()
    {
        var story = await ToldAsync(quiet: true, At(0, Step.Held, "shop", ""), At(1, Step.Problem, "scaler", "is gone"));

        Assert.Equal(["12:00:00.001    +0.001 s  problem    scaler                   is gone"], story);
    }

    [Fact]
    public void ALogEntry_IsRead()
    {
        const string Line = """{"EventId":1,"LogLevel":"Information","Category":"X","Timestamp":"2026-01-02T12:00:00.5Z","Message":"Holding requests for a/b/c: no pod is ready.","State":{"Message":"Holding","Route":"a/b/c","{OriginalFormat}":"Holding requests for {Route}: no pod is ready."}}""";

        var log = ChildLog.Parse(Line, Noon)!;

        Assert.Equal(Noon.AddMilliseconds(500), log.At);
        Assert.Equal("Holding requests for {Route}: no pod is ready.", log.Template);
        Assert.Equal("a/b/c", (string?)log.Values!["Route"]);
        Assert.False(log.IsProblem);
        Assert.Null(ChildLog.Parse("{ not JSON", Noon));
        Assert.Null(ChildLog.Parse("plain text", Noon));
    }

    private static Happening At(int milliseconds, Step step, string subject, string text) =>
        new(Noon.AddMilliseconds(milliseconds), step, "default/shop", subject, text);

    private static async Task<string[]> ToldAsync(bool quiet, params IEnumerable<Happening> happenings)
    {
        using var output = new StringWriter();
        await using (var storyteller = new Storyteller(output, new StoryLines(colours: false, TimeZoneInfo.Utc), quiet, TimeProvider.System))
        {
            foreach (var happening in happenings)
                storyteller.Tell(happening);
        }

        return output.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);
    }
}
