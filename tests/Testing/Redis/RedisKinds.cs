using Xunit;

namespace Wakegate.Testing.Redis;

/// <summary>For theories that hold the ledger to every implementation.</summary>
public static class RedisKinds
{
    public static TheoryData<RedisKind> All { get; } = [RedisKind.RedisServer, RedisKind.Garnet];
}
