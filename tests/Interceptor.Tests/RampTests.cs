using System.Net;
using Microsoft.Extensions.Time.Testing;
using Wakegate.Interceptor.Forwarding;

namespace Wakegate.Interceptor.Tests;

public sealed class RampTests : IDisposable
{
    private readonly FakeTimeProvider clock = new();
    private readonly Ramp ramp;

    public RampTests() => ramp = new Ramp(clock, static () => { });

    public void Dispose() => ramp.Dispose();

    [Fact]
    public void Answers_DoubleItWithEachRound()
    {
        Succeed(8);
        Succeed(16);

        Assert.Equal(32, ramp.Window);
    }

    [Fact]
    public void OneInTwentyThatIsASignOfOverload_DoesNotStopIt()
    {
        Succeed(19);
        for (var round = 0; round < 60; round++)
        {
            ramp.Strained();
            Succeed(19);
        }

        Assert.Equal(int.MaxValue, ramp.Window);
    }

    [Fact]
    public void OneInFive_StopsIt()
    {
        for (var round = 0; round < 60; round++)
        {
            ramp.Strained();
            Succeed(4);
            clock.Advance(TimeSpan.FromMilliseconds(900));
        }

        Assert.Equal(Ramp.First, ramp.Window);
    }

    [Fact]
    public void PodThatHasBeenUpForAMinute_HasNoLimitBeforeLong()
    {
        for (var second = 0; second < 63; second++)
        {
            ramp.Strained();
            clock.Advance(TimeSpan.FromSeconds(1) - TimeSpan.FromTicks(1));
        }

        Assert.Equal(int.MaxValue, ramp.Window);
    }

    [Fact]
    public void RefusedConnection_BeginsItAnewWithTheFirstThatIsTaken()
    {
        Succeed(500);

        ramp.Refused();
        clock.Advance(TimeSpan.FromMinutes(2));
        Assert.Equal(Ramp.First, ramp.Window);
        ramp.Reached();
        clock.Advance(TimeSpan.FromMilliseconds(250));

        Assert.Equal(2 * Ramp.First, ramp.Window);
    }

    [Theory]
    [InlineData(1, 100)]
    [InlineData(2, Ramp.First)]
    public void PodWithoutALimitThatRefusesTwiceInARow_HasARampAgain(int times, int places)
    {
        var pod = new Pod(new PodAddress("shop", "uid", new IPEndPoint(IPAddress.Loopback, 1)), woke: false, clock, static _ => { });
        for (var time = 0; time < times; time++)
        {
            Assert.True(pod.TryTake());
            pod.End(ForwardOutcome.Unsent);
            clock.Advance(TimeSpan.FromSeconds(2));
        }

        while (pod.InFlight < 100 && pod.TryTake())
        {
            // Until it has no more places.
        }

        Assert.Equal(places, pod.InFlight);
    }

    [Fact]
    public void PodThatHasManyAndRefusesTwice_GetsAFewBesideThem()
    {
        var pod = new Pod(new PodAddress("shop", "uid", new IPEndPoint(IPAddress.Loopback, 1)), woke: false, clock, static _ => { });
        for (var taken = 0; taken < 2_000; taken++)
        {
            Assert.True(pod.TryTake());
        }

        for (var time = 0; time < 2; time++)
        {
            Assert.True(pod.TryTake());
            pod.End(ForwardOutcome.Unsent);
            clock.Advance(TimeSpan.FromSeconds(2));
        }

        while (pod.InFlight < 3_000 && pod.TryTake())
        {
            // Until it has no more places.
        }

        Assert.Equal(2_000 + Ramp.First, pod.InFlight);
    }

    [Theory]
    [InlineData(nameof(ForwardOutcome.Answered), 2 * Ramp.First)]
    [InlineData(nameof(ForwardOutcome.BodyTimedOut), 2 * Ramp.First)]
    [InlineData(nameof(ForwardOutcome.BadResponse), 2 * Ramp.First)]
    [InlineData(nameof(ForwardOutcome.TimedOut), Ramp.First)]
    [InlineData(nameof(ForwardOutcome.Failed), Ramp.First)]
    public void WhatMayBeOverload_StopsItAndNothingElse(string outcome, int places)
    {
        var pod = new Pod(new PodAddress("shop", "uid", new IPEndPoint(IPAddress.Loopback, 1)), woke: true, clock, static _ => { });

        Assert.True(pod.TryTake());
        pod.End(Enum.Parse<ForwardOutcome>(outcome));
        clock.Advance(TimeSpan.FromMilliseconds(250));
        while (pod.TryTake())
        {
            // Until it has no more places.
        }

        Assert.Equal(places, pod.InFlight);
    }

    private void Succeed(int times)
    {
        for (var n = 0; n < times; n++)
            ramp.Succeeded();
    }
}
