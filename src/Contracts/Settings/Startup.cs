using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Wakegate.Contracts.Settings;

/// <summary>Runs a service whose settings may be wrong.</summary>
public static class Startup
{
    /// <summary>
    /// Runs a host to its end. Settings are checked before anything is made of them, and wrong ones end it: each error of all sections is a line.
    /// Everything else that goes wrong is thrown as it is.
    /// </summary>
    /// <param name="build">Builds the host.</param>
    /// <param name="errors">Gets the lines; standard error where null.</param>
    /// <returns>The exit code: 0, or 1 where settings are wrong.</returns>
    public static async Task<int> RunAsync(Func<IHost> build, TextWriter? errors = null)
    {
        try
        {
            var host = build();
            host.Services.GetService<IStartupValidator>()?.Validate();
            await host.RunAsync();
            return 0;
        }
        catch (Exception refused) when (ErrorsOf(refused) is { } found)
        {
            foreach (var error in found)
            {
                await (errors ?? Console.Error).WriteLineAsync(error);
            }

            return 1;
        }
    }

    private static List<string>? ErrorsOf(Exception exception) => exception switch
    {
        OptionsValidationException invalid => [.. invalid.Failures],
        AggregateException several when several.InnerExceptions.All(e => e is OptionsValidationException) =>
            [.. several.InnerExceptions.Cast<OptionsValidationException>().SelectMany(e => e.Failures)],
        _ => null,
    };
}
