namespace Wakegate.Local.Api;

/// <summary>What a watcher is told, in the order of versions.</summary>
internal abstract record Notice(long Version);

/// <summary>One write.</summary>
/// <param name="Before">The state before it, null for a creation: a watcher with a selector must know whether the object used to match.</param>
/// <param name="After">The state after it, or the last one of an object that went.</param>
/// <param name="Removed">Whether it went.</param>
internal sealed record StoreEvent(StoredObject? Before, StoredObject After, bool Removed) : Notice(After.Version);

/// <summary>Nothing happened to what is watched up to this version: a client that comes back may start from here.</summary>
internal sealed record Bookmark(long Version) : Notice(Version);
