namespace Wakegate.Interceptor.Routing;

internal static class HostName
{
    /// <summary>A Host header's name: without the port, without the root's trailing dot, an IPv6 address with its brackets.</summary>
    public static ReadOnlySpan<char> WithoutPort(ReadOnlySpan<char> host)
    {
        var end = host.StartsWith('[') ? host.IndexOf(']') + 1 : host.IndexOf(':');
        var name = end > 0 ? host[..end] : host;
        return name.EndsWith('.') ? name[..^1] : name;
    }
}
