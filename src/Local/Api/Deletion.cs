using System.Text.Json.Nodes;

namespace Wakegate.Local.Api;

/// <summary>
/// What a client says about a deletion. The propagation policy is accepted, and dependents are always left to their controllers.
/// </summary>
internal sealed record DeleteOptions(long? GracePeriodSeconds, string? Uid, string? ResourceVersion);

/// <summary>How an object ends: at once, or, with a finalizer or a running pod, when the last of those who care is done.</summary>
internal static class Deletion
{
    public static Change Of(ObjectKey key, StoredObject? current, DeleteOptions options, DateTimeOffset now)
    {
        if (current is null)
            return Failure.NotFound(key);
        if (current.Contradicts(options.Uid, options.ResourceVersion) is { } conflict)
            return conflict;

        var json = current.Edit();
        var grace = GracePeriod(key, json, options.GracePeriodSeconds);
        if (grace == 0 && !HasFinalizers(json))
            return new Change.Remove(json);
        Schedule(json, grace, now);
        return new Change.Put(json);
    }

    /// <summary>Whether an object that was to be deleted has lost the last reason to stay.</summary>
    public static bool IsDue(JsonObject json) =>
        json.MetaText("deletionTimestamp") is not null && !HasFinalizers(json) && GraceOf(json) == 0;

    private static bool HasFinalizers(JsonObject json) => json.Meta()["finalizers"] is JsonArray { Count: > 0 };

    // Only a pod on a node has someone, its kubelet, who stops it within the grace period and then deletes it with grace 0.
    private static long GracePeriod(ObjectKey key, JsonObject json, long? asked)
    {
        if (key.Kind != ResourceKinds.Pod || json["spec"]?["nodeName"] is null)
            return 0;
        return asked ?? json["spec"]?["terminationGracePeriodSeconds"].Integer() ?? 30;
    }

    // A second deletion can shorten the grace period, never lengthen it.
    private static void Schedule(JsonObject json, long grace, DateTimeOffset now)
    {
        var metadata = json.Meta();
        if (metadata["deletionTimestamp"] is not null && GraceOf(json) <= grace)
            return;
        metadata["deletionTimestamp"] = ObjectMeta.Time(now + TimeSpan.FromSeconds(grace));
        metadata["deletionGracePeriodSeconds"] = grace;
    }

    private static long GraceOf(JsonObject json) => json.Meta()["deletionGracePeriodSeconds"].Integer() ?? 0;
}
