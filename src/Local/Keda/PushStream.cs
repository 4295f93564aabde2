using System.Globalization;
using Grpc.Core;

namespace Wakegate.Local.Keda;

/// <summary>
/// Keeps one StreamIsActive open for a trigger. After an end it waits before it opens another: 2 s, then twice as long each time up to
/// 60 s; an end with OK starts over at 2 s.
/// </summary>
internal sealed class PushStream(Trigger trigger, Func<CancellationToken, Task> wake, Story story, TimeProvider clock)
{
    private static readonly TimeSpan ShortestWait = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(60);

    public async Task RunAsync(CancellationToken cancellation)
    {
        var wait = ShortestWait;
        while (true)
        {
            var end = await ListenAsync(cancellation);
            if (end.StatusCode == StatusCode.OK)
                wait = ShortestWait;

            // The timer runs before the end is told: who hears of it may move the clock.
            var pause = Task.Delay(wait, clock, cancellation);
            var told = string.Create(CultureInfo.InvariantCulture, $"{Words(end)}; opened again in {wait.TotalSeconds} s");
            story.Tell(KedaEventKind.StreamEnded, told);
            wait = Min(wait * 2, LongestWait);
            await pause;
            story.Tell(KedaEventKind.StreamReopened);
        }
    }

    private static TimeSpan Min(TimeSpan one, TimeSpan other) => one < other ? one : other;

    private static string Words(Status end) => end.Detail.Length == 0 ? end.StatusCode.ToString() : $"{end.StatusCode}: {end.Detail}";

    private async Task<Status> ListenAsync(CancellationToken cancellation)
    {
        try
        {
            using var call = trigger.OpenStream(cancellation);
            await foreach (var answer in call.ResponseStream.ReadAllAsync(cancellation))
                await HearAsync(answer.Result, cancellation);
            return Status.DefaultSuccess;
        }
        catch (RpcException end)
        {
            // A scaler that dies can look like a cancelled call, so only our own token tells the two apart.
            cancellation.ThrowIfCancellationRequested();
            if (Contract.BreachOf("StreamIsActive", end.StatusCode) is { } breach)
                story.Tell(KedaEventKind.ContractViolated, breach);
            return end.Status;
        }
    }

    // The next message is read only when this one has been dealt with, as in KEDA.
    private Task HearAsync(bool active, CancellationToken cancellation)
    {
        story.Tell(active ? KedaEventKind.PushedActive : KedaEventKind.ContractViolated, active ? null : Contract.PushedFalse);
        return active ? wake(cancellation) : Task.CompletedTask;
    }
}
