namespace Wakegate.Bench.Roles;

/// <summary>The baselines and pods that the benchmarks run as processes of their own.</summary>
internal static class RoleCommand
{
    public const string Verb = "role";

    public static async Task<int> RunAsync(string role, string[] settings)
    {
        var app = role switch
        {
            AnsweringPod.Role => AnsweringPod.Build(settings),
            QueueingPod.Role => QueueingPod.Build(settings),
            BareForwarder.Role => BareForwarder.Build(settings),
            BareHolder.Role => BareHolder.Build(settings),
            BareRelay.Role => BareRelay.Build(settings),
            BareWatch.Role => BareWatch.Build(settings),
            _ => throw new BenchException($"There is no role {role}."),
        };
        await app.RunAsync();
        return 0;
    }
}
