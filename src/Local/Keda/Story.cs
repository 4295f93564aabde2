namespace Wakegate.Local.Keda;

/// <summary>Tells what happens to one ScaledObject.</summary>
internal sealed class Story(string @namespace, string name, TimeProvider clock, Action<KedaEvent> tell)
{
    public void Tell(KedaEventKind kind, string? detail = null) =>
        tell(new KedaEvent(kind, @namespace, name, clock.GetUtcNow()) { Detail = detail });

    public void TellScaled(KedaEventKind kind, int from, int to) =>
        tell(new KedaEvent(kind, @namespace, name, clock.GetUtcNow()) { From = from, To = to });
}
