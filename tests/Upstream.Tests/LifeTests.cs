using System.Net;
using Grpc.Core;
using Grpc.Health.V1;
using Wakegate.Upstream.Greeting;

namespace Wakegate.Upstream.Tests;

public sealed class LifeTests
{
    [Fact(Timeout = 60_000)]
    public async Task StartupDelay_ListensOnlyAfterwards()
    {
        await using var app = UpstreamApp.Begin("--Upstream:StartupDelay=30s");

        var startedEarly = app.Starting.IsCompleted;
        app.Clock.Advance(TimeSpan.FromSeconds(30));
        await app.Starting;
        using var probe = await app.GetAsync("/readyz");

        Assert.False(startedEarly);
        Assert.Equal(HttpStatusCode.OK, probe.StatusCode);
    }

    [Fact(Timeout = 60_000)]
    public async Task StartupDelayWhileListening_IsNotReadyUntilItEnds()
    {
        await using var app = await UpstreamApp.StartAsync("--Upstream:StartupDelay=30s", "--Upstream:ListenDuringStartup=true");

        using var before = await app.GetAsync("/readyz");
        var ready = UntilReadyAsync(app);
        await app.Clock.AdvanceUntilAsync(ready, TimeSpan.FromSeconds(30));
        var after = await ready;

        Assert.Equal((HttpStatusCode.ServiceUnavailable, HttpStatusCode.OK), (before.StatusCode, after));
    }

    [Fact(Timeout = 60_000)]
    public async Task ReadinessSwitch_TurnsTheProbe()
    {
        await using var app = await UpstreamApp.StartAsync("--Upstream:Ready=false");

        using var before = await app.GetAsync("/readyz");
        using var switched = await app.Client.PostAsync(new Uri("/ready/on", UriKind.Relative), null, TestContext.Current.CancellationToken);
        using var after = await app.GetAsync("/readyz");

        Assert.Equal(HttpStatusCode.NoContent, switched.StatusCode);
        Assert.Equal((HttpStatusCode.ServiceUnavailable, HttpStatusCode.OK), (before.StatusCode, after.StatusCode));
    }

    [Theory(Timeout = 60_000)]
    [InlineData("true", HealthCheckResponse.Types.ServingStatus.Serving)]
    [InlineData("false", HealthCheckResponse.Types.ServingStatus.NotServing)]
    public async Task GrpcHealth_SaysWhatTheSwitchSays(string ready, HealthCheckResponse.Types.ServingStatus expected)
    {
        await using var app = await UpstreamApp.StartAsync("--Upstream:Protocols=h2c", $"--Upstream:Ready={ready}");

        var health = await new Health.HealthClient(app.Channel).CheckAsync(new HealthCheckRequest(), cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(expected, health.Status);
    }

    [Fact(Timeout = 60_000)]
    public async Task Greeter_AnswersAndConverses()
    {
        await using var app = await UpstreamApp.StartAsync("--Upstream:Protocols=h2c");
        var greeter = new Greeter.GreeterClient(app.Channel);

        var reply = await greeter.SayHelloAsync(new HelloRequest { Name = "Ann" }, cancellationToken: TestContext.Current.CancellationToken);
        using var chat = greeter.Chat(cancellationToken: TestContext.Current.CancellationToken);
        await chat.RequestStream.WriteAsync(new HelloRequest { Name = "Bea" }, TestContext.Current.CancellationToken);
        await chat.ResponseStream.MoveNext(TestContext.Current.CancellationToken);
        var second = chat.ResponseStream.Current;
        await chat.RequestStream.CompleteAsync();

        Assert.Equal(("Hello, Ann", "pod-1"), (reply.Message, reply.Pod));
        Assert.Equal("Hello, Bea", second.Message);
        Assert.False(await chat.ResponseStream.MoveNext(TestContext.Current.CancellationToken));
    }

    [Fact(Timeout = 60_000)]
    public async Task Stopping_FinishesRequestsAndEndsStreams()
    {
        await using var app = await UpstreamApp.StartAsync();
        using var stream = await app.GetAsync("/stream");
        var body = stream.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        // Its body begins only once the server asks for it: it is in flight then.
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri("/", UriKind.Relative));
        request.Headers.ExpectContinue = true;
        request.Content = new HeldContent(out var release);
        var slow = app.Client.SendAsync(request, TestContext.Current.CancellationToken);
        await release.Reached;

        var stopping = app.StopAsync();
        var lines = await body;
        release.Set();
        using var answer = await slow;
        await stopping;

        Assert.Equal("line 1\n", lines);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Fact(Timeout = 60_000)]
    public async Task StoppingDuringAChat_EndsIt()
    {
        await using var app = await UpstreamApp.StartAsync("--Upstream:Protocols=h2c");
        using var chat = new Greeter.GreeterClient(app.Channel).Chat(cancellationToken: TestContext.Current.CancellationToken);
        await chat.RequestStream.WriteAsync(new HelloRequest { Name = "Ann" }, TestContext.Current.CancellationToken);
        await chat.ResponseStream.MoveNext(TestContext.Current.CancellationToken);

        var stopping = app.StopAsync();
        var ended = await Assert.ThrowsAsync<RpcException>(() => chat.ResponseStream.MoveNext(TestContext.Current.CancellationToken));
        await stopping;

        // The connection closes right after the call has ended. The client may notice that first, and then reports it as Internal, with
        // HTTP/2's NO_ERROR, instead of the status that it was sent.
        Assert.True(
            ended.StatusCode == StatusCode.Unavailable
                || (ended.StatusCode == StatusCode.Internal && ended.Status.Detail.Contains("'NO_ERROR'", StringComparison.Ordinal)),
            ended.ToString());
    }

    private static async Task<HttpStatusCode> UntilReadyAsync(UpstreamApp app)
    {
        while (true)
        {
            using var probe = await app.GetAsync("/readyz");
            if (probe.IsSuccessStatusCode)
                return probe.StatusCode;
        }
    }
}
