using Wakegate.Contracts.Settings;
using Wakegate.Contracts.Sockets;
using Wakegate.Interceptor;
using Wakegate.Interceptor.Forwarding;
using Wakegate.Interceptor.Installing;

if (args is [RedisSecret.Command])
{
    return await RedisSecret.RunAsync();
}

SocketThreads.CompleteInline();
PodWindows.Limit();
return await Startup.RunAsync(() => InterceptorHost.Build(args));
