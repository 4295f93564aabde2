using Wakegate.Testing.Redis;

namespace Wakegate.EndToEnd.Tests.Live;

/// <summary>
/// One system with the shop for all tests of a class, and a Redis that they may treat badly. The first test starts it: where there is
/// no such Redis, it is tests that are skipped.
/// </summary>
public sealed class SharedSystem : IAsyncDisposable
{
    private Task<LiveSystem>? starting;

    internal Task<LiveSystem> GetAsync() => starting ??= StartAsync();

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (starting is { IsCompletedSuccessfully: true })
            await (await starting).DisposeAsync();
    }

    private static async Task<LiveSystem> StartAsync() =>
        await LiveSystem.StartAsync(await RedisServer.StartForFaultsAsync(), Workload.Shop);
}
