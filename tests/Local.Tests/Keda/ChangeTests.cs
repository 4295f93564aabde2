using System.Text.Json;
using Wakegate.Local.Keda;

namespace Wakegate.Local.Tests.Keda;

public sealed class ChangeTests
{
    [Fact(Timeout = 60_000)]
    public async Task Change_OpensTheNewStreamBeforeItClosesTheOld()
    {
        await using var stage = await KedaStage.StartAsync();
        await stage.DeployAsync();
        var old = stage.Scaler.OpenStreams.Single();
        var stall = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        stage.Scaler.Stall = stall.Task;

        await stage.PatchAsync(new { spec = new { cooldownPeriod = 90 } });
        await stage.UntilAsync(() => stage.Scaler.Streams.Count == 2 && stage.Scaler.Calls.Count == 5);
        old.Push(true);
        await stage.SawAsync(KedaEventKind.PushedActive);
        stall.SetResult();
        await stage.SawAsync(KedaEventKind.Watched, times: 2);
        await stage.UntilAsync(() => stage.Scaler.OpenStreams.Length == 1);

        Assert.True(old.Closed.IsCompleted);
    }

    [Fact(Timeout = 60_000)]
    public async Task OwnStatusWrites_OpenNoNewStream()
    {
        await using var stage = await KedaStage.StartAsync();
        await stage.DeployAsync();

        stage.Scaler.Active = true;
        await stage.PollAsync();
        await stage.PollAsync();

        Assert.Single(stage.Scaler.Streams);
    }

    [Fact(Timeout = 60_000)]
    public async Task LastActivity_SurvivesAChange()
    {
        await using var stage = await KedaStage.StartAsync();
        await stage.DeployAsync();
        stage.Scaler.Streams.Single().Push(true);
        await stage.SawAsync(KedaEventKind.Woken);

        await stage.PatchAsync(new { spec = new { cooldownPeriod = 12 } });
        await stage.SawAsync(KedaEventKind.Watched, times: 2);
        var steps = (await stage.PollAsync(), await stage.PollAsync(), await stage.PollAsync());

        Assert.Equal(("CoolDown", "CoolDown", "Rest"), steps);
    }

    [Fact(Timeout = 60_000)]
    public async Task Paused_HasNoStreamAndNoPoll()
    {
        await using var stage = await KedaStage.StartAsync();
        await stage.DeployAsync(replicas: 1);

        await PauseAsync(stage, "paused", "true");
        await stage.SawAsync(KedaEventKind.Paused);
        await stage.UntilAsync(() => stage.Scaler.OpenStreams.Length == 0);
        var calls = stage.Scaler.Calls.Count;
        stage.Clock.Advance(TimeSpan.FromMinutes(5));
        await PauseAsync(stage, "paused", null);
        await stage.SawAsync(KedaEventKind.Watched, times: 2);

        Assert.Equal(calls + 3, stage.Scaler.Calls.Count);
        await stage.UntilAsync(() => stage.Scaler.OpenStreams.Length == 1);
    }

    [Theory]
    [InlineData("true", true)]
    [InlineData("1", true)]
    [InlineData("no", true)]
    [InlineData("", true)]
    [InlineData("fAlse", true)]
    [InlineData("false", false)]
    [InlineData("F", false)]
    [InlineData("0", false)]
    [InlineData(null, false)]
    public void Paused_IsReadAsKedaReadsIt(string? value, bool paused)
    {
        var json = JsonSerializer.SerializeToElement(new
        {
            metadata = new { name = "shop", @namespace = "store", annotations = new Dictionary<string, string?>(StringComparer.Ordinal) { ["autoscaling.keda.sh/paused"] = value } },
            spec = new { scaleTargetRef = new { name = "shop" }, triggers = Array.Empty<object>() },
        });

        Assert.Equal(paused, ScaledObject.Read(json).Rules.Paused);
    }

    [Fact(Timeout = 60_000)]
    public async Task PausedReplicas_AreHeld()
    {
        await using var stage = await KedaStage.StartAsync();
        await stage.DeployAsync();

        await PauseAsync(stage, "paused-replicas", "3");
        await stage.SawAsync(KedaEventKind.Paused);

        Assert.Equal(3, await stage.ReplicasAsync());
    }

    [Fact(Timeout = 60_000)]
    public async Task Deleted_ClosesItsStreamAndLeavesTheDeployment()
    {
        await using var stage = await KedaStage.StartAsync();
        await stage.DeployAsync();
        stage.Scaler.Streams.Single().Push(true);
        await stage.SawAsync(KedaEventKind.Woken);

        await stage.DeleteAsync();
        await stage.SawAsync(KedaEventKind.Forgotten);
        await stage.UntilAsync(() => stage.Scaler.OpenStreams.Length == 0);

        Assert.Equal(1, await stage.ReplicasAsync());
    }

    [Fact(Timeout = 60_000)]
    public async Task OtherTriggers_AreLeftOutAndToldOf()
    {
        await using var stage = await KedaStage.StartAsync();
        await stage.CreateDeploymentAsync("shop", replicas: 1);

        await stage.CreateScaledObjectAsync("shop", spec => spec["triggers"] = new[] { new { type = "cron", metadata = new { start = "0 6 * * *" } } });
        var told = await stage.SawAsync(KedaEventKind.NotPlayed);

        Assert.Equal("A trigger of type 'cron' is left out; only external ones with a scalerAddress are played here.", told.Detail);
        Assert.Empty(stage.Scaler.Calls);
    }

    private static Task PauseAsync(KedaStage stage, string annotation, string? value) => stage.PatchAsync(
        new { metadata = new { annotations = new Dictionary<string, string?>(StringComparer.Ordinal) { [$"autoscaling.keda.sh/{annotation}"] = value } } });
}
