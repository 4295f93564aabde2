using System.CommandLine;
using Wakegate.Local;

// Local ends its processes itself, in order; each has a grace period of a few seconds.
return await LocalCommand.Build().Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = TimeSpan.FromSeconds(30) });
