using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Wakegate.Local.Api;

/// <summary>Everything below <c>/api/v1/</c> and <c>/apis/&lt;group&gt;/&lt;version&gt;/</c>: finds the verb that method and path make.</summary>
internal sealed class ResourceEndpoints(Store store, Writes writes, Lists lists, WatchStream watches, TimeProvider clock)
{
    public Task AnswerAsync(HttpContext context)
    {
        if (ResourcePath.Parse(context.Request.Path) is not { } path)
            return Answers.WriteAsync(context, Failure.NoSuchResource());
        return (context.Request.Method, path.Name) switch
        {
            ("GET", null) => SelectAsync(context, path),
            ("GET", _) => GetAsync(context, path),
            ("POST", null) when path.Namespace is not null || !path.Kind.Namespaced => CreateAsync(context, path),
            ("PUT", not null) => ReplaceAsync(context, path),
            ("PATCH", not null) => PatchAsync(context, path),
            ("DELETE", not null) when path.Subresource is null => DeleteAsync(context, path),
            _ => Answers.WriteAsync(context, Failure.MethodNotAllowed()),
        };
    }

    private Task SelectAsync(HttpContext context, ResourcePath path)
    {
        var query = context.Request.Query;
        if (!Selector.Parse(path.Kind, query["labelSelector"], query["fieldSelector"]).Succeeded(out var selector, out var failure))
            return Answers.WriteAsync(context, failure);
        return query["watch"].ToString() is "true" or "1"
            ? watches.AnswerAsync(context, path, selector)
            : lists.AnswerAsync(context, path, selector);
    }

    private Task GetAsync(HttpContext context, ResourcePath path)
    {
        if (store.Current.Find(path.Key) is not { } stored)
            return Answers.WriteAsync(context, Failure.NotFound(path.Key));
        return AnswerAsync(context, path, 200, stored);
    }

    private async Task CreateAsync(HttpContext context, ResourcePath path)
    {
        if (!(await ReadAsync(context)).Succeeded(out var json, out var failure))
            await Answers.WriteAsync(context, failure);
        else if (FieldValidation.Refuse(context, path.Kind, json) is { } unknown)
            await Answers.WriteAsync(context, unknown);
        else
            await AnswerAsync(context, path, 201, writes.Create(path, json, IsDryRun(context)));
    }

    private async Task ReplaceAsync(HttpContext context, ResourcePath path)
    {
        if (!(await ReadAsync(context)).Succeeded(out var json, out var failure))
            await Answers.WriteAsync(context, failure);
        else if (path.Subresource is null && FieldValidation.Refuse(context, path.Kind, json) is { } unknown)
            await Answers.WriteAsync(context, unknown);
        else
            await AnswerAsync(context, path, 200, writes.Update(path, _ => json, IsDryRun(context)));
    }

    private async Task PatchAsync(HttpContext context, ResourcePath path)
    {
        var body = await JsonBody.ReadAsync(context.Request);
        if (!PatchDocument.Parse(context.Request.ContentType, path.Kind, body).Succeeded(out var patch, out var failure))
        {
            await Answers.WriteAsync(context, failure);
            return;
        }

        await AnswerAsync(context, path, 200, writes.Update(path, Checked, IsDryRun(context)));

        Outcome<JsonObject> Checked(JsonObject target)
        {
            var outcome = patch(target);
            if (path.Subresource is not null || !outcome.Succeeded(out var patched, out _))
                return outcome;
            return FieldValidation.Refuse(context, path.Kind, patched) is { } unknown ? unknown : outcome;
        }
    }

    private async Task DeleteAsync(HttpContext context, ResourcePath path)
    {
        if (!(await ReadAsync(context)).Succeeded(out var options, out var failure))
        {
            await Answers.WriteAsync(context, failure);
            return;
        }

        var dryRun = IsDryRun(context) || options["dryRun"] is JsonArray { Count: > 0 };
        var outcome = writes.Delete(path, Options(context.Request, options), dryRun);
        // The object itself where it stays for a while, and where its kind always shows it; otherwise just that it is done.
        if (outcome.Succeeded(out var stored, out _) && !path.Kind.ReturnsDeleted && stored.Json.At("metadata.deletionTimestamp") is null)
            await Answers.WriteAsync(context, 200, Deleted(stored));
        else
            await AnswerAsync(context, path, 200, outcome);
    }

    private static DeleteOptions Options(HttpRequest request, JsonObject body) => new(
        long.TryParse(request.Query["gracePeriodSeconds"], CultureInfo.InvariantCulture, out var seconds)
            ? seconds
            : body["gracePeriodSeconds"].Integer(),
        (string?)body["preconditions"]?["uid"],
        (string?)body["preconditions"]?["resourceVersion"]);

    private static JsonObject Deleted(StoredObject stored) => new()
    {
        ["kind"] = "Status",
        ["apiVersion"] = "v1",
        ["metadata"] = new JsonObject(),
        ["status"] = "Success",
        ["details"] = new JsonObject
        {
            ["name"] = stored.Key.Name,
            ["group"] = stored.Key.Kind.Group,
            ["kind"] = stored.Key.Kind.Plural,
            ["uid"] = stored.Json.Text("metadata.uid"),
        },
    };

    private static bool IsDryRun(HttpContext context) => context.Request.Query["dryRun"] == "All";

    private static async Task<Outcome<JsonObject>> ReadAsync(HttpContext context)
    {
        var type = context.Request.ContentType?.Split(';')[0];
        if (type is "application/vnd.kubernetes.protobuf")
            return Failure.UnsupportedMediaType("protobuf is not supported here: give kubectl the object as a file (kubectl create -f)");
        if (type is not (null or "" or "application/json"))
            return Failure.UnsupportedMediaType(
                $"the body of the request was in an unknown format ({type}) - accepted media types include: application/json");
        try
        {
            var body = await JsonBody.ReadAsync(context.Request);
            return body.Length == 0 ? new JsonObject() : JsonBody.Parse(body);
        }
        catch (JsonException malformed)
        {
            return Failure.BadRequest($"the body cannot be read: {malformed.Message}");
        }
    }

    private Task AnswerAsync(HttpContext context, ResourcePath path, int code, Outcome<StoredObject> outcome) =>
        !outcome.Succeeded(out var stored, out var failure) ? Answers.WriteAsync(context, failure)
        : path.Subresource is "scale" ? Answers.WriteAsync(context, code, Scale.Of(stored))
        : Answers.WriteAsync(context, code, stored, clock.GetUtcNow());
}
