using System.Runtime.CompilerServices;
using System.Text.Json;
using k8s;

namespace Wakegate.Interceptor.Watching;

/// <summary>Lists and watches one kind over the official client's connection and credentials, reading of each object only what is used.</summary>
internal sealed class ResourceApi<T>(Kubernetes kubernetes, string path, TimeProvider clock)
    where T : Resource
{
    private const int PageSize = 500;

    /// <summary>
    /// Seconds, longer than bookmarks are apart (a minute), so that the next watch starts from a version that is still known; spread, so that
    /// many watches do not end together.
    /// </summary>
    private const int ShortestWatch = 300, LongestWatch = 600;

    /// <summary>An API server gives up on a request of its own after a minute.</summary>
    private static readonly TimeSpan AnswerTime = TimeSpan.FromSeconds(70);

    /// <summary>Bookmarks come every minute. A watch that is silent for longer may be dead, and resuming one costs next to nothing.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromMinutes(2);

    public string Path => path;

    /// <summary>All objects as of one version, page by page, so that there is never more than a page in memory twice.</summary>
    /// <remarks>
    /// Without a resourceVersion, which is a consistent read. Version 0 would be cheaper for etcd, but it may be answered from the past, which
    /// would bring back pods that are gone, and it is answered in one piece whatever the limit.
    /// </remarks>
    /// <exception cref="HttpRequestException">The API server refused, or could not be reached; 410 where it took too long from page to page.</exception>
    /// <exception cref="TimeoutException">It did not answer.</exception>
    public async IAsyncEnumerable<ResourceList<T>> ListAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (string? next = ""; next is not null;)
        {
            var page = await PageAsync(next.Length == 0 ? "" : $"&continue={Uri.EscapeDataString(next)}", cancellationToken);
            next = string.IsNullOrEmpty(page.Metadata.Continue) ? null : page.Metadata.Continue;
            yield return page;
        }
    }

    /// <summary>What happens after a version, until the server ends the watch or falls silent.</summary>
    /// <param name="version">Of a list, or of what a watch brought last.</param>
    /// <param name="opened">Called when the server has taken the watch: the first change may be far off.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="HttpRequestException">The API server refused, or could not be reached.</exception>
    /// <exception cref="TimeoutException">It did not answer.</exception>
    public async IAsyncEnumerable<WatchEvent<T>> WatchAsync(string version, Action opened, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var time = Random.Shared.Next(ShortestWatch, LongestWatch);
        var query = $"watch=true&allowWatchBookmarks=true&timeoutSeconds={time}&resourceVersion={version}";
        using var silent = new CancellationTokenSource(AnswerTime, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(silent.Token, cancellationToken);
        using var response = await InTimeAsync(() => kubernetes.GetAsync($"{path}?{query}", either.Token), silent);
        opened();
        await using var stream = await response.Content.ReadAsStreamAsync(either.Token);
        await using var changes = JsonSerializer
            .DeserializeAsyncEnumerable(stream, ResourceContext.Info<WatchEvent<T>>(), topLevelValues: true, either.Token).GetAsyncEnumerator(either.Token);
        while (true)
        {
            silent.CancelAfter(Silence);
            try
            {
                if (!await changes.MoveNextAsync())
                {
                    yield break;
                }
            }
            catch (OperationCanceledException) when (silent.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
            {
                yield break;
            }

            if (changes.Current is { } change)
            {
                yield return change;
            }
        }
    }

    private async Task<ResourceList<T>> PageAsync(string continuation, CancellationToken cancellationToken)
    {
        using var late = new CancellationTokenSource(AnswerTime, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, cancellationToken);
        return await InTimeAsync(() => kubernetes.ReadAsync<ResourceList<T>>($"{path}?limit={PageSize}{continuation}", either.Token), late);
    }

    private static async Task<TAnswer> InTimeAsync<TAnswer>(Func<Task<TAnswer>> ask, CancellationTokenSource late)
    {
        try
        {
            return await ask();
        }
        catch (OperationCanceledException cancelled) when (late.IsCancellationRequested)
        {
            throw new TimeoutException($"The API server did not answer within {AnswerTime.TotalSeconds:0} s.", cancelled);
        }
    }
}
