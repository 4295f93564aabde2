using System.Net;
using System.Threading.Channels;
using k8s;
using k8s.Autorest;

namespace Wakegate.Local.Controllers;

/// <summary>
/// Tells a controller that something changed, never what: it then reads the API's present state, so that a lost or repeated event does no
/// harm. However many changes come while it is busy, it is told once.
/// </summary>
internal sealed class Changes
{
    private static readonly TimeSpan Backoff = TimeSpan.FromMilliseconds(500);

    private readonly TimeProvider clock;
    private readonly List<Func<CancellationToken, Task>> followers = [];
    private readonly Channel<bool> signal = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    public Changes(TimeProvider clock) => this.clock = clock;

    /// <summary>Adds a kind of object to those whose changes matter.</summary>
    /// <param name="list">Finds the version at which the kind's objects are now.</param>
    /// <param name="watch">Follows them from a version on.</param>
    public Changes Of<T>(
        Func<CancellationToken, Task<string>> list,
        Func<string, CancellationToken, IAsyncEnumerable<(WatchEventType Type, T Object)>> watch)
    {
        followers.Add(stopping => FollowAsync(list, watch, stopping));
        return this;
    }

    /// <summary>
    /// Runs the reconciliation once, and again after each change until it is cancelled. One that could not be completed, because the API is
    /// away or an object has changed meanwhile, runs again a moment later.
    /// </summary>
    /// <param name="reconcile">Brings the API's objects closer to what they should be.</param>
    /// <param name="failed">Told of each reconciliation that could not be completed.</param>
    /// <param name="stopping">Ends it, and everything it follows.</param>
    public async Task DriveAsync(Func<CancellationToken, Task> reconcile, Action<Exception> failed, CancellationToken stopping)
    {
        var following = followers.Select(follow => follow(stopping)).ToList();
        try
        {
            Signal();
            await foreach (var _ in signal.Reader.ReadAllAsync(stopping))
            {
                if (await TryAsync(reconcile, failed, stopping))
                    continue;
                await Task.Delay(Backoff, clock, stopping);
                Signal();
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            await Task.WhenAll(following);
        }
    }

    private static async Task<bool> TryAsync(Func<CancellationToken, Task> reconcile, Action<Exception> failed, CancellationToken stopping)
    {
        try
        {
            await reconcile(stopping);
            return true;
        }
        catch (HttpOperationException conflict) when (conflict.Response.StatusCode is HttpStatusCode.Conflict or HttpStatusCode.NotFound)
        {
            // Someone else was quicker, as happens every day; the next look sees what they did.
            return false;
        }
        catch (Exception failure) when (IsPassing(failure, stopping))
        {
            failed(failure);
            return false;
        }
    }

    // A watch that breaks is not resumed but begun again with a list: what happened in between is then part of the present state.
    private async Task FollowAsync<T>(
        Func<CancellationToken, Task<string>> list,
        Func<string, CancellationToken, IAsyncEnumerable<(WatchEventType Type, T Object)>> watch,
        CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                var version = await list(stopping);
                Signal();
                await foreach (var _ in watch(version, stopping))
                    Signal();
            }
            catch (Exception failure) when (IsPassing(failure, stopping))
            {
                await Task.Delay(Backoff, clock, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
        }
    }

    private static bool IsPassing(Exception failure, CancellationToken stopping) =>
        failure is HttpOperationException or HttpRequestException or IOException or KubernetesException
        || failure is OperationCanceledException && !stopping.IsCancellationRequested;

    private void Signal() => signal.Writer.TryWrite(true);
}
