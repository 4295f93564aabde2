using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Wakegate.Interceptor.Page;

internal static class PageFrame
{
    /// <summary>A server-sent event. JSON has no line breaks of its own, so its data is one line.</summary>
    public static byte[] Of<T>(string name, T data, JsonTypeInfo<T> type)
    {
        var json = JsonSerializer.SerializeToUtf8Bytes(data, type);
        return [.. Encoding.ASCII.GetBytes($"event: {name}\ndata: "), .. json, (byte)'\n', (byte)'\n'];
    }
}
