using Microsoft.Extensions.ObjectPool;
using Wakegate.Interceptor.Draining;

namespace Wakegate.Interceptor.Forwarding;

internal sealed class ForwardDeadlinePolicy(TimeProvider clock, Drain drain) : PooledObjectPolicy<ForwardDeadline>
{
    public override ForwardDeadline Create() => new(clock, drain);

    public override bool Return(ForwardDeadline obj) => obj.TryReset();
}
