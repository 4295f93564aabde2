using Wakegate.Upstream.Hosting;

namespace Wakegate.Upstream.Conduct;

/// <summary>Whether the workload says that it takes requests: once it has started, until it stops, and while its switch is on.</summary>
internal sealed class Readiness(UpstreamOptions options, IHostApplicationLifetime lifetime)
{
    private volatile bool started;
    private volatile bool switchedOn = options.Ready;

    public bool IsReady => started && switchedOn && !lifetime.ApplicationStopping.IsCancellationRequested;

    public void Started() => started = true;

    public void Switch(bool on) => switchedOn = on;
}
