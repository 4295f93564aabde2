using Wakegate.Bench;
using Wakegate.Bench.Roles;

// The programs that are measured beside ours are this one in another role.
return args is [RoleCommand.Verb, var role, .. var settings]
    ? await RoleCommand.RunAsync(role, settings)
    : await BenchCommand.Build().Parse(args).InvokeAsync();
