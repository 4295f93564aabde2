using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using k8s;
using k8s.Models;
using Wakegate.Local.Api;
using Wakegate.Testing;

namespace Wakegate.Local.Tests.Api;

/// <summary>One API on a free port, and the official client for it.</summary>
internal sealed class ApiFixture : IAsyncDisposable
{
    private ApiFixture(InMemoryApi api)
    {
        Api = api;
        Client = api.CreateClient();
        Http = new HttpClient { BaseAddress = api.Address };
    }

    public InMemoryApi Api { get; }

    public IKubernetes Client { get; }

    public HttpClient Http { get; }

    public static Task<ApiFixture> StartAsync() => StartAtAsync(TimeProvider.System);

    // Not on a port that the system gives out: while a test has it stopped, another may get that.
    public static async Task<ApiFixture> StartAtAsync(TimeProvider clock) =>
        new(await InMemoryApi.StartAsync(new IPEndPoint(IPAddress.Loopback, FreePort.Find()), clock, TestContext.Current.CancellationToken));

    public static V1Deployment Deployment(string name, int replicas = 0) => new()
    {
        Metadata = new V1ObjectMeta { Name = name, NamespaceProperty = "store" },
        Spec = new V1DeploymentSpec
        {
            Replicas = replicas,
            Selector = new V1LabelSelector { MatchLabels = new Dictionary<string, string> { ["app"] = name } },
            Template = new V1PodTemplateSpec
            {
                Metadata = new V1ObjectMeta { Labels = new Dictionary<string, string> { ["app"] = name } },
                Spec = new V1PodSpec
                {
                    Containers =
                    [
                        new V1Container { Name = name, Image = "shop:1", Ports = [new V1ContainerPort { Name = "http", ContainerPort = 8080 }] },
                    ],
                },
            },
        },
    };

    public static V1Pod Pod(string name, string? label = null) => new()
    {
        Metadata = new V1ObjectMeta
        {
            Name = name,
            NamespaceProperty = "store",
            Labels = label is null ? null : new Dictionary<string, string> { ["app"] = label },
        },
        Spec = new V1PodSpec { Containers = [new V1Container { Name = "main", Image = "shop:1" }] },
    };

    public Task<V1Pod> CreatePodAsync(string name, string? label = null) =>
        Client.CoreV1.CreateNamespacedPodAsync(Pod(name, label), "store", cancellationToken: TestContext.Current.CancellationToken);

    public Task<V1Deployment> CreateAsync(V1Deployment deployment) =>
        Client.AppsV1.CreateNamespacedDeploymentAsync(deployment, "store", cancellationToken: TestContext.Current.CancellationToken);

    /// <summary>What the API really answers, without the client's reading of it.</summary>
    public async Task<(HttpStatusCode Status, JsonElement Body)> SendAsync(HttpMethod method, string path, string? body = null, string type = "application/json")
    {
        using var request = new HttpRequestMessage(method, path);
        if (body is not null)
            request.Content = new StringContent(body, new MediaTypeHeaderValue(type));
        using var response = await Http.SendAsync(request, TestContext.Current.CancellationToken);
        return (response.StatusCode, JsonElement.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)));
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        Client.Dispose();
        await Api.DisposeAsync();
    }
}
