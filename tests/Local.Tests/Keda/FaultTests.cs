using Grpc.Core;
using Wakegate.Local.Keda;

namespace Wakegate.Local.Tests.Keda;

public sealed class FaultTests
{
    private static readonly Status Unavailable = new(StatusCode.Unavailable, "the ledger is not trusted");

    [Fact(Timeout = 60_000)]
    public async Task FailedPolls_FreezeReplicasUntilOneSucceeds()
    {
        await using var stage = await KedaStage.StartAsync();
        await stage.DeployAsync(replicas: 1, spec: spec => spec["initialCooldownPeriod"] = 1);
        stage.Scaler.Failure = Unavailable;

        var failed = await stage.PollAsync();
        var failedAgain = await stage.PollAsync();
        var frozenAt = await stage.ReplicasAsync();
        var status = await stage.StatusAsync();
        stage.Scaler.Failure = null;
        var succeeded = await stage.PollAsync();

        Assert.Equal(("Freeze", "Freeze", "Rest"), (failed, failedAgain, succeeded));
        Assert.Equal((1, 0), (frozenAt, await stage.ReplicasAsync()));
        Assert.Equal("Unavailable: the ledger is not trusted", (await stage.SawAsync(KedaEventKind.Frozen)).Detail);
        Assert.Equal((1, 1), (stage.CountOf(KedaEventKind.Frozen), stage.CountOf(KedaEventKind.Thawed)));
        Assert.Equal("Unavailable: the ledger is not trusted", status.GetProperty("conditions")[0].GetProperty("message").GetString());
    }

    [Fact(Timeout = 60_000)]
    public async Task FailedCall_IsAskedTwice()
    {
        await using var stage = await KedaStage.StartAsync();
        await stage.DeployAsync();
        stage.Scaler.Calls.Clear();
        stage.Scaler.Failure = Unavailable;

        await stage.PollAsync();

        Assert.Equal(["GetMetricSpec", "GetMetrics pending", "GetMetrics pending"], stage.Scaler.Calls.ToArray());
    }

    [Fact(Timeout = 60_000)]
    public async Task StalledPoll_HoldsUpThePushedTrue()
    {
        await using var stage = await KedaStage.StartAsync();
        await stage.DeployAsync();
        var stall = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        stage.Scaler.Stall = stall.Task;
        stage.Clock.Advance(TimeSpan.FromSeconds(5));
        await stage.UntilAsync(() => stage.Scaler.Calls.Count == 5);

        stage.Scaler.Streams.Single().Push(true);
        await stage.SawAsync(KedaEventKind.PushedActive);
        var meanwhile = await stage.ReplicasAsync();
        stall.SetResult();
        await stage.SawAsync(KedaEventKind.Woken);

        Assert.Equal(0, meanwhile);
    }

    [Fact(Timeout = 60_000)]
    public async Task PushedFalse_IsABreachAndScalesNothing()
    {
        await using var stage = await KedaStage.StartAsync();
        await stage.DeployAsync(replicas: 1, spec: spec => spec["initialCooldownPeriod"] = 1_000);

        stage.Scaler.Streams.Single().Push(false);
        await stage.SawAsync(KedaEventKind.ContractViolated);

        Assert.Equal(Contract.PushedFalse, Assert.Single(stage.Violations).Detail);
        Assert.Equal(1, await stage.ReplicasAsync());
    }

    [Fact(Timeout = 60_000)]
    public async Task StreamEndedWithOk_IsReopenedAfterTwoSecondsEachTime()
    {
        await using var stage = await KedaStage.StartAsync();
        await stage.DeployAsync();

        for (var end = 1; end <= 3; end++)
        {
            stage.Scaler.OpenStreams.Single().End(Status.DefaultSuccess);
            var told = await stage.SawAsync(KedaEventKind.StreamEnded, end);
            Assert.Equal("OK; opened again in 2 s", told.Detail);

            stage.Clock.Advance(TimeSpan.FromSeconds(2));
            await stage.UntilAsync(() => stage.Scaler.Streams.Count == end + 1);
        }

        Assert.Empty(stage.Violations);
    }

    [Fact(Timeout = 60_000)]
    public async Task StreamEndedByErrors_IsReopenedEverLaterUpToAMinute()
    {
        await using var stage = await KedaStage.StartAsync();
        await stage.DeployAsync(spec: spec => spec["pollingInterval"] = 86_400);
        stage.Scaler.StreamEnd = Unavailable;
        stage.Scaler.OpenStreams.Single().End(Unavailable);

        int[] waits = [2, 4, 8, 16, 32, 60, 60];
        for (var end = 0; end < waits.Length; end++)
        {
            var told = await stage.SawAsync(KedaEventKind.StreamEnded, end + 1);
            Assert.Equal($"Unavailable: the ledger is not trusted; opened again in {waits[end]} s", told.Detail);
            if (end == waits.Length - 1)
                stage.Scaler.StreamEnd = null;
            stage.Clock.Advance(TimeSpan.FromSeconds(waits[end]));
        }

        await stage.UntilAsync(() => stage.Scaler.OpenStreams.Length == 1);
    }

    [Fact(Timeout = 60_000)]
    public async Task KilledScaler_FreezesAndIsFoundAgain()
    {
        await using var stage = await KedaStage.StartAsync();
        await stage.DeployAsync(replicas: 1, spec: spec => spec["initialCooldownPeriod"] = 1_000);

        await stage.Scaler.KillAsync();
        await stage.SawAsync(KedaEventKind.StreamEnded);
        var dead = await stage.PollAsync();
        await stage.Scaler.ListenAsync();
        string? alive;
        do
            alive = await stage.PollAsync();
        while (alive is "Freeze");
        while (stage.Scaler.OpenStreams.Length == 0)
            await stage.PollAsync();

        Assert.Equal(("Freeze", "CoolDown"), (dead, alive));
        Assert.Equal(1, await stage.ReplicasAsync());
        Assert.Empty(stage.Violations);
    }

    [Fact(Timeout = 60_000)]
    public async Task MissingDeployment_IsToldOnceAndWokenWhenItIsThere()
    {
        await using var stage = await KedaStage.StartAsync();
        stage.Scaler.Active = true;
        await stage.CreateScaledObjectAsync("shop");
        await stage.SawAsync(KedaEventKind.Watched);

        await stage.PollAsync();
        await stage.CreateDeploymentAsync("shop", replicas: 0);
        await stage.PollAsync();

        Assert.Equal("There is no Deployment 'shop'.", (await stage.SawAsync(KedaEventKind.TargetMissing)).Detail);
        Assert.Equal(1, stage.CountOf(KedaEventKind.TargetMissing));
        Assert.Equal(1, await stage.ReplicasAsync());
    }

    [Fact(Timeout = 60_000)]
    public async Task KubernetesGone_IsToldAndTriedAgainWithTheNextPoll()
    {
        await using var stage = await KedaStage.StartAsync();
        await stage.DeployAsync();
        stage.Scaler.Active = true;

        await stage.Api.StopListeningAsync();
        stage.Clock.Advance(TimeSpan.FromSeconds(5));
        await stage.SawAsync(KedaEventKind.KubernetesFailed);
        await stage.Api.ListenAsync(TestContext.Current.CancellationToken);
        await stage.PollAsync();

        Assert.Equal(1, await stage.ReplicasAsync());
    }
}
