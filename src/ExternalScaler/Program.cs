using Wakegate.Contracts.Settings;
using Wakegate.ExternalScaler;

return await Startup.RunAsync(() => ScalerHost.Build(args));
