using Microsoft.Extensions.Time.Testing;
using Wakegate.ExternalScaler.Pushing;

namespace Wakegate.ExternalScaler.Tests;

public sealed class RepeatPaceTests
{
    private readonly FakeTimeProvider clock = new();
    private readonly RepeatPace pace;

    public RepeatPaceTests() => pace = new RepeatPace(clock);

    [Fact]
    public void ManyWhoAskAtOnce_GetFourTurnsASecondInOrder()
    {
        var line = Turns(9);

        Assert.Equal([0, 250, 500, 750, 1000, 1250, 1500, 1750, 2000], line.Select(Wait));
        for (var n = 1; n < line.Count; n++)
        {
            clock.Advance(TimeSpan.FromMilliseconds(250));
            Assert.All(line.Skip(n + 1).Reverse(), turn => Assert.False(turn.TryTake(out _)));
            Assert.True(line[n].TryTake(out _));
        }
    }

    [Fact]
    public void TurnThatNobodyNeedsAnyMore_IsTheNextOnes()
    {
        var line = Turns(200);
        foreach (var turn in line)
            turn.TryTake(out _);
        using var lone = new RepeatTurn(pace);
        var patience = Wait(lone);

        line.ForEach(turn => turn.Dispose());
        clock.Advance(TimeSpan.FromMilliseconds(patience));

        Assert.Equal(5_000, patience, tolerance: 250);
        Assert.Equal(0, Wait(lone));
    }

    [Fact]
    public void OneThatHasLeft_IsLastWhenItAsksAgain()
    {
        var line = Turns(3);
        Assert.True(line[0].TryTake(out _));
        Assert.Equal((250, 500), (Wait(line[1]), Wait(line[2])));

        line[1].Leave();

        Assert.Equal((250, 500), (Wait(line[2]), Wait(line[1])));
    }

    private static double Wait(RepeatTurn turn)
    {
        turn.TryTake(out var wait);
        return wait.TotalMilliseconds;
    }

    private List<RepeatTurn> Turns(int count) => [.. Enumerable.Range(0, count).Select(_ => new RepeatTurn(pace))];
}
