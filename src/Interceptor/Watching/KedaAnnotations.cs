using System.Text.Json;
using System.Text.Json.Serialization;

namespace Wakegate.Interceptor.Watching;

/// <summary>Keeps KEDA's annotations and passes over all others.</summary>
internal sealed class KedaAnnotations : JsonConverter<Dictionary<string, string>>
{
    private static ReadOnlySpan<byte> Prefix => "autoscaling.keda.sh/"u8;

    public override Dictionary<string, string>? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        Dictionary<string, string>? kept = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.ValueSpan.StartsWith(Prefix) ? reader.GetString() : null;
            reader.Read();
            if (name is null)
            {
                reader.Skip();
            }
            else
            {
                (kept ??= new(StringComparer.Ordinal))[name] = reader.GetString() ?? "";
            }
        }

        return kept;
    }

    public override void Write(Utf8JsonWriter writer, Dictionary<string, string> value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        foreach (var (name, text) in value)
        {
            writer.WriteString(name, text);
        }

        writer.WriteEndObject();
    }
}

/// <summary>A port by number or by name, as text.</summary>
internal sealed class IntOrStringConverter : JsonConverter<string>
{
    public override string? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.Number
            ? reader.GetInt32().ToString(System.Globalization.CultureInfo.InvariantCulture)
            : reader.GetString();

    public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) => writer.WriteStringValue(value);
}
