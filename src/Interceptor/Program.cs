using Wakegate.Contracts.Settings;
using Wakegate.Interceptor;

return await Startup.RunAsync(() => InterceptorHost.Build(args));
