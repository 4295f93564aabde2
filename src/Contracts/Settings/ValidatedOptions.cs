using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;

namespace Wakegate.Contracts.Settings;

/// <summary>Options that read themselves from the configuration and can say all that is wrong with them.</summary>
public interface IValidatedOptions
{
    /// <summary>Fills in what the configuration says; what it does not say keeps its default.</summary>
    public void Read(IConfiguration configuration);

    /// <summary>A sentence for each error: the key, the value, and what would be valid.</summary>
    public IEnumerable<string> Errors();
}

/// <summary>Registers such options.</summary>
public static class ValidatedOptionsExtensions
{
    /// <summary>Reads options from the configuration and stops the start with all their errors at once.</summary>
    public static void AddValidatedOptions<T>(this IServiceCollection services)
        where T : class, IValidatedOptions
    {
        services.AddOptions<T>().Configure<IConfiguration>((options, configuration) => options.Read(configuration)).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<T>, Validation<T>>());
    }

    /// <summary>
    /// The options, or null where they are wrong: for code that runs before the start's own check, which then reports them with all others.
    /// </summary>
    public static T? ValueIfValid<T>(this IOptions<T> options)
        where T : class, IValidatedOptions
    {
        try
        {
            return options.Value;
        }
        catch (OptionsValidationException)
        {
            return null;
        }
    }

    private sealed class Validation<T> : IValidateOptions<T>
        where T : class, IValidatedOptions
    {
        public ValidateOptionsResult Validate(string? name, T options)
        {
            var errors = options.Errors().ToList();
            return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);
        }
    }
}
