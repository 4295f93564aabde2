using System.Runtime.CompilerServices;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.ObjectPool;
using Wakegate.Interceptor.Forwarding;
using Wakegate.Testing;

namespace Wakegate.Interceptor.Tests;

public class ForwardDeadlineTests
{
    [Fact(Timeout = 60_000)]
    public async Task DeadlineThatHasExpired_LeavesNothingBehind()
    {
        await using var app = await InterceptorApp.StartAsync();

        var expired = Expire(app);

        await Eventually.TrueAsync(() =>
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            return !expired.IsAlive;
        });
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference Expire(InterceptorApp app)
    {
        var pool = app.Services.GetRequiredService<ObjectPool<ForwardDeadline>>();
        var deadline = pool.Get();
        deadline.Start(TimeSpan.FromSeconds(1), long.MaxValue, app.Clock.GetTimestamp());
        app.Clock.Advance(TimeSpan.FromSeconds(2));
        Assert.True(SpinWait.SpinUntil(() => deadline.Expired, TimeSpan.FromSeconds(30)));

        // What its token belongs to has this, and goes only with it.
        var part = new WeakReference(deadline.Token.WaitHandle);
        pool.Return(deadline);
        return part;
    }
}
