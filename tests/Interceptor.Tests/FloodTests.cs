
namespace Wakegate.Interceptor.Tests;

/// <summary>Looks at the process's memory, so nothing may run beside it.</summary>
[CollectionDefinition(nameof(FloodTests), DisableParallelization = true)]
[Collection(nameof(FloodTests))]
public class FloodTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory(Timeout = 240_000)]
    [InlineData("1.1", 4, 2_500)]
    [InlineData("2.0", 1, 10_000)]
    public async Task TenThousandClientsThatComeAndLeave_LeaveNothingBehind(string version, int waves, int clients)
    {
        await using var app = await InterceptorApp.StartAsync(Trigger.Shop(("maxHeldRequests", "20000")));
        await ComeAndLeaveAsync(app, Version.Parse(version), clients);
        var before = Memory();

        for (var wave = 0; wave < waves; wave++)
        {
            await ComeAndLeaveAsync(app, Version.Parse(version), clients);
        }

        Assert.Equal(0, app.Budget.Requests);
        Assert.Equal((0, 0, 0), (app.Route().Counts.Pending, app.Route().Counts.Waking, app.Route().Counts.Queued));

        // The last connections may still be closing. What is kept of each request would be more than this.
        await Testing.Eventually.TrueAsync(() => Memory() - before < waves * clients * 256L);
    }

    private static async Task ComeAndLeaveAsync(InterceptorApp app, Version version, int clients)
    {
        using (var client = app.CreateClient(version))
        using (var leaving = new CancellationTokenSource())
        {
            var held = Enumerable.Range(0, clients).Select(_ => client.SendAsync(new(HttpMethod.Get, "http://shop.test/"), leaving.Token)).ToList();
            await app.HeldAsync(clients);
            await leaving.CancelAsync();
            await Task.WhenAll(held).ContinueWith(_ => { }, TaskScheduler.Default);
        }

        await app.HeldAsync(0);
        await app.PendingAsync(0);
    }

    /// <summary>In bytes; without the pools of network buffers, which stay as large as they once had to be, and that is a matter of chance.</summary>
    private static long Memory()
    {
        const int Pinned = 4;
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        var generations = GC.GetGCMemoryInfo(GCKind.FullBlocking).GenerationInfo[..Pinned].ToArray();
        return generations.Sum(generation => generation.SizeAfterBytes - generation.FragmentationAfterBytes);
    }
}
