using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Json;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.FileProviders.Physical;
using Microsoft.Extensions.Options;

namespace Wakegate.Contracts.Telemetry;

/// <summary>A file of settings that is read again when it changes, so that log levels can be set while the service runs.</summary>
internal static class LevelsFile
{
    private const string Setting = "Logging:File";

    /// <summary>
    /// Adds the file that the setting names; it need not be there yet, its directory must. It is looked at every four seconds: a ConfigMap's
    /// volume changes by a link two links away, of which no notification tells.
    /// </summary>
    public static void AddLevelsFile(this IConfigurationManager configuration)
    {
        if (configuration[Setting] is not { Length: > 0 } path)
        {
            return;
        }

        var full = Path.GetFullPath(path);
        var directory = Path.GetDirectoryName(full);
        if (!Directory.Exists(directory))
        {
            throw new OptionsValidationException(Setting, typeof(LevelsFile), [$"{Setting} \"{path}\" is in no directory: give a file in one that exists."]);
        }

        var file = new JsonConfigurationSource
        {
            Path = Path.GetFileName(full),
            FileProvider = new PhysicalFileProvider(directory, ExclusionFilters.None) { UsePollingFileWatcher = true, UseActivePolling = true },
            Optional = true,
            ReloadOnChange = true,
        };

        // At the start a wrong file is an error as any wrong setting; later it must not end the service.
        Add(configuration, file, full);
        file.OnLoadException = wrong =>
        {
            Console.Error.WriteLine($"{full} is not valid, and its settings are not in force: {wrong.Exception.Message}");
            wrong.Ignore = true;
        };
    }

    private static void Add(IConfigurationManager configuration, JsonConfigurationSource file, string path)
    {
        try
        {
            configuration.Add(file);
        }
        catch (InvalidDataException wrong)
        {
            throw new OptionsValidationException(Setting, typeof(LevelsFile), [$"{Setting} \"{path}\" is not valid JSON: {wrong.InnerException?.Message ?? wrong.Message}"]);
        }
    }
}
