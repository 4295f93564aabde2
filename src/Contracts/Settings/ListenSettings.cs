using System.Net;
using Microsoft.Extensions.Configuration;

namespace Wakegate.Contracts.Settings;

/// <summary>Where a service listens; configuration section <c>Listen</c>. The ports' defaults are the service's own.</summary>
public sealed class ListenSettings : IValidatedOptions
{
    private const string Section = "Listen";
    private readonly List<string> unreadable = [];

    /// <summary>An IP address, or <c>*</c> for all.</summary>
    public string Address { get; set; } = "*";

    /// <summary>What the service is for. 0 lets the system choose.</summary>
    public int Port { get; set; }

    /// <summary><c>/livez</c>, <c>/readyz</c>, <c>/metrics</c>, and the interceptor's live page. 0 lets the system choose.</summary>
    public int AdminPort { get; set; }

    /// <summary>Null for all addresses.</summary>
    public IPAddress? ParsedAddress => Address == "*" ? null : IPAddress.Parse(Address);

    /// <inheritdoc/>
    public void Read(IConfiguration configuration)
    {
        var section = new SettingsReader(configuration, Section, unreadable);
        Address = section.Text(nameof(Address), Address);
        Port = section.WholeNumber(nameof(Port), Port);
        AdminPort = section.WholeNumber(nameof(AdminPort), AdminPort);
    }

    /// <inheritdoc/>
    public IEnumerable<string> Errors()
    {
        foreach (var error in unreadable)
        {
            yield return error;
        }

        if (Address != "*" && !IPAddress.TryParse(Address, out _))
        {
            yield return $"{Section}:{nameof(Address)} \"{Address}\" is not an address: give an IP address, or * for all.";
        }

        foreach (var (key, port) in new[] { (nameof(Port), Port), (nameof(AdminPort), AdminPort) })
        {
            if (port is < 0 or > 65535)
            {
                yield return $"{Section}:{key} \"{port}\" is out of range: give a port from 1 to 65535.";
            }
        }
    }
}
