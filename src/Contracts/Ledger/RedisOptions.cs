using Microsoft.Extensions.Configuration;
using StackExchange.Redis;
using Wakegate.Contracts.Settings;

namespace Wakegate.Contracts.Ledger;

/// <summary>Where the ledger is; configuration section <c>Redis</c>.</summary>
public sealed class RedisOptions : IValidatedOptions
{
    private const string Section = "Redis";
    private readonly List<string> unreadable = [];

    /// <summary>In StackExchange.Redis's form: <c>host:port</c>, and options after commas.</summary>
    public string ConnectionString { get; set; } = "";

    /// <summary>In front of every key. Its hash tag, the part in braces, keeps all keys on one node of a Redis Cluster.</summary>
    public string KeyPrefix { get; set; } = "{wakegate}";

    /// <summary>How long to wait for Redis's answer.</summary>
    public TimeSpan CommandTimeout { get; set; } = TimeSpan.FromSeconds(1);

    /// <inheritdoc/>
    public void Read(IConfiguration configuration)
    {
        var section = new SettingsReader(configuration, Section, unreadable);
        ConnectionString = section.Text(nameof(ConnectionString), ConnectionString);
        KeyPrefix = section.Text(nameof(KeyPrefix), KeyPrefix);
        CommandTimeout = section.Duration(nameof(CommandTimeout), CommandTimeout);
    }

    /// <inheritdoc/>
    public IEnumerable<string> Errors()
    {
        foreach (var error in unreadable)
            yield return error;

        if (ConnectionString.Length == 0)
            yield return $"{Section}:{nameof(ConnectionString)} is missing: give Redis's address, such as redis.wakegate:6379.";
        else if (!Parses(ConnectionString))
            yield return $"{Section}:{nameof(ConnectionString)} cannot be read: give host:port, options after commas, such as redis.wakegate:6379,ssl=true.";

        var open = KeyPrefix.IndexOf('{');
        if (open < 0 || KeyPrefix.IndexOf('}', open) <= open + 1)
            yield return $"{Section}:{nameof(KeyPrefix)} \"{KeyPrefix}\" has no hash tag: give a prefix with a word in braces, such as {{wakegate}}.";

        if (CommandTimeout < TimeSpan.FromMilliseconds(10) || CommandTimeout > TimeSpan.FromMinutes(1))
            yield return $"{Section}:{nameof(CommandTimeout)} \"{CommandTimeout}\" is out of range: give a duration from 10ms to 1m.";
    }

    /// <summary>As the client takes them: it fails fast instead of replaying what is stale, and never gives up to connect.</summary>
    internal ConfigurationOptions ToClient()
    {
        var client = ConfigurationOptions.Parse(ConnectionString);
        client.ClientName = "wakegate";
        client.AbortOnConnectFail = false;
        client.IncludeDetailInExceptions = false; // the client's own queues and threads, in which the reason is lost
        client.BacklogPolicy = BacklogPolicy.FailFast;
        client.AsyncTimeout = (int)CommandTimeout.TotalMilliseconds;
        client.ConnectTimeout = 2000;
        client.ReconnectRetryPolicy = new ExponentialRetry(250, 2000);
        client.Tunnel ??= new PooledTunnel();
        return client;
    }

    // The text may hold a password, so it is not repeated.
    private static bool Parses(string text)
    {
        try
        {
            return ConfigurationOptions.Parse(text).EndPoints.Count > 0;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }
}
