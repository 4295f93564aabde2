using Wakegate.Upstream.Hosting;

namespace Wakegate.Upstream.Http;

/// <summary>What the workload saw of a request.</summary>
/// <param name="Method">The request's method.</param>
/// <param name="Path">The path, decoded.</param>
/// <param name="Query">The query with its question mark, as it came.</param>
/// <param name="Headers">All headers, several of one name joined.</param>
/// <param name="BodySize">Bytes in the body.</param>
/// <param name="Pod">The pod that answered.</param>
/// <param name="Number">The pod's first request is 1: a gap tells of a request whose answer went astray, or that was sent twice.</param>
internal sealed record Echo(
    string Method, string Path, string Query, IReadOnlyDictionary<string, string> Headers, long BodySize, string Pod, long Number)
{
    public static async Task<Echo> OfAsync(HttpRequest request, UpstreamOptions options, long number) => new(
        request.Method,
        request.Path,
        request.QueryString.Value ?? "",
        request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase),
        await CountAsync(request),
        options.PodName,
        number);

    private static async Task<long> CountAsync(HttpRequest request)
    {
        var bytes = 0L;
        while (true)
        {
            var read = await request.BodyReader.ReadAsync(request.HttpContext.RequestAborted);
            bytes += read.Buffer.Length;
            request.BodyReader.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted)
                return bytes;
        }
    }
}
