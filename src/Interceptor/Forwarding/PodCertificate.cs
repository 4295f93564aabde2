using System.Diagnostics.CodeAnalysis;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Wakegate.Interceptor.Forwarding;

/// <summary>What is asked of a pod's certificate: nothing. Traffic is encrypted where its port says so, but pods have no name that a certificate could vouch for.</summary>
internal static class PodCertificate
{
    /// <summary>
    /// A chain is built before anybody asks whether it matters. So nothing is fetched for it: a certificate says from where, a request
    /// would wait for that, 15 s where nothing came of it, and what is asked would go to an address of the pod's choice.
    /// </summary>
    public static X509ChainPolicy Policy => new() { DisableCertificateDownloads = true, RevocationMode = X509RevocationMode.NoCheck };

    [SuppressMessage("Security", "CA5359", Justification = "The summary says why.")]
    public static RemoteCertificateValidationCallback Accept { get; } = static (_, _, _, _) => true;
}
