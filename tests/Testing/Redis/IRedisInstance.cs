namespace Wakegate.Testing.Redis;

/// <summary>However a Redis runs.</summary>
internal interface IRedisInstance : IAsyncDisposable
{
    public string Address { get; }

    public Task StartAsync();

    public Task StallAsync();

    public Task ResumeAsync();

    public Task KillAsync();
}
