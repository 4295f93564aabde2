using System.CommandLine;
using Wakegate.Manifests;

// Makes what stands in manifests/ but is written nowhere by hand: see the commands.
return await new RootCommand("Makes those manifests that follow from others or from the code.")
{
    PolicyCommand.Build(),
    InstallCommand.Build(),
    RulesCommand.Build(),
    DashboardsCommand.Build(),
}.Parse(args).InvokeAsync();
