using System.Text.Json.Nodes;

namespace Wakegate.Local.Api;

/// <summary>The verbs that change something, on parsed bodies.</summary>
internal sealed class Writes(Store store, TimeProvider clock)
{
    /// <summary>Makes the Namespace where there is none: nobody has to create one before using it, as a cluster would demand.</summary>
    public void EnsureNamespace(string name)
    {
        var key = new ObjectKey(ResourceKinds.Namespace, "", name);
        var json = new JsonObject { ["kind"] = "Namespace", ["apiVersion"] = "v1" };
        if (store.Current.Find(key) is null)
            store.Apply(key, current => Creation.Of(key, current, json, clock.GetUtcNow()));
    }

    public Outcome<StoredObject> Create(ResourcePath path, JsonObject json, bool dryRun)
    {
        if (RefuseEnvelope(path, json) is { } failure)
            return failure;
        var key = path with { Name = Creation.Name(json) };
        var outcome = store.Apply(key.Key, current => Creation.Of(key.Key, current, json, clock.GetUtcNow()), dryRun);
        if (!dryRun && path.Namespace is not null && outcome.Succeeded(out _, out _))
            EnsureNamespace(path.Namespace);
        return outcome;
    }

    /// <summary>Replaces an object, or the part that the path names, by what the edit makes of it as it is at that moment.</summary>
    public Outcome<StoredObject> Update(ResourcePath path, Func<JsonObject, Outcome<JsonObject>> edit, bool dryRun) => store.Apply(
        path.Key,
        current =>
        {
            if (current is null)
                return Failure.NotFound(path.Key);
            var scale = path.Subresource is "scale";
            if (!edit(scale ? Scale.Of(current) : current.Edit()).Succeeded(out var wanted, out var failure))
                return failure;
            return (scale ? null : RefuseEnvelope(path, wanted)) is { } refusal
                ? refusal
                : Replacement.Of(current, scale ? Scale.Apply(current, wanted) : wanted, statusOnly: path.Subresource is "status");
        },
        dryRun);

    /// <summary>Deletes an object; with a Namespace goes all that is in it.</summary>
    public Outcome<StoredObject> Delete(ResourcePath path, DeleteOptions options, bool dryRun)
    {
        var outcome = store.Apply(path.Key, current => Deletion.Of(path.Key, current, options, clock.GetUtcNow()), dryRun);
        if (path.Kind == ResourceKinds.Namespace && !dryRun && outcome.Succeeded(out _, out _))
            foreach (var key in store.Current.Objects.Keys.Where(key => key.Namespace == path.Name))
                store.Apply(key, current => Deletion.Of(key, current, new DeleteOptions(null, null, null), clock.GetUtcNow()));
        return outcome;
    }

    // The official client leaves out what the URL already says; what is said must agree with it.
    private static Failure? RefuseEnvelope(ResourcePath path, JsonObject json)
    {
        var (kind, version) = (json["kind"]?.ToString() ?? path.Kind.Kind, json["apiVersion"]?.ToString() ?? path.Kind.ApiVersion);
        if ((version, kind) != (path.Kind.ApiVersion, path.Kind.Kind))
            return Failure.BadRequest(
                $"the object provided is a {kind} of {version}, and not a {path.Kind.Kind} of {path.Kind.ApiVersion}, which this URL takes");
        if (json.MetaText("namespace") is { Length: > 0 } given && given != path.Namespace)
            return Failure.BadRequest("the namespace of the provided object does not match the namespace sent on the request");
        (json["kind"], json["apiVersion"]) = (kind, version);
        return null;
    }
}
