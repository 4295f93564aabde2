namespace Wakegate.Testing.Redis;

/// <summary>The implementations that the ledger is held to.</summary>
public enum RedisKind
{
    /// <summary>Redis itself, from the PATH.</summary>
    RedisServer,

    /// <summary>Garnet, the .NET tool that the tool manifest pins.</summary>
    Garnet,
}
