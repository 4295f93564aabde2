using System.Text.Json.Nodes;

namespace Wakegate.Local.Api;

/// <summary>What is wrong with one field of an object.</summary>
internal readonly record struct FieldError(string Field, string Problem)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Field}: {Problem}";
}

/// <summary>A refusal, in the words of the real API server: clients decide by code and reason, people by the message.</summary>
internal sealed record Failure(int Code, string Reason, string Message)
{
    private JsonObject? Details { get; init; }

    public static Failure NotFound(ObjectKey key) => About(key, 404, "NotFound", $"{key.Kind.QualifiedPlural} \"{key.Name}\" not found");

    public static Failure NoSuchResource() => new(404, "NotFound", "the server could not find the requested resource");

    public static Failure AlreadyExists(ObjectKey key) =>
        About(key, 409, "AlreadyExists", $"{key.Kind.QualifiedPlural} \"{key.Name}\" already exists");

    public static Failure Conflict(ObjectKey key, string why) =>
        About(key, 409, "Conflict", $"Operation cannot be fulfilled on {key.Kind.QualifiedPlural} \"{key.Name}\": {why}");

    public static Failure Modified(ObjectKey key) =>
        Conflict(key, "the object has been modified; please apply your changes to the latest version and try again");

    /// <summary>The object is well formed, but says something that cannot be.</summary>
    public static Failure Invalid(ObjectKey key, params IReadOnlyList<FieldError> errors)
    {
        var failure = About(key, 422, "Invalid", $"{key.Kind.QualifiedKind} \"{key.Name}\" is invalid: {string.Join(", ", errors)}");
        // kubectl shows the causes, not the message.
        failure.Details!["kind"] = key.Kind.Kind;
        failure.Details["causes"] = new JsonArray([.. errors.Select(error => new JsonObject
        {
            ["reason"] = "FieldValueInvalid",
            ["message"] = error.Problem,
            ["field"] = error.Field,
        })]);
        return failure;
    }

    public static Failure BadRequest(string message) => new(400, "BadRequest", message);

    public static Failure MethodNotAllowed() =>
        new(405, "MethodNotAllowed", "the server does not allow this method on the requested resource");

    public static Failure UnsupportedMediaType(string message) => new(415, "UnsupportedMediaType", message);

    /// <summary>What was asked for lies before the history that is kept: list again.</summary>
    public static Failure Expired(string message) => new(410, "Expired", message);

    /// <summary>The Status object that carries this over the wire.</summary>
    public JsonObject ToStatus()
    {
        var status = new JsonObject
        {
            ["kind"] = "Status",
            ["apiVersion"] = "v1",
            ["metadata"] = new JsonObject(),
            ["status"] = "Failure",
            ["message"] = Message,
            ["reason"] = Reason,
        };
        if (Details is not null)
            status["details"] = Details.DeepClone();
        status["code"] = Code;
        return status;
    }

    private static Failure About(ObjectKey key, int code, string reason, string message) => new(code, reason, message)
    {
        Details = new JsonObject { ["name"] = key.Name, ["group"] = key.Kind.Group, ["kind"] = key.Kind.Plural },
    };
}
