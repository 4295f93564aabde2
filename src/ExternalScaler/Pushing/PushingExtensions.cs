namespace Wakegate.ExternalScaler.Pushing;

internal static class PushingExtensions
{
    public static void AddPushing(this IServiceCollection services)
    {
        services.AddSingleton<RepeatPace>();
        services.AddSingleton<ActivityPush>();
    }
}
