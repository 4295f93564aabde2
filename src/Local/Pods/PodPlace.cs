using System.Net;

namespace Wakegate.Local.Pods;

/// <summary>Where a pod listens.</summary>
/// <param name="Address">Its own loopback address, or 127.0.0.1 where all pods share that.</param>
/// <param name="Port">What it listens on: its container's port, or one of its own where the address is shared.</param>
/// <param name="Shared">Whether the address is shared, so that the port says which pod is meant.</param>
internal readonly record struct PodPlace(IPAddress Address, int Port, bool Shared);
