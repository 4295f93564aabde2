using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Wakegate.Interceptor.Watching;

/// <summary>A page of a list.</summary>
internal sealed record ResourceList<T>
    where T : Resource
{
    public Metadata Metadata { get; init; } = new();

    public Read<T>[]? Items { get; init; }
}

/// <summary>A line of a watch.</summary>
internal sealed record WatchEvent<T>
    where T : Resource
{
    public string Type { get; init; } = "";

    public Read<T> Object { get; init; }
}

/// <summary>An object, or what is known of one that could not be read.</summary>
/// <param name="Object">Null where it could not be read.</param>
/// <param name="Metadata">Empty where not even that could be read.</param>
/// <param name="Error">Why it could not.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Read<T>(T? Object, Metadata Metadata, string? Error)
    where T : Resource;

/// <summary>Reads one object so that one which cannot be read hides none of the others in its list, and does not end its watch.</summary>
internal sealed class ReadConverter<T> : JsonConverter<Read<T>>
    where T : Resource
{
    public override Read<T> Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var start = reader;
        if (TryRead<T>(ref reader, options, out var read, out var error))
        {
            return new(read, read.Metadata, null);
        }

        reader = start;
        reader.TrySkip();
        return new(null, TryRead<Stub>(ref start, options, out var stub, out _) ? stub.Metadata : new(), error);
    }

    public override void Write(Utf8JsonWriter writer, Read<T> value, JsonSerializerOptions options) => throw new NotSupportedException();

    private static bool TryRead<TRead>(
        ref Utf8JsonReader reader, JsonSerializerOptions options, [NotNullWhen(true)] out TRead? read, [NotNullWhen(false)] out string? error)
    {
        try
        {
            read = JsonSerializer.Deserialize(ref reader, (JsonTypeInfo<TRead>)options.GetTypeInfo(typeof(TRead)));
            error = read is null ? "It is null." : null;
            return read is not null;
        }
        catch (JsonException failed)
        {
            (read, error) = (default, failed.Message);
            return false;
        }
    }
}

/// <summary>Of an object that cannot be read, what says which it is.</summary>
internal sealed record Stub
{
    public Metadata Metadata { get; init; } = new();
}

/// <summary>
/// A trigger's metadata. Other scalers' triggers are not ours to judge: what is no text is kept as it was written, so that it does not hide
/// ours beside it.
/// </summary>
internal sealed class TextMapConverter : JsonConverter<Dictionary<string, string>>
{
    public override Dictionary<string, string>? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        using var json = JsonDocument.ParseValue(ref reader);
        if (json.RootElement.ValueKind != JsonValueKind.Object)
        {
            return null;
        }

        var map = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var entry in json.RootElement.EnumerateObject())
        {
            map[entry.Name] = entry.Value.ToString();
        }

        return map;
    }

    public override void Write(Utf8JsonWriter writer, Dictionary<string, string> value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        foreach (var (key, text) in value)
        {
            writer.WriteString(key, text);
        }

        writer.WriteEndObject();
    }
}

[JsonSerializable(typeof(ResourceList<ScaledObject>))]
[JsonSerializable(typeof(ResourceList<Service>))]
[JsonSerializable(typeof(ResourceList<EndpointSlice>))]
[JsonSerializable(typeof(ResourceList<PodObject>))]
[JsonSerializable(typeof(WatchEvent<ScaledObject>))]
[JsonSerializable(typeof(WatchEvent<Service>))]
[JsonSerializable(typeof(WatchEvent<EndpointSlice>))]
[JsonSerializable(typeof(WatchEvent<PodObject>))]
[JsonSerializable(typeof(ScaledObject))]
[JsonSerializable(typeof(Service))]
[JsonSerializable(typeof(EndpointSlice))]
[JsonSerializable(typeof(PodObject))]
[JsonSerializable(typeof(Deployment))]
[JsonSerializable(typeof(EventList))]
[JsonSerializable(typeof(Stub))]
[JsonSerializable(typeof(Status))]
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    RespectNullableAnnotations = true,
    Converters = [typeof(ReadConverter<ScaledObject>), typeof(ReadConverter<Service>), typeof(ReadConverter<EndpointSlice>), typeof(ReadConverter<PodObject>)])]
internal sealed partial class ResourceContext : JsonSerializerContext
{
    public static JsonTypeInfo<T> Info<T>() => (JsonTypeInfo<T>)Default.GetTypeInfo(typeof(T))!;
}
