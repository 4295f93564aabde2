using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Wakegate.Interceptor.Forwarding;

/// <summary>
/// How a pod's <c>podConcurrency</c> is shared among the interceptors that live: each has the whole part of N/R, and the remainder goes to
/// those that a rendezvous hash of pod and replica ranks first, so that they agree without a word, and another pod's remainder goes to
/// others. Where there are more interceptors than places each has one, since a pod that one of them cannot use would hang its requests.
/// </summary>
internal static class PodShare
{
    /// <param name="concurrency">Requests that the pod takes at once, from all interceptors.</param>
    /// <param name="pod">The pod's uid.</param>
    /// <param name="self">This interceptor's id.</param>
    /// <param name="replicas">The ids of all, this one among them.</param>
    public static int Of(int concurrency, string pod, string self, IReadOnlyList<string> replicas)
    {
        var whole = concurrency / replicas.Count;
        var rest = concurrency % replicas.Count;
        if (whole == 0)
        {
            return 1;
        }

        var own = Weight(pod, self);
        var before = replicas.Count(r => Weight(pod, r) is var weight && (weight > own || (weight == own && string.CompareOrdinal(r, self) < 0)));
        return before < rest ? whole + 1 : whole;
    }

    private static ulong Weight(string pod, string replica) =>
        BinaryPrimitives.ReadUInt64BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes($"{pod}\n{replica}")));
}
