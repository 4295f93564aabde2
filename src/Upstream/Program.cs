using Microsoft.Extensions.Options;
using Wakegate.Upstream.Hosting;

try
{
    await using var app = UpstreamHost.Build(args);
    await app.RunAsync();
    return 0;
}
catch (OptionsValidationException refused)
{
    foreach (var failure in refused.Failures)
        await Console.Error.WriteLineAsync(failure);
    return 1;
}
