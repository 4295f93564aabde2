using System.Globalization;

namespace Wakegate.Interceptor.Forwarding;

/// <summary>How much of a response a pod may send over HTTP/2 while its client does not read.</summary>
internal static class PodWindows
{
    private const string Variable = "DOTNET_SYSTEM_NET_HTTP_SOCKETSHTTPHANDLER_FLOWCONTROL_MAXSTREAMWINDOWSIZE";

    /// <summary>In bytes, of a stream: 128 MiB/s where pods are 2 ms away, and about what a connection of HTTP/1.1 buffers.</summary>
    private const int Most = 256 * 1024;

    /// <summary>
    /// A window grows with the pace of what is read, by default up to 16 MiB: so much memory each takes whose client then stops to read. The HTTP client takes the limit from this
    /// variable alone (https://learn.microsoft.com/dotnet/core/runtime-config/networking), which decides where it is set. Call it before the first request.
    /// </summary>
    public static void Limit()
    {
        if (Environment.GetEnvironmentVariable(Variable) is null)
        {
            Environment.SetEnvironmentVariable(Variable, Most.ToString(CultureInfo.InvariantCulture));
        }
    }
}
