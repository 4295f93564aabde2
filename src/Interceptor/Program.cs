using Wakegate.Contracts.Settings;
using Wakegate.Interceptor;
using Wakegate.Interceptor.Installing;

return args is [RedisSecret.Command]
    ? await RedisSecret.RunAsync()
    : await Startup.RunAsync(() => InterceptorHost.Build(args));
