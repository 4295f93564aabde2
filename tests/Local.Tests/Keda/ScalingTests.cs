using Wakegate.Local.Keda;

namespace Wakegate.Local.Tests.Keda;

public sealed class ScalingTests
{
    [Fact(Timeout = 60_000)]
    public async Task PushedTrue_WakesAtOnce()
    {
        await using var stage = await KedaStage.StartAsync();
        await stage.DeployAsync();

        stage.Scaler.Streams.Single().Push(true);
        var woken = await stage.SawAsync(KedaEventKind.Woken);

        Assert.Equal((0, 1), (woken.From, woken.To));
        Assert.Equal(1, await stage.ReplicasAsync());
        Assert.Equal(stage.Clock.Start, woken.At);
    }

    [Fact(Timeout = 60_000)]
    public async Task Stream_CarriesTheWholeTrigger()
    {
        await using var stage = await KedaStage.StartAsync();
        await stage.DeployAsync();

        var reference = stage.Scaler.Streams.Single().Reference;

        Assert.Equal(("default", "shop"), (reference.Namespace, reference.Name));
        Assert.Equal(
            ["hosts=shop.test", "port=80", "scalerAddress=wakegate-scaler.wakegate.svc:9090", "service=shop"],
            reference.ScalerMetadata.Select(entry => $"{entry.Key}={entry.Value}").Order(StringComparer.Ordinal).ToArray());
    }

    [Fact(Timeout = 60_000)]
    public async Task ActivePoll_WakesToo()
    {
        await using var stage = await KedaStage.StartAsync();
        await stage.DeployAsync(spec: spec => spec["maxReplicaCount"] = 9);
        stage.Scaler.Active = true;

        var step = await stage.PollAsync();

        Assert.Equal("Wake", step);
        Assert.Equal(1, await stage.ReplicasAsync());
    }

    [Fact(Timeout = 60_000)]
    public async Task Poll_AsksInKedasOrder()
    {
        await using var stage = await KedaStage.StartAsync();
        await stage.DeployAsync();

        await stage.PollAsync();

        string[] poll = ["GetMetricSpec", "GetMetrics pending", "IsActive"];
        Assert.Equal([.. poll, .. poll], stage.Scaler.Calls.ToArray());
    }

    [Fact(Timeout = 60_000)]
    public async Task Inactive_RestsWhenTheCooldownIsOver()
    {
        await using var stage = await KedaStage.StartAsync();
        await stage.DeployAsync();
        stage.Scaler.Streams.Single().Push(true);
        await stage.SawAsync(KedaEventKind.Woken);

        var steps = new List<string?>();
        for (var poll = 1; poll <= 13; poll++)
            steps.Add(await stage.PollAsync());

        Assert.Equal([.. Enumerable.Repeat("CoolDown", 12), "Rest"], steps);
        Assert.Equal(0, await stage.ReplicasAsync());
    }

    [Fact(Timeout = 60_000)]
    public async Task ActiveAgainWhileCoolingDown_StartsTheCooldownAnew()
    {
        await using var stage = await KedaStage.StartAsync();
        await stage.DeployAsync();
        stage.Scaler.Streams.Single().Push(true);
        await stage.SawAsync(KedaEventKind.Woken);
        for (var poll = 1; poll <= 11; poll++)
            await stage.PollAsync();

        stage.Scaler.Active = true;
        await stage.PollAsync();
        stage.Scaler.Active = false;
        var afterwards = await stage.PollAsync();

        Assert.Equal("CoolDown", afterwards);
        Assert.Equal(1, await stage.ReplicasAsync());
    }

    [Fact(Timeout = 60_000)]
    public async Task BelowTheMinimum_IsRaisedToIt()
    {
        await using var stage = await KedaStage.StartAsync();

        await stage.DeployAsync(spec: spec => spec["minReplicaCount"] = 2);

        Assert.Equal(2, await stage.ReplicasAsync());
    }

    [Fact(Timeout = 60_000)]
    public async Task LoadForManyPods_IsTheHpasBusiness()
    {
        var interval = TimeSpan.FromSeconds(4);
        await using var stage = await KedaStage.StartAsync(interval);
        await stage.DeployAsync(replicas: 1, spec: spec =>
        {
            spec["pollingInterval"] = 86_400;
            spec["minReplicaCount"] = 1;
            spec["maxReplicaCount"] = 4;
            spec["advanced"] = new { horizontalPodAutoscalerConfig = new { behavior = new { scaleDown = new { stabilizationWindowSeconds = 6 } } } };
        });

        stage.Scaler.Pending = 320.5;
        await stage.BalanceAsync(interval);
        var busy = await stage.ReplicasAsync();
        stage.Scaler.Pending = 0;
        await stage.BalanceAsync(interval);
        var stabilised = await stage.ReplicasAsync();
        await stage.BalanceAsync(interval);
        var quiet = await stage.ReplicasAsync();

        Assert.Equal((4, 4, 1), (busy, stabilised, quiet));
    }

    [Fact(Timeout = 60_000)]
    public async Task Status_TellsWhetherItIsActiveAndWhenItWas()
    {
        await using var stage = await KedaStage.StartAsync();
        await stage.DeployAsync();
        stage.Scaler.Active = true;

        await stage.PollAsync();
        var status = await stage.StatusAsync();

        Assert.Equal("2026-01-01T00:00:05Z", status.GetProperty("lastActiveTime").GetString());
        Assert.Equal(
            ["Ready=True ScaledObjectReady", "Active=True ScalerActive", "Fallback=False NoFallbackFound", "Paused=False ScaledObjectUnpaused"],
            status.GetProperty("conditions").EnumerateArray().Select(condition =>
                $"{condition.GetProperty("type")}={condition.GetProperty("status")} {condition.GetProperty("reason")}").ToArray());
    }

    [Fact(Timeout = 60_000)]
    public async Task ManyScaledObjects_ShareOneConnection()
    {
        await using var stage = await KedaStage.StartAsync();

        for (var number = 0; number < 150; number++)
        {
            await stage.CreateDeploymentAsync($"shop-{number}", replicas: 0);
            await stage.CreateScaledObjectAsync($"shop-{number}");
        }

        await stage.SawAsync(KedaEventKind.Watched, times: 150);
        await stage.UntilAsync(() => stage.Scaler.OpenStreams.Length == 150);

        Assert.Equal(1, stage.Scaler.ConnectionsEver);
    }
}
