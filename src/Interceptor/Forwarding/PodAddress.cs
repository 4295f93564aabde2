using System.Net;

namespace Wakegate.Interceptor.Forwarding;

/// <summary>Where a pod is reached. The uid tells a pod from another that later has its address.</summary>
internal sealed record PodAddress(string Name, string Uid, IPEndPoint EndPoint)
{
    public override string ToString() => $"{Name} ({EndPoint})";
}
