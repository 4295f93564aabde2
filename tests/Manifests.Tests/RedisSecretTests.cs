using System.Text.Json.Nodes;
using k8s;
using Wakegate.Interceptor.Installing;

namespace Wakegate.Manifests.Tests;

public sealed class RedisSecretTests
{
    [Fact(Timeout = 60_000)]
    public async Task WhereThereIsNone_OneIsMadeWithARandomPassword()
    {
        await using var api = await RecordingApi.StartAsync();
        using var kubernetes = new Kubernetes(new() { Host = api.Address.ToString() });

        Assert.True(await RedisSecret.CreateAsync(kubernetes, "one"));
        Assert.True(await RedisSecret.CreateAsync(kubernetes, "other"));

        var (one, other) = (Data(api, "one"), Data(api, "other"));
        Assert.Matches("^[0-9a-f]{48}$", one.Password);
        Assert.NotEqual(one.Password, other.Password);
        Assert.Equal($"wakegate-redis:6379,password={one.Password}", one.ConnectionString);
    }

    [Fact(Timeout = 60_000)]
    public async Task OneThatIsThere_IsLeftAlone()
    {
        await using var api = await RecordingApi.StartAsync();
        using var kubernetes = new Kubernetes(new() { Host = api.Address.ToString() });
        await RedisSecret.CreateAsync(kubernetes, "wakegate");
        var before = Data(api, "wakegate");

        Assert.False(await RedisSecret.CreateAsync(kubernetes, "wakegate"));

        Assert.Equal(before, Data(api, "wakegate"));
    }

    private static (string Password, string ConnectionString) Data(RecordingApi api, string ns)
    {
        var secret = JsonNode.Parse(api.Secrets[$"/api/v1/namespaces/{ns}/secrets"])!;
        Assert.Equal(RedisSecret.Name, (string?)secret["metadata"]!["name"]);
        return ((string)secret["stringData"]!["password"]!, (string)secret["stringData"]!["connectionString"]!);
    }
}
