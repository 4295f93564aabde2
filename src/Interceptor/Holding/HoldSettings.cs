using Wakegate.Contracts.Settings;

namespace Wakegate.Interceptor.Holding;

/// <summary>The whole interceptor's budget for held requests; configuration section <c>Hold</c>.</summary>
internal sealed class HoldSettings : IValidatedOptions
{
    private const string Section = "Hold";

    /// <summary>What a held request costs beside its body, with some room: measured in <c>bench/</c>.</summary>
    private const int BytesOfARequest = 16 * 1024;

    /// <summary>With less, a single upload could not be held.</summary>
    private const long FewestBytes = 4 * HeldBody.TransportBuffer;

    private readonly List<string> unreadable = [];

    /// <summary>Held at once. The default fits half of the memory that the process may use.</summary>
    public int MaxRequests { get; set; } = (int)Math.Clamp(Memory / 2 / BytesOfARequest, 1_000, 1_000_000);

    /// <summary>Bytes that held requests' bodies may take in memory. The default is a quarter of the memory that the process may use.</summary>
    public long MaxBytes { get; set; } = Memory / 4;

    private static long Memory => GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;

    public void Read(IConfiguration configuration)
    {
        var section = new SettingsReader(configuration, Section, unreadable);
        MaxRequests = section.WholeNumber(nameof(MaxRequests), MaxRequests);
        MaxBytes = section.Bytes(nameof(MaxBytes), MaxBytes);
    }

    public IEnumerable<string> Errors()
    {
        foreach (var error in unreadable)
        {
            yield return error;
        }

        if (MaxRequests is < 1 or > 1_000_000)
        {
            yield return $"{Section}:{nameof(MaxRequests)} \"{MaxRequests}\" is not valid: give a number from 1 to 1000000.";
        }

        if (MaxBytes < FewestBytes)
        {
            yield return $"{Section}:{nameof(MaxBytes)} \"{MaxBytes}\" is too little: give 1Mi or more, such as 256Mi.";
        }
    }
}
