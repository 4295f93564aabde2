using Wakegate.Local.Manifests;
using Wakegate.Local.Tests.Api;

namespace Wakegate.Local.Tests.Manifests;

public sealed class ManifestTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    [Fact]
    public void SeveralDocuments_AreReadWithTheirTypes()
    {
        var file = folder.Write("shop.yaml", """
            ---
            apiVersion: v1
            kind: Service
            metadata: { name: shop, namespace: store }
            spec:
              ports:
                - { port: 80, name: "80" }
              selector: { on: yes, hex: 0x1F, share: 1.5, none: , time: 12:30 }
            ---
            ---
            apiVersion: v1
            kind: Service
            metadata:
              name: other
            """);

        var documents = ManifestReader.Read([file]);

        Assert.Equal([("store", "shop", 1, 2), ("default", "other", 3, 11)], documents.Select(d => (d.Namespace, d.Name, d.Place.Document, (int)d.Place.Line)));
        Assert.Equal(
            """{"ports":[{"port":80,"name":"80"}],"selector":{"on":"yes","hex":31,"share":1.5,"none":null,"time":"12:30"}}""",
            documents[0].Json["spec"]!.ToJsonString());
    }

    [Fact]
    public void EveryFault_IsNamedWithFileDocumentAndLine()
    {
        var broken = folder.Write("broken.yaml", "kind: Service\napiVersion: v1\nmetadata: { name: a }\n---\nkind: [unclosed\nname: x\n");
        var odd = folder.Write("odd.yaml", "- a list\n---\nkind: Service\n---\nkind: Service\napiVersion: v1\n---\nkind: Ingress\napiVersion: networking.k8s.io/v1\nmetadata: { name: a }\n");
        var missing = Path.Combine(folder.Path, "missing.yaml");

        var problem = Assert.Throws<LocalException>(() => ManifestReader.Read([broken, odd, missing]));

        var lines = problem.Message.Split(Environment.NewLine);
        Assert.Equal(6, lines.Length);
        Assert.StartsWith($"{broken}, document 2, line ", lines[0], StringComparison.Ordinal);
        Assert.Equal($"{odd}, document 1, line 1: is not an object: write apiVersion, kind and metadata.", lines[1]);
        Assert.Equal($"{odd}, document 2, line 3: has no kind or no apiVersion: write both.", lines[2]);
        Assert.Equal($"{odd}, document 3, line 5: Service has no name: write metadata.name.", lines[3]);
        Assert.StartsWith($"{odd}, document 4, line 8: Ingress (networking.k8s.io/v1) is not served here: Local takes ", lines[4], StringComparison.Ordinal);
        Assert.StartsWith($"{missing}: cannot be read: ", lines[5], StringComparison.Ordinal);
    }

    [Fact(Timeout = 60_000)]
    public async Task WhatTheApiRefuses_IsNamedInItsWords()
    {
        await using var api = await ApiFixture.StartAsync();
        using var loader = new ManifestLoader(api.Api.Address);
        var file = folder.Write("shop.yaml", "apiVersion: v1\nkind: Service\nmetadata: { name: shop, namespace: store }\nspec: { prots: [] }\n");

        var problem = await Assert.ThrowsAsync<LocalException>(() => loader.LoadAsync(ManifestReader.Read([file]), TestContext.Current.CancellationToken));

        Assert.StartsWith($"{file}, document 1, line 1: Service shop: ", problem.Message, StringComparison.Ordinal);
        Assert.Contains("prots", problem.Message, StringComparison.Ordinal);
    }

    [Fact(Timeout = 60_000)]
    public async Task TheExamples_AreTaken()
    {
        await using var api = await ApiFixture.StartAsync();
        using var loader = new ManifestLoader(api.Api.Address);
        var examples = ManifestReader.Read([]);

        await loader.LoadAsync(examples, TestContext.Current.CancellationToken);

        Assert.Equal(["greeter", "shop"], examples.Select(d => d.Name).Distinct());
        Assert.Equal("curl http://shop.localhost:8080/", FirstRequest.Curl(examples, 8080));
    }

    [Theory]
    [InlineData("shop.example.com", "/", "curl -H 'Host: shop.example.com' http://127.0.0.1:80/")]
    [InlineData("*.localhost", "/api", "curl http://www.localhost:80/api")]
    [InlineData("*", "/", "curl http://localhost:80/")]
    public void TheFirstRequest_ReachesItsHost(string host, string path, string expected)
    {
        var file = folder.Write("so.yaml", $$"""
            apiVersion: keda.sh/v1alpha1
            kind: ScaledObject
            metadata: { name: shop }
            spec:
              scaleTargetRef: { name: shop }
              triggers:
                - type: external-push
                  metadata: { scalerAddress: "s:1", hosts: "{{host}}", pathPrefixes: "{{path}}", service: shop, port: "80" }
            """);

        Assert.Equal(expected, FirstRequest.Curl(ManifestReader.Read([file]), 80));
    }

    public void Dispose() => folder.Dispose();
}
