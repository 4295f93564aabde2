using System.Net;
using k8s;
using k8s.Models;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Wakegate.Contracts.Sockets;
using Wakegate.Contracts.Triggers;
using Wakegate.Interceptor.Watching;
using Wakegate.Local.Api;
using Wakegate.Testing;

namespace Wakegate.Interceptor.Tests;

/// <summary>What is written, how often, and what becomes of it when the API server does not take it.</summary>
public sealed class EventTests
{
    private const string Namespace = KubernetesObjects.Namespace;

    private static readonly ObjectName Shop = new(Namespace, "shop");

    private static readonly TimeSpan HalfAnHour = TimeSpan.FromMinutes(30);

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private static Refusal BadPort { get; } = new("port", "0", "port \"0\" is out of range: give a number from 1 to 65535.");

    [Fact(Timeout = 60_000)]
    public async Task AProblem_IsAWarningOnTheScaledObject()
    {
        await using var stage = await Stage.StartAsync();

        stage.Events.Report(Shop, "InvalidTrigger shop", [BadPort]);

        var told = Assert.Single(await stage.EventsAsync(1));
        Assert.Equal("Warning", told.Type);
        Assert.Equal("InvalidTrigger", told.Reason);
        Assert.Equal(BadPort.Message, told.Message);
        Assert.Equal("wakegate-interceptor", told.Source.Component);
        Assert.Equal(1, told.Count);
        Assert.Equal(stage.Clock.GetUtcNow().UtcDateTime, told.LastTimestamp);
        var about = told.InvolvedObject;
        Assert.Equal(("keda.sh/v1alpha1", "ScaledObject", "shop", Namespace, "uid-shop"), (about.ApiVersion, about.Kind, about.Name, about.NamespaceProperty, about.Uid));
    }

    [Fact(Timeout = 60_000)]
    public async Task AllThatIsWrongWithAKey_IsOneEvent()
    {
        await using var stage = await Stage.StartAsync();

        stage.Events.Report(Shop, "HostTaken a.test", [new("hosts", "a.test", "a.test is taken.")]);
        stage.Events.Report(Shop, "HostTaken b.test", [new("hosts", "b.test", "b.test is taken."), new("hosts", "b.test", "And so is its path.")]);
        await stage.UntilAsync(e => e.Message == "a.test is taken. b.test is taken. And so is its path.");
        stage.Events.Report(Shop, "HostTaken b.test", []);
        await stage.UntilAsync(e => e.Message == "a.test is taken.");

        Assert.Equal("Warning", Assert.Single(await stage.EventsAsync(1)).Type);
    }

    [Fact(Timeout = 60_000)]
    public async Task SeveralReplicas_WriteOneEvent()
    {
        await using var stage = await Stage.StartAsync();
        await using var other = await Stage.StartAsync(stage.Api);

        stage.Events.Report(Shop, "InvalidTrigger shop", [BadPort]);
        other.Events.Report(Shop, "InvalidTrigger shop", [BadPort]);

        await stage.UntilAsync(e => e.Count == 2);
        Assert.Single(await stage.EventsAsync(1));
    }

    [Fact(Timeout = 60_000)]
    public async Task WhatLasts_IsToldAgainEveryHalfHour()
    {
        await using var stage = await Stage.StartAsync();
        stage.Events.Report(Shop, "InvalidTrigger shop", [BadPort]);
        var first = Assert.Single(await stage.EventsAsync(1));

        stage.Clock.Advance(HalfAnHour);

        var again = await stage.UntilAsync(e => e.Count == 2);
        Assert.Equal(first.Metadata.Name, again.Metadata.Name);
        Assert.Equal(first.FirstTimestamp, again.FirstTimestamp);
        Assert.Equal(first.LastTimestamp + HalfAnHour, again.LastTimestamp);
    }

    [Fact(Timeout = 60_000)]
    public async Task WhatIsReportedUnchanged_IsNotToldAgain()
    {
        await using var stage = await Stage.StartAsync();
        stage.Events.Report(Shop, "InvalidTrigger shop", [BadPort]);
        await stage.EventsAsync(1);

        stage.Events.Report(Shop, "InvalidTrigger shop", [BadPort]);
        stage.Events.Report(Shop, "NoDestination shop", [new("service", "shop", "Service store/shop does not exist.")]);

        // They are written in order: when the last is there, the one before would be too.
        Assert.All(await stage.EventsAsync(2), e => Assert.Equal(1, e.Count));
    }

    [Fact(Timeout = 60_000)]
    public async Task WhatIsMended_IsToldOnceAsNormal()
    {
        await using var stage = await Stage.StartAsync();
        stage.Events.Report(Shop, "InvalidTrigger shop", [BadPort]);
        await stage.EventsAsync(1);

        stage.Events.Report(Shop, "InvalidTrigger shop", []);
        var mended = await stage.UntilAsync(e => e.Type == "Normal");
        stage.Clock.Advance(HalfAnHour);
        stage.Events.Report(Shop, "NoDestination shop", [new("service", "shop", "Service store/shop does not exist.")]);

        Assert.Equal("InvalidTriggerMended", mended.Reason);
        Assert.Equal($"No longer the case: {BadPort.Message}", mended.Message);
        Assert.All(await stage.EventsAsync(3), e => Assert.Equal(1, e.Count));
    }

    [Fact(Timeout = 60_000)]
    public async Task EventThatTheApiServerHasDeleted_IsWrittenAnew()
    {
        await using var stage = await Stage.StartAsync();
        stage.Events.Report(Shop, "InvalidTrigger shop", [BadPort]);
        var first = Assert.Single(await stage.EventsAsync(1));

        await stage.Kubernetes.CoreV1.DeleteNamespacedEventAsync(first.Metadata.Name, Namespace, cancellationToken: Cancellation);
        stage.Clock.Advance(HalfAnHour);

        var again = await stage.UntilAsync(e => e.Metadata.Uid != first.Metadata.Uid);
        Assert.Equal(1, again.Count);
    }

    [Fact(Timeout = 60_000)]
    public async Task DeletedObject_IsToldOfNoMore()
    {
        await using var stage = await Stage.StartAsync();
        await stage.Api.StopListeningAsync();
        stage.Events.Report(Shop, "InvalidTrigger shop", [BadPort]);

        stage.Events.Forget(Shop);
        stage.Events.Know(Shop, "uid-of-another");
        stage.Events.Report(Shop, "NoDestination shop", [new("service", "shop", "Service store/shop does not exist.")]);
        await Eventually.TrueAsync(() => stage.Log.Lines.Count == 1);
        await stage.Api.ListenAsync(Cancellation);
        await stage.AdvancingUntilAsync(e => e.Reason == "NoDestination");

        Assert.Equal("uid-of-another", Assert.Single(await stage.EventsAsync(1)).InvolvedObject.Uid);
    }

    [Theory(Timeout = 60_000)]
    [InlineData(HttpStatusCode.TooManyRequests)]
    [InlineData(HttpStatusCode.ServiceUnavailable)]
    public async Task ApiServerThatCannotNow_IsAskedAgainSoon(HttpStatusCode status)
    {
        await using var stage = await Stage.StartAsync();
        stage.Door.RefuseNext(3, status);

        stage.Events.Report(Shop, "InvalidTrigger shop", [BadPort]);

        await stage.AdvancingUntilAsync(e => e.Reason == "InvalidTrigger");
        Assert.Single(stage.Log.Lines);
    }

    [Fact(Timeout = 60_000)]
    public async Task ApiServerThatDoesNotAnswer_IsAskedAgainSoon()
    {
        await using var stage = await Stage.StartAsync();
        var stall = stage.Api.Faults.Stall();
        stage.Events.Report(Shop, "InvalidTrigger shop", [BadPort]);
        await Eventually.TrueAsync(() =>
        {
            stage.Clock.Advance(TimeSpan.FromSeconds(1));
            return stage.Log.Lines.Count == 1;
        });

        stall.Dispose();

        await stage.AdvancingUntilAsync(e => e.Reason == "InvalidTrigger");
    }

    [Fact(Timeout = 60_000)]
    public async Task WithoutPermission_TheLogSaysSoOnce()
    {
        await using var stage = await Stage.StartAsync();
        stage.Door.RefuseNext(20, HttpStatusCode.Forbidden);

        for (var i = 0; i < 21; i++)
        {
            stage.Report($"object-{i}");
        }

        Assert.Equal("object-20", Assert.Single(await stage.EventsAsync(1)).InvolvedObject.Name);
        Assert.Contains("Events cannot be written", Assert.Single(stage.Log.Lines), StringComparison.Ordinal);
    }

    [Fact(Timeout = 60_000)]
    public async Task ManyProblems_AreToldAtABoundedPaceAndAllOfThem()
    {
        await using var stage = await Stage.StartAsync();

        for (var i = 0; i < 400; i++)
        {
            stage.Report($"object-{i}");
        }

        // The clock stands still: no more than the burst can come, however long one waits.
        await stage.EventsAsync(101);
        stage.Clock.Advance(TimeSpan.FromSeconds(1));
        Assert.InRange((await stage.EventsAsync(110)).Count, 110, 111);
        await Eventually.TrueAsync(async () =>
        {
            stage.Clock.Advance(TimeSpan.FromSeconds(1));
            return (await stage.ListAsync()).Count == 400;
        });
    }

    [Fact(Timeout = 60_000)]
    public async Task LongTexts_AreCutToWhatAnEventHolds()
    {
        await using var stage = await Stage.StartAsync();
        var name = new ObjectName(Namespace, new string('a', 253));
        stage.Events.Know(name, "uid");

        stage.Events.Report(name, "InvalidTrigger shop", [new("hosts", "", new string('x', 5_000))]);

        var told = Assert.Single(await stage.EventsAsync(1));
        Assert.Equal(1024, told.Message.Length);
        Assert.InRange(told.Metadata.Name.Length, 200, 253);
    }

    private sealed class Stage : IAsyncDisposable
    {
        private readonly bool ownsApi;
        private readonly Kubernetes client;
        private readonly EventWriter writer;

        private Stage(InMemoryApi api, bool ownsApi)
        {
            Api = api;
            this.ownsApi = ownsApi;
            Kubernetes = api.CreateClient();
            client = new Kubernetes(new() { Host = api.Address.ToString(), FirstMessageHandlerSetup = PooledStream.Use }, Door);
            writer = new(Events, client, Clock, Log);
        }

        public InMemoryApi Api { get; }

        public IKubernetes Kubernetes { get; }

        public FakeTimeProvider Clock { get; } = new(DateTimeOffset.UnixEpoch.AddYears(56));

        public ScaledObjectEvents Events { get; } = new();

        public LogLines Log { get; } = new();

        /// <summary>Between the writer and the API server.</summary>
        public Door Door { get; } = new();

        /// <summary>One replica's part that tells of ScaledObjects; it knows one, <see cref="Shop"/>.</summary>
        public static async Task<Stage> StartAsync(InMemoryApi? shared = null)
        {
            var api = shared ?? await InMemoryApi.StartAsync(new IPEndPoint(IPAddress.Loopback, FreePort.Find()), TimeProvider.System);
            var stage = new Stage(api, shared is null);
            stage.Events.Know(Shop, "uid-shop");
            await stage.writer.StartAsync(Cancellation);
            return stage;
        }

        public void Report(string name)
        {
            var scaled = new ObjectName(Namespace, name);
            Events.Know(scaled, $"uid-{name}");
            Events.Report(scaled, $"InvalidTrigger {name}", [BadPort]);
        }

        public async Task<IList<Corev1Event>> ListAsync() =>
            (await Kubernetes.CoreV1.ListNamespacedEventAsync(Namespace, cancellationToken: Cancellation)).Items;

        /// <summary>Waits for so many Events.</summary>
        public async Task<IList<Corev1Event>> EventsAsync(int count)
        {
            await Eventually.TrueAsync(async () => (await ListAsync()).Count >= count);
            return await ListAsync();
        }

        public async Task<Corev1Event> UntilAsync(Func<Corev1Event, bool> condition)
        {
            Corev1Event? found = null;
            await Eventually.TrueAsync(async () => (found = (await ListAsync()).FirstOrDefault(condition)) is not null);
            return found!;
        }

        /// <summary>As <see cref="UntilAsync"/>, while the clock goes on.</summary>
        public Task AdvancingUntilAsync(Func<Corev1Event, bool> condition) => Eventually.TrueAsync(async () =>
        {
            Clock.Advance(TimeSpan.FromSeconds(1));
            try
            {
                return (await ListAsync()).Any(condition);
            }
            catch (k8s.Autorest.HttpOperationException)
            {
                return false;
            }
        });

        public async ValueTask DisposeAsync()
        {
            await writer.StopAsync(CancellationToken.None);
            writer.Dispose();
            client.Dispose();
            Kubernetes.Dispose();
            if (ownsApi)
            {
                await Api.DisposeAsync();
            }
        }
    }

    private sealed class Door : DelegatingHandler
    {
        private HttpStatusCode answer;
        private int refusals;

        public void RefuseNext(int requests, HttpStatusCode status) => (answer, refusals) = (status, requests);

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            Interlocked.Decrement(ref refusals) < 0
                ? base.SendAsync(request, cancellationToken)
                : Task.FromResult(new HttpResponseMessage(answer) { RequestMessage = request, Content = new StringContent("{}") });
    }

    private sealed class LogLines : ILogger<EventWriter>
    {
        private readonly List<string> lines = [];

        public IReadOnlyList<string> Lines
        {
            get
            {
                lock (lines)
                {
                    return [.. lines];
                }
            }
        }

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lock (lines)
            {
                lines.Add(formatter(state, exception));
            }
        }
    }
}
