namespace Wakegate.Contracts.Sockets;

/// <summary>How the process goes on with what its sockets bring.</summary>
public static class SocketThreads
{
    private const string Variable = "DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS";

    /// <summary>
    /// What waits for a socket goes on at once, on the thread that heard from the kernel, instead of being given to a thread of the pool. There is
    /// a thread for each core. Nothing there may block: all other sockets of that thread would wait with it. What may block reads from a
    /// <see cref="PooledStream"/>. Call it before the first socket; the variable <c>DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS</c>,
    /// <c>0</c> or <c>1</c>, decides where it is set.
    /// </summary>
    public static void CompleteInline()
    {
        if (Environment.GetEnvironmentVariable(Variable) is null)
        {
            Environment.SetEnvironmentVariable(Variable, "1");
        }
    }
}
