using System.Buffers;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Wakegate.Local.Api;

/// <summary>Puts what happened into the words of one watch: its selector, and objects or rows of a table.</summary>
internal sealed class WatchEvents(HttpRequest request, ResourceKind kind, Selector selector, TimeProvider clock)
{
    private readonly bool asTable = Answers.WantsTable(request);
    private readonly string? includeObject = Answers.IncludeObject(request);

    public void Write(IBufferWriter<byte> body, Notice notice)
    {
        if (notice is StoreEvent written && TypeOf(written) is { } type)
            Write(body, type, asTable ? Table.Of(written.After, clock.GetUtcNow(), includeObject) : written.After.Edit());
        else if (notice is Bookmark bookmark)
            Write(body, "BOOKMARK", Marker(bookmark.Version));
    }

    public static void Write(IBufferWriter<byte> body, string type, JsonObject json)
    {
        using (var writer = new Utf8JsonWriter(body))
        {
            writer.WriteStartObject();
            writer.WriteString("type", type);
            writer.WritePropertyName("object");
            json.WriteTo(writer);
            writer.WriteEndObject();
        }

        body.Write("\n"u8);
    }

    // To a watch with a selector, an object begins when it comes to match and ends when it no longer does.
    private string? TypeOf(StoreEvent written)
    {
        var before = written.Before is { } was && selector.Matches(was);
        var after = !written.Removed && selector.Matches(written.After);
        return (before, after) switch
        {
            (false, true) => "ADDED",
            (true, true) => "MODIFIED",
            (true, false) => "DELETED",
            _ => null,
        };
    }

    private JsonObject Marker(long version)
    {
        var metadata = new JsonObject { ["resourceVersion"] = version.ToString(CultureInfo.InvariantCulture), ["creationTimestamp"] = null };
        return asTable
            ? Table.Of(kind, [], clock.GetUtcNow(), includeObject, metadata)
            : new JsonObject { ["kind"] = kind.Kind, ["apiVersion"] = kind.ApiVersion, ["metadata"] = metadata };
    }
}
