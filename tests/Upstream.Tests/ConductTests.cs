using System.Net;
using Grpc.Core;
using Microsoft.Extensions.Options;
using Wakegate.Upstream.Conduct;
using Wakegate.Upstream.Greeting;
using Wakegate.Upstream.Hosting;

namespace Wakegate.Upstream.Tests;

public sealed class ConductTests
{
    [Fact(Timeout = 60_000)]
    public async Task OneRequestTooMany_IsRefusedVisibly()
    {
        await using var app = await UpstreamApp.StartAsync("--Upstream:MaxConcurrentRequests=1");

        using var first = await app.GetAsync("/stream");
        using var second = await app.GetAsync("/");

        Assert.Equal(HttpStatusCode.OK, first.StatusCode);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, second.StatusCode);
        Assert.Equal("2 at once, 1 allowed", Assert.Single(second.Headers.GetValues(ConcurrencyLimit.ExcessHeader)));
    }

    [Fact(Timeout = 60_000)]
    public async Task OneCallTooMany_IsRefusedInTheWordsOfGrpc()
    {
        await using var app = await UpstreamApp.StartAsync("--Upstream:MaxConcurrentRequests=1", "--Upstream:Protocols=h2c");
        var greeter = new Greeter.GreeterClient(app.Channel);

        using var chat = greeter.Chat(cancellationToken: TestContext.Current.CancellationToken);
        await chat.RequestStream.WriteAsync(new HelloRequest { Name = "Ann" }, TestContext.Current.CancellationToken);
        await chat.ResponseStream.MoveNext(TestContext.Current.CancellationToken);
        var refused = await Assert.ThrowsAsync<RpcException>(async () => await greeter.SayHelloAsync(new HelloRequest(), cancellationToken: TestContext.Current.CancellationToken));

        Assert.Equal(StatusCode.ResourceExhausted, refused.StatusCode);
        Assert.Equal("2 at once, 1 allowed", refused.Trailers.GetValue(ConcurrencyLimit.ExcessHeader));
    }

    [Fact(Timeout = 60_000)]
    public async Task ErrorRate_FailsThatShareOfRequests()
    {
        await using var app = await UpstreamApp.StartAsync("--Upstream:ErrorRate=0.25");

        var failed = 0;
        for (var request = 0; request < 20; request++)
        {
            using var response = await app.GetAsync("/");
            failed += response.IsSuccessStatusCode ? 0 : 1;
        }

        Assert.Equal(5, failed);
    }

    [Fact(Timeout = 60_000)]
    public async Task Latency_DelaysWorkButNoProbe()
    {
        await using var app = await UpstreamApp.StartAsync("--Upstream:Latency=1m30s");

        var slow = app.GetAsync("/");
        using var probe = await app.GetAsync("/readyz");
        await app.Clock.AdvanceUntilAsync(slow, TimeSpan.FromSeconds(10));

        using var answer = await slow;
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (probe.StatusCode, answer.StatusCode));
        Assert.True(app.Clock.GetUtcNow() - app.Clock.Start >= TimeSpan.FromSeconds(90));
    }

    [Fact]
    public void BadSettings_AreNamedAllAtOnce()
    {
        var refused = Assert.Throws<OptionsValidationException>(
            () => UpstreamHost.Build(["--PORT=http", "--Upstream:Latency=soon", "--Upstream:ErrorRate=2", "--Upstream:Protocols=http3"]));

        Assert.Equal(
            [
                "PORT is 'http', but must be a port from 0 to 65535.",
                "Upstream:Protocols is 'http3', but must be http1 or h2c.",
                "Upstream:Latency is 'soon', but must be a duration such as 500ms, 90s or 1m30s, of a day at most.",
                "Upstream:ErrorRate is '2', but must be a number from 0 to 1.",
            ],
            refused.Failures.ToArray());
    }

    [Theory]
    [InlineData("500ms", 500)]
    [InlineData("1m30s", 90_000)]
    [InlineData("2h", 7_200_000)]
    [InlineData("0s", 0)]
    [InlineData("", null)]
    [InlineData("90", null)]
    [InlineData("-1s", null)]
    [InlineData("25h", null)]
    public void Duration_IsReadAsKubernetesWritesIt(string text, int? milliseconds)
    {
        Assert.Equal(milliseconds, Duration.TryParse(text, out var value) ? (int)value.TotalMilliseconds : null);
    }
}
