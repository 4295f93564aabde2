using System.Text.Json.Nodes;

namespace Wakegate.Local.Api;

/// <summary>What becomes of unknown fields: <c>fieldValidation</c> is Ignore, Warn (the default) or Strict (kubectl's).</summary>
internal static class FieldValidation
{
    /// <summary>The refusal of a strict request; one that would be warned gets its warnings as headers.</summary>
    public static Failure? Refuse(HttpContext context, ResourceKind kind, JsonObject json)
    {
        var mode = context.Request.Query["fieldValidation"].ToString();
        if (mode is "Ignore")
            return null;
        var unknown = SchemaCheck.Of(json, kind.Schema).Unknown;
        if (unknown.Count == 0)
            return null;
        if (mode is "Strict")
            return Failure.BadRequest(
                $"{kind.Kind} in version \"{kind.Version}\" cannot be handled as a {kind.Kind}: "
                + $"strict decoding error: {string.Join(", ", unknown)}");

        foreach (var field in unknown)
            context.Response.Headers.Append("Warning", $"299 - \"{field.Replace("\"", "\\\"", StringComparison.Ordinal)}\"");
        return null;
    }
}
