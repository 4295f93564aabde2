using System.Net;
using System.Runtime.InteropServices;

namespace Wakegate.Interceptor.Watching;

/// <summary>What is kept of an EndpointSlice. A large cluster has tens of thousands of endpoints, so it is little.</summary>
/// <param name="AddressType">As the slice says.</param>
/// <param name="Ports">As the slice says.</param>
/// <param name="Endpoints">Those that take traffic or are going away.</param>
/// <param name="Starting">How many others there are, which do neither.</param>
internal sealed record SliceEndpoints(string AddressType, EndpointPort[] Ports, KnownEndpoint[] Endpoints, int Starting)
{
    public static SliceEndpoints Of(EndpointSlice slice) => new(
        string.Intern(slice.AddressType),
        slice.Ports ?? [],
        [.. (slice.Endpoints ?? []).SelectMany(e => KnownEndpoint.Of(e, slice.Metadata.Namespace))],
        (slice.Endpoints ?? []).Count(e => e.Conditions is { Ready: false } and not { Terminating: true }));
}

/// <summary>One endpoint that may take traffic, or takes none because it is going away.</summary>
/// <param name="Address">Its first: all of one endpoint are the same pod (KEP-752), and consumers use the first.</param>
/// <param name="PodNamespace">Null where it is no pod.</param>
/// <param name="Name">Of the pod; null where there is none.</param>
/// <param name="Uid">Of the pod; null where there is none.</param>
/// <param name="Ready">Absent means ready; what is going away is not, not even as the last one.</param>
/// <param name="Terminating">It is going away.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct KnownEndpoint(IPAddress Address, string? PodNamespace, string? Name, string? Uid, bool Ready, bool Terminating)
{
    /// <summary>None for one that neither takes traffic nor is going away, and for one without an IP address (FQDN).</summary>
    public static IEnumerable<KnownEndpoint> Of(Endpoint endpoint, string ns)
    {
        var terminating = endpoint.Conditions?.Terminating == true;
        var ready = !terminating && endpoint.Conditions?.Ready != false;
        if ((ready || terminating) && endpoint.Addresses is [var first, ..] && IPAddress.TryParse(first, out var address))
        {
            var pod = endpoint.TargetRef is { Kind: "Pod" } target ? target : null;
            yield return new(
                address, pod is null ? null : string.IsNullOrEmpty(pod.Namespace) || pod.Namespace == ns ? ns : pod.Namespace,
                endpoint.TargetRef?.Name, endpoint.TargetRef?.Uid, ready, terminating);
        }
    }
}
