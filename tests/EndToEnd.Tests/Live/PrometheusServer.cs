using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Wakegate.Local.Cluster;
using Wakegate.Local.Processes;
using Wakegate.Testing;

namespace Wakegate.EndToEnd.Tests.Live;

/// <summary>
/// A real Prometheus, with the scrape configuration and the rules that users get; only where the pods are does it not ask Kubernetes, and it is in
/// more of a hurry.
/// </summary>
internal sealed class PrometheusServer : IAsyncDisposable
{
    private static readonly string Manifests = Path.Combine(Repository.Root, "manifests/prometheus");

    private static readonly JsonObject Scrape = Assert.Single(Yaml.ReadFile(Path.Combine(Manifests, "scrape.yaml")));

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("wakegate-prometheus");
    private readonly HttpClient client;
    private readonly GuardedProcess process;

    private PrometheusServer(JsonObject configuration)
    {
        var port = FreePort.Find();
        var file = Path.Combine(folder.FullName, "prometheus.json");
        File.WriteAllText(file, configuration.ToJsonString());
        client = new() { BaseAddress = new($"http://127.0.0.1:{port}") };
        process = GuardedProcess.Start(new("prometheus",
        [
            "prometheus", $"--config.file={file}", $"--storage.tsdb.path={Path.Combine(folder.FullName, "data")}", $"--web.listen-address=127.0.0.1:{port}", "--log.level=warn",
        ]));
    }

    /// <summary>The rules that it loads.</summary>
    public static IReadOnlyList<string> RuleFiles { get; } = [.. Scrape["rule_files"]!.AsArray().Select(file => Path.Combine(Manifests, (string)file!))];

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>Starts, and comes back once every part has been scraped.</summary>
    public static async Task<PrometheusServer> StartAsync(LocalCluster cluster)
    {
        PrometheusTools.Require("prometheus");
        var targets = new JsonArray(
        [
            .. cluster.Interceptors.Select(part => Target(part, "wakegate-interceptor")), .. cluster.Scalers.Select(part => Target(part, "wakegate-scaler")),
        ]);
        var count = targets.Count;
        var server = new PrometheusServer(Configuration(targets));
        try
        {
            await Eventually.TrueAsync(async () => (await server.QueryAsync("up == 1")).Count == count, "Prometheus scrapes every part");
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>The samples of a query, now.</summary>
    /// <exception cref="InvalidOperationException">The query is not valid; the message says why.</exception>
    public async Task<IReadOnlyList<(JsonObject Labels, double Value)>> QueryAsync(string query)
    {
        var answer = await GetAsync($"/api/v1/query?query={Uri.EscapeDataString(query)}");
        return [.. answer!["result"]!.AsArray().Select(sample => (sample!["metric"]!.AsObject(), Number(sample["value"]!)))];
    }

    /// <summary>How many numbers there are in a graph of the last minutes.</summary>
    /// <exception cref="InvalidOperationException">The query is not valid; the message says why.</exception>
    public async Task<int> PointsAsync(string query)
    {
        var now = TimeProvider.System.GetUtcNow();
        var answer = await GetAsync(string.Create(
            CultureInfo.InvariantCulture,
            $"/api/v1/query_range?query={Uri.EscapeDataString(query)}&start={now.AddMinutes(-5).ToUnixTimeSeconds()}&end={now.ToUnixTimeSeconds()}&step=1"));
        return answer!["result"]!.AsArray().SelectMany(series => series!["values"]!.AsArray()).Count(value => double.IsFinite(Number(value!)));
    }

    /// <summary>The values that a label has.</summary>
    public async Task<IReadOnlyList<string>> LabelValuesAsync(string label, string? selector = null)
    {
        var match = selector is null ? "" : $"?match[]={Uri.EscapeDataString(selector)}";
        return [.. (await GetAsync($"/api/v1/label/{label}/values{match}"))!.AsArray().Select(value => (string)value!)];
    }

    /// <summary>Every rule, with what became of its last evaluation.</summary>
    public async Task<IReadOnlyList<JsonNode>> RulesAsync() =>
        [.. (await GetAsync("/api/v1/rules"))!["groups"]!.AsArray().SelectMany(group => group!["rules"]!.AsArray()).Select(rule => rule!)];

    public async ValueTask DisposeAsync()
    {
        await process.DisposeAsync();
        client.Dispose();
        folder.Delete(recursive: true);
    }

    private static JsonObject Target(LocalPart part, string service) => new()
    {
        ["targets"] = new JsonArray(part.Admin!.Authority),
        // What discovery by Kubernetes would find of such a pod.
        ["labels"] = new JsonObject
        {
            ["__meta_kubernetes_namespace"] = "wakegate",
            ["__meta_kubernetes_pod_name"] = part.Name,
            ["__meta_kubernetes_pod_container_port_name"] = "admin",
            ["__meta_kubernetes_pod_label_app_kubernetes_io_name"] = service,
        },
    };

    private static JsonObject Configuration(JsonArray targets)
    {
        var configuration = Scrape.DeepClone().AsObject();
        var scrape = Assert.Single(configuration["scrape_configs"]!.AsArray())!.AsObject();
        Assert.True(scrape.Remove("kubernetes_sd_configs"));
        scrape["static_configs"] = targets;
        scrape["scrape_interval"] = "1s";
        configuration["global"] = new JsonObject { ["evaluation_interval"] = "1s" };
        configuration["rule_files"] = new JsonArray([.. RuleFiles.Select(file => JsonValue.Create(file))]);
        return configuration;
    }

    private async Task<JsonNode?> GetAsync(string path)
    {
        if (process.Exited.IsCompleted)
            throw new InvalidOperationException((await process.Exited).ToString());
        try
        {
            using var response = await client.GetAsync(new Uri(path, UriKind.Relative), Stop);
            var answer = JsonNode.Parse(await response.Content.ReadAsStringAsync(Stop))!;
            return (string)answer["status"]! == "success" ? answer["data"] : throw new InvalidOperationException($"{answer["error"]}: {Uri.UnescapeDataString(path)}");
        }
        catch (Exception early) when (early is HttpRequestException or JsonException)
        {
            // It has not started yet.
            return new JsonObject { ["result"] = new JsonArray() };
        }
    }

    private static double Number(JsonNode sample) => (string)sample[1]! switch
    {
        "NaN" => double.NaN,
        "+Inf" => double.PositiveInfinity,
        "-Inf" => double.NegativeInfinity,
        var number => double.Parse(number, CultureInfo.InvariantCulture),
    };
}
