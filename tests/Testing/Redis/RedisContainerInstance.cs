using DotNet.Testcontainers.Builders;
using Testcontainers.Redis;

namespace Wakegate.Testing.Redis;

/// <summary>A Redis in a container. Its port on the host is fixed, so that a restart keeps the address.</summary>
internal sealed class RedisContainerInstance(RedisContainer container, string address) : IRedisInstance
{
    public const string Image = "redis:8-alpine";

    public string Address => address;

    /// <summary>Null where Docker does not answer.</summary>
    public static async Task<RedisContainerInstance?> TryStartAsync()
    {
        try
        {
            var port = FreePort.Find();
            var container = new RedisBuilder(Image).WithPortBinding(port, RedisBuilder.RedisPort).Build();
            await container.StartAsync();
            return new(container, $"127.0.0.1:{port}");
        }
        catch (DockerUnavailableException)
        {
            return null;
        }
    }

    public Task StartAsync() => container.StartAsync();

    public Task StallAsync() => container.PauseAsync();

    public Task ResumeAsync() => container.UnpauseAsync();

    public Task KillAsync() => container.StopAsync();

    public ValueTask DisposeAsync() => container.DisposeAsync();
}
