using System.Text.Json.Nodes;
using Wakegate.Local.Api;

namespace Wakegate.Local.Tests.Api;

public sealed class StoreTests
{
    [Fact(Timeout = 60_000)]
    public async Task ConcurrentWriters_LoseNothingAndEveryWatcherSeesOneOrder()
    {
        const int Writers = 8;
        const int Writes = 50;
        var store = new Store();
        Assert.True(store.Subscribe(ResourceKinds.Pod, null, 0).Succeeded(out var early, out _));

        await Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => Task.Run(
            () =>
            {
                for (var i = 0; i < Writes; i++)
                    store.Apply(Key($"p{i % 5}"), Counted);
            },
            TestContext.Current.CancellationToken)));
        Assert.True(store.Subscribe(ResourceKinds.Pod, null, 0).Succeeded(out var late, out _));

        Assert.Equal(Writers * Writes, store.Current.Version);
        Assert.Equal(Writers * Writes, store.Current.List(ResourceKinds.Pod, "store").Sum(pod => pod.Json.Number("count")));
        var expected = Enumerable.Range(1, Writers * Writes).Select(version => (long)version).ToList();
        Assert.Equal(expected, late.Missed.Select(missed => missed.Version));
        var seen = new List<long>();
        while (early.Notices.TryRead(out var notice))
            seen.Add(notice.Version);
        Assert.Equal(expected, seen);
    }

    [Fact]
    public void HistoryBeyondItsCapacity_IsForgotten()
    {
        var store = new Store(history: 10);
        for (var i = 0; i < 15; i++)
            store.Apply(Key("p"), Counted);

        Assert.False(store.Subscribe(ResourceKinds.Pod, null, 4).Succeeded(out _, out var gone));
        Assert.True(store.Subscribe(ResourceKinds.Pod, null, 5).Succeeded(out var known, out _));

        Assert.Equal((410, "Expired"), (gone.Code, gone.Reason));
        Assert.Equal(10, known.Missed.Count);
    }

    [Fact(Timeout = 60_000)]
    public async Task WatcherThatDoesNotRead_IsCutOffAndHoldsUpNobody()
    {
        var store = new Store();
        Assert.True(store.Subscribe(ResourceKinds.Pod, null, 0).Succeeded(out var slow, out _));

        for (var i = 0; i < 3000; i++)
            store.Apply(Key("p"), Counted);

        Assert.Equal(0, store.Watchers);
        var read = 0;
        await foreach (var _ in slow.Notices.ReadAllAsync(TestContext.Current.CancellationToken))
            read++;
        Assert.InRange(read, 1, 2999);
    }

    [Fact]
    public void DryRun_AnswersButKeepsNothing()
    {
        var store = new Store();

        var outcome = store.Apply(Key("p"), Counted, dryRun: true);

        Assert.True(outcome.Succeeded(out var answer, out _));
        Assert.Equal(1, answer.Json.Number("count"));
        Assert.Empty(store.Current.Objects);
        Assert.Equal(0, store.Current.Version);
    }

    private static ObjectKey Key(string name) => new(ResourceKinds.Pod, "store", name);

    private static Change Counted(StoredObject? current) => new Change.Put(new JsonObject
    {
        ["metadata"] = new JsonObject(),
        ["count"] = (current?.Json.Number("count") ?? 0) + 1,
    });
}
