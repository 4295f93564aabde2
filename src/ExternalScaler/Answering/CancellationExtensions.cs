namespace Wakegate.ExternalScaler.Answering;

internal static class CancellationExtensions
{
    /// <summary>Completes, without an exception, when the token is cancelled.</summary>
    public static async Task Reached(this CancellationToken token)
    {
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = token.Register(reached.SetResult);
        await reached.Task;
    }
}
