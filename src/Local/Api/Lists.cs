using System.Buffers.Text;
using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Wakegate.Local.Api;

/// <summary>LIST: all objects of a kind that a selector matches, in pages where the client sets a limit.</summary>
internal sealed class Lists(Store store, TimeProvider clock)
{
    private static readonly Failure TooOld = Failure.Expired(
        "The provided continue parameter is too old to display a consistent list result. "
        + "You must start a new list without the continue parameter.");

    public async Task AnswerAsync(HttpContext context, ResourcePath path, Selector selector)
    {
        var snapshot = store.Current;
        var matching = snapshot.List(path.Kind, path.Namespace).Where(selector.Matches);
        var version = snapshot.Version;
        if (context.Request.Query["continue"].ToString() is { Length: > 0 } token)
        {
            if (Continuation.Parse(token) is not { } from)
                await Answers.WriteAsync(context, Failure.BadRequest("continue key is not valid"));
            else if (!store.Remembers(from.Version))
                await Answers.WriteAsync(context, TooOld);
            else
                await WriteAsync(context, path.Kind, matching.Where(stored => from.IsBefore(stored.Key)), from.Version);
            return;
        }

        await WriteAsync(context, path.Kind, matching, version);
    }

    // A later page shows newer objects, but carries the version of the first: a watch from there repeats what the client may have missed.
    private async Task WriteAsync(HttpContext context, ResourceKind kind, IEnumerable<StoredObject> matching, long version)
    {
        var objects = matching.ToList();
        var metadata = new JsonObject { ["resourceVersion"] = version.ToString(CultureInfo.InvariantCulture) };
        if (int.TryParse(context.Request.Query["limit"], CultureInfo.InvariantCulture, out var limit) && limit > 0 && objects.Count > limit)
        {
            metadata["continue"] = new Continuation(version, objects[limit - 1].Key.Namespace, objects[limit - 1].Key.Name).ToString();
            metadata["remainingItemCount"] = objects.Count - limit;
            objects.RemoveRange(limit, objects.Count - limit);
        }

        if (Answers.WantsTable(context.Request))
            await Answers.WriteAsync(
                context, 200, Table.Of(kind, objects, clock.GetUtcNow(), Answers.IncludeObject(context.Request), metadata));
        else
            await WriteObjectsAsync(context, kind, metadata, objects);
    }

    private static async Task WriteObjectsAsync(HttpContext context, ResourceKind kind, JsonObject metadata, List<StoredObject> objects)
    {
        context.Response.ContentType = "application/json";
        await using var writer = new Utf8JsonWriter(context.Response.BodyWriter);
        writer.WriteStartObject();
        writer.WriteString("kind", $"{kind.Kind}List");
        writer.WriteString("apiVersion", kind.ApiVersion);
        writer.WritePropertyName("metadata");
        metadata.WriteTo(writer);
        writer.WriteStartArray("items");
        foreach (var stored in objects)
            stored.Json.WriteTo(writer);
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    /// <summary>Where the next page begins: after this key, in the list that began at this version.</summary>
    private sealed record Continuation(long Version, string Namespace, string Name)
    {
        public static Continuation? Parse(string token)
        {
            try
            {
                return JsonSerializer.Deserialize<Continuation>(Base64Url.DecodeFromChars(token));
            }
            catch (Exception malformed) when (malformed is FormatException or JsonException)
            {
                return null;
            }
        }

        public bool IsBefore(ObjectKey key) => ObjectKey.Order.Compare(key with { Namespace = Namespace, Name = Name }, key) < 0;

        public override string ToString() => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(JsonSerializer.Serialize(this)));
    }
}
