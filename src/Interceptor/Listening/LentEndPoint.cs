using System.Net;
using Microsoft.AspNetCore.Connections;

namespace Wakegate.Interceptor.Listening;

/// <summary>
/// An endpoint that Kestrel binds without a socket behind it. Kestrel builds one connection pipeline for each endpoint; this one exists for
/// its HTTP/2 pipeline alone, which the shared port borrows.
/// </summary>
internal sealed class LentEndPoint : EndPoint
{
    public override string ToString() => "shared-port-http2";
}

/// <summary>Binds <see cref="LentEndPoint"/>: a listener to which nobody ever connects.</summary>
internal sealed class LentListenerFactory : IConnectionListenerFactory, IConnectionListenerFactorySelector
{
    public bool CanBind(EndPoint endpoint) => endpoint is LentEndPoint;

    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default) =>
        ValueTask.FromResult<IConnectionListener>(new Listener(endpoint));

    private sealed class Listener(EndPoint endpoint) : IConnectionListener
    {
        private readonly TaskCompletionSource<ConnectionContext?> unbound = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public EndPoint EndPoint => endpoint;

        // Null tells Kestrel that the listener has stopped.
        public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default) =>
            await unbound.Task.WaitAsync(cancellationToken);

        public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
        {
            unbound.TrySetResult(null);
            return ValueTask.CompletedTask;
        }

        public ValueTask DisposeAsync() => UnbindAsync();
    }
}
