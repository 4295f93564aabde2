using System.Net;
using System.Net.Sockets;
using k8s.Models;
using Wakegate.Local.Pods;
using Wakegate.Testing;

namespace Wakegate.Local.Tests.Pods;

public sealed class KubeletTests
{
    [Fact(Timeout = 60_000)]
    public async Task PodWithoutProbe_RunsAndIsReadyAtItsOwnAddress()
    {
        await using var node = await KubeletFixture.StartAsync();

        await node.CreateAsync("one", "echo $POD_IP $PORT $POD_NAME $COLOUR $NS >said; sleep 993", pod => pod.Spec.Containers[0].Env =
        [
            new V1EnvVar { Name = "COLOUR", Value = "blue" },
            new V1EnvVar { Name = "NS", ValueFrom = new V1EnvVarSource { FieldRef = new V1ObjectFieldSelector { FieldPath = "metadata.namespace" } } },
        ]);
        var pod = await node.UntilAsync("one", KubeletFixture.IsReady);

        Assert.Equal("Running", pod.Status.Phase);
        Assert.True(IPAddress.IsLoopback(IPAddress.Parse(pod.Status.PodIP)));
        Assert.Equal(["PodScheduled", "Initialized", "ContainersReady", "Ready"], pod.Status.Conditions.Select(c => c.Type));
        Assert.All(pod.Status.Conditions, condition => Assert.NotNull(condition.LastTransitionTime));
        Assert.NotNull(Assert.Single(pod.Status.ContainerStatuses).State.Running);
        var said = Path.Combine(node.Folder.Path, "said");
        await Eventually.TrueAsync(() => File.Exists(said) && File.ReadAllText(said).EndsWith('\n'));
        Assert.Equal($"{pod.Status.PodIP} 8080 one blue store\n", await File.ReadAllTextAsync(said, TestContext.Current.CancellationToken));
        Assert.Equal([PodEventKind.Started, PodEventKind.Ready], node.Told);
    }

    [Fact(Timeout = 60_000)]
    public async Task SharedAddress_GivesEachPodAPortOfItsOwn()
    {
        await using var node = await KubeletFixture.StartAsync(sharedAddress: true);

        await node.CreateAsync("one", "sleep 992");
        await node.CreateAsync("two", "sleep 991");
        var one = await node.UntilAsync("one", KubeletFixture.IsReady);
        var two = await node.UntilAsync("two", KubeletFixture.IsReady);

        Assert.Equal(["127.0.0.1", "127.0.0.1"], [one.Status.PodIP, two.Status.PodIP]);
        Assert.NotEqual(one.GetAnnotation("wakegate.dev/local-port"), two.GetAnnotation("wakegate.dev/local-port"));
    }

    [Fact(Timeout = 60_000)]
    public async Task TheSampleWorkload_RunsByItsImageAndProbe()
    {
        await using var node = await KubeletFixture.StartAsync();

        await node.CreateAsync("sample", command: null, pod =>
        {
            pod.Spec.Containers[0].Image = "registry.test:5000/wakegate/upstream:1.2@sha256:00";
            pod.Spec.Containers[0].ReadinessProbe = new V1Probe { HttpGet = new V1HTTPGetAction { Path = "/readyz", Port = "http" }, PeriodSeconds = 1 };
        });
        var pod = await node.UntilAsync("sample", KubeletFixture.IsReady);

        using var client = new HttpClient();
        Assert.Contains("sample", await client.GetStringAsync(new Uri($"http://{pod.Status.PodIP}:8080/"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact(Timeout = 60_000)]
    public async Task UnknownImage_WaitsAndSaysWhatToDo()
    {
        await using var node = await KubeletFixture.StartAsync();

        await node.CreateAsync("foreign", command: null);
        var pod = await node.UntilAsync("foreign", p => p.Status.ContainerStatuses?[0].State.Waiting?.Reason == "ErrImagePull");

        const string Message = "Local pulls no images, so it cannot run \"shop:1\": give the command that stands for it in the pod annotation wakegate.dev/local-command.";
        Assert.Equal("Pending", pod.Status.Phase);
        Assert.Equal(Message, pod.Status.ContainerStatuses[0].State.Waiting.Message);
        await Eventually.TrueAsync(async () => (await node.EventsAsync()).Items.Any(e => e.Reason == "ErrImagePull" && e.Message == Message && e.Type == "Warning"));
        await node.DeleteAsync("foreign");
        await Eventually.TrueAsync(async () => (await node.ListAsync()).Items.Count == 0);
        Assert.Equal([PodEventKind.Refused, PodEventKind.Stopped], node.Told);
    }

    [Fact(Timeout = 60_000)]
    public async Task CrashingPod_IsReportedAndStartsAgain()
    {
        await using var node = await KubeletFixture.StartAsync();

        var pod = await node.CreateAsync("weak", "test -e tried && exec sleep 990; touch tried; echo out of ideas >&2; exit 4");
        var again = await node.UntilAsync("weak", p => KubeletFixture.IsReady(p) && p.Status.ContainerStatuses[0].RestartCount == 1);
        var crashed = await node.FirstAfterAsync(pod, p => p.Status.ContainerStatuses?[0].State.Waiting?.Reason == "CrashLoopBackOff");

        Assert.Equal(4, crashed.Status.ContainerStatuses[0].LastState.Terminated.ExitCode);
        Assert.False(KubeletFixture.IsReady(crashed));
        Assert.Equal(crashed.Status.PodIP, again.Status.PodIP);
        var warning = Assert.Single((await node.EventsAsync()).Items);
        Assert.Contains("out of ideas", warning.Message, StringComparison.Ordinal);
        Assert.Equal([PodEventKind.Started, PodEventKind.Ready, PodEventKind.Crashed, PodEventKind.Started, PodEventKind.Ready], node.Told);
    }

    [Fact(Timeout = 60_000)]
    public async Task DeletedPod_EndsByItselfAndIsGone()
    {
        await using var node = await KubeletFixture.StartAsync();
        await node.CreateAsync("polite", "trap 'touch bye; exit 0' TERM; touch up; while :; do sleep 0.1; done");
        await Eventually.TrueAsync(() => File.Exists(Path.Combine(node.Folder.Path, "up")));
        await node.UntilAsync("polite", KubeletFixture.IsReady);

        await node.DeleteAsync("polite");

        await Eventually.TrueAsync(async () => (await node.ListAsync()).Items.Count == 0);
        Assert.True(File.Exists(Path.Combine(node.Folder.Path, "bye")));
        Assert.Equal([PodEventKind.Stopping, PodEventKind.Stopped], node.Told.TakeLast(2));
    }

    [Fact(Timeout = 60_000)]
    public async Task StubbornPod_IsKilledWhenItsGraceIsOver()
    {
        await using var node = await KubeletFixture.StartAsync();
        await node.CreateAsync("stubborn", "trap '' TERM; touch up; while :; do sleep 0.1; done", pod => pod.Spec.TerminationGracePeriodSeconds = 2);
        await Eventually.TrueAsync(() => File.Exists(Path.Combine(node.Folder.Path, "up")));

        var dying = await node.DeleteAsync("stubborn");

        Assert.NotNull(dying.Metadata.DeletionTimestamp);
        await Eventually.TrueAsync(async () => (await node.ListAsync()).Items.Count == 0);
    }

    [Fact(Timeout = 60_000)]
    public async Task PodDeletedByForce_IsKilledAtOnce()
    {
        await using var node = await KubeletFixture.StartAsync();
        await node.CreateAsync("forced", "trap '' TERM; while :; do date >alive; sleep 0.1; done");
        await Eventually.TrueAsync(() => File.Exists(Path.Combine(node.Folder.Path, "alive")));

        await node.DeleteAsync("forced", grace: 0);

        await Eventually.TrueAsync(() => node.Told.Contains(PodEventKind.Stopped));
    }

    [Fact(Timeout = 60_000)]
    public async Task ReadinessByTcp_FollowsTheListener()
    {
        await using var node = await KubeletFixture.StartAsync();
        await node.CreateAsync("tcp", "sleep 989", pod => pod.Spec.Containers[0].ReadinessProbe =
            new V1Probe { TcpSocket = new V1TCPSocketAction { Port = 8080 }, PeriodSeconds = 1, FailureThreshold = 1 });
        var pod = await node.UntilAsync("tcp", p => p.Status.PodIP is not null);
        Assert.False(KubeletFixture.IsReady(pod));

        using (var listener = new TcpListener(IPAddress.Parse(pod.Status.PodIP), 8080))
        {
            listener.Start();
            await node.UntilAsync("tcp", KubeletFixture.IsReady);
        }

        await node.UntilAsync("tcp", p => !KubeletFixture.IsReady(p));
        Assert.Equal([PodEventKind.Started, PodEventKind.Ready, PodEventKind.NotReady], node.Told);
    }

    [Fact(Timeout = 60_000)]
    public async Task ReadinessByGrpc_AsksTheHealthService()
    {
        await using var node = await KubeletFixture.StartAsync();

        await node.CreateAsync("grpc", command: null, pod =>
        {
            pod.Spec.Containers[0].Image = "ghcr.io/wakegate/upstream";
            pod.Spec.Containers[0].Env = [new V1EnvVar { Name = "Upstream__Protocols", Value = "h2c" }];
            pod.Spec.Containers[0].ReadinessProbe = new V1Probe { Grpc = new V1GRPCAction { Port = 8080 }, PeriodSeconds = 1 };
        });

        await node.UntilAsync("grpc", KubeletFixture.IsReady);
    }
}
