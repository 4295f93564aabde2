using System.Globalization;
using Microsoft.Extensions.Options;

namespace Wakegate.Upstream.Hosting;

/// <summary>Reads settings one by one and remembers all that are wrong, so that one start shows every mistake.</summary>
internal sealed class Settings(IConfiguration configuration)
{
    private readonly List<string> failures = [];

    /// <summary>Makes a value of the text that a user wrote.</summary>
    internal delegate bool TryRead<T>(string text, out T? value);

    /// <summary>The setting's value, or <paramref name="otherwise"/> where it is not set.</summary>
    public T Read<T>(string key, T otherwise, TryRead<T> tryRead, string valid)
    {
        var text = configuration[key];
        if (string.IsNullOrEmpty(text))
            return otherwise;
        if (tryRead(text, out var value) && value is not null)
            return value;

        failures.Add($"{key} is '{text}', but must be {valid}.");
        return otherwise;
    }

    public void ThrowIfAnyIsWrong()
    {
        if (failures.Count > 0)
            throw new OptionsValidationException("Upstream", typeof(UpstreamOptions), failures);
    }

    public static TryRead<int> Count(int most) => (string text, out int value) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value) && value <= most;

    public static bool TryShare(string text, out double value) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out value) && value is >= 0 and <= 1;
}
