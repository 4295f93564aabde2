using Wakegate.Interceptor.Forwarding;

namespace Wakegate.Interceptor.Tests;

public class AnswerWatchTests
{
    private readonly AnswerWatch watch = new();

    [Fact]
    public void EveryRequestOfAConnection_HasAFirstWrite()
    {
        var first = watch.Ask();
        var more = watch.Ask();
        watch.Reading(empty: false);
        var second = watch.Ask();

        Assert.Equal((false, true, false), (first, more, second));
    }

    /// <summary>The handler waits so on a connection that is idle, and goes on with a read when something has come, be it in the middle of the next request.</summary>
    [Fact]
    public void ReadThatAnIdleConnectionBegan_IsStillTheRequestsWhenItGoesOn()
    {
        watch.Ask();
        watch.Reading(empty: true);
        var first = watch.Ask();
        watch.Reading(empty: false);
        var more = watch.Ask();

        Assert.Equal((false, true), (first, more));
    }
}
