using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Wakegate.Interceptor.Forwarding;

/// <summary>The headers that <c>Connection</c> names are meant for whoever is next, and end here (RFC 9110, section 7.6.1).</summary>
internal static class ConnectionHeader
{
    // What it names as a rule, and what nobody can take from a message by naming it: the server and the client see to those.
    private static readonly string[] Others =
    [
        "close", HeaderNames.KeepAlive, HeaderNames.Upgrade, HeaderNames.TE, HeaderNames.Connection, HeaderNames.Host, HeaderNames.ContentLength, HeaderNames.TransferEncoding,
    ];

    /// <summary>
    /// Takes those headers away. Of a request that Kestrel has found <c>close</c> or <c>keep-alive</c> in, that is all that it leaves of the header: what that names besides is not known.
    /// </summary>
    public static void RemoveNamed(StringValues connection, IHeaderDictionary headers)
    {
        foreach (var value in connection)
        {
            foreach (var part in value.AsSpan().Split(','))
            {
                var name = value.AsSpan(part).Trim();
                if (!name.IsEmpty && !IsOther(name))
                {
                    headers.Remove(name.ToString());
                }
            }
        }
    }

    private static bool IsOther(ReadOnlySpan<char> name)
    {
        foreach (var other in Others)
        {
            if (name.Equals(other, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }
}
