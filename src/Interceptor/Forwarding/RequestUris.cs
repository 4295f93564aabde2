using System.Runtime.CompilerServices;

namespace Wakegate.Interceptor.Forwarding;

/// <summary>
/// The URIs of requests to pods. Those that are asked for again and again are kept: the HTTP client takes each apart, which is more than 1 % of what a small request costs.
/// One is kept when it is asked for a second time with nothing else in between that has the same place, so targets that come once push nothing out.
/// </summary>
internal sealed class RequestUris
{
    /// <summary>A power of two. With the longest targets it is 2 MiB.</summary>
    private const int Places = 1024;

    /// <summary>In characters.</summary>
    private const int Longest = 256;

    private static readonly UriCreationOptions AsIs = new() { DangerousDisablePathAndQueryCanonicalization = true };

    // Without a lock: of two threads that write one place, either may be the last.
    private readonly Kept?[] kept = new Kept?[Places];
    private readonly int[] asked = new int[Places];

    /// <param name="prefix">Scheme and authority; known again by its reference, since a pod has one of each kind.</param>
    /// <param name="target">The rest, which is left as it is.</param>
    public Uri Get(string prefix, string target)
    {
        if (target.Length > Longest)
        {
            return new Uri(prefix + target, AsIs);
        }

        var hash = HashCode.Combine(RuntimeHelpers.GetHashCode(prefix), target);
        var place = hash & (Places - 1);
        if (Volatile.Read(ref kept[place]) is { } known && ReferenceEquals(known.Prefix, prefix) && known.Target == target)
        {
            return known.Uri;
        }

        var uri = new Uri(prefix + target, AsIs);
        if (asked[place] == hash)
        {
            Volatile.Write(ref kept[place], new Kept(prefix, target, uri));
        }

        asked[place] = hash;
        return uri;
    }

    private sealed record Kept(string Prefix, string Target, Uri Uri);
}
