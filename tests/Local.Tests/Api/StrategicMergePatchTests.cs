using System.Text.Json.Nodes;
using Wakegate.Local.Api;

namespace Wakegate.Local.Tests.Api;

public sealed class StrategicMergePatchTests
{
    private const string Containers = """{"spec":{"template":{"spec":{"containers":[{"name":"a","image":"1","env":[{"name":"X","value":"1"}]},{"name":"b","image":"1"}]}}}}""";

    [Theory]
    [InlineData(
        """{"spec":{"template":{"spec":{"containers":[{"name":"b","image":"2"}]}}}}""",
        """[{"name":"a","image":"1","env":[{"name":"X","value":"1"}]},{"name":"b","image":"2"}]""")]
    [InlineData(
        """{"spec":{"template":{"spec":{"containers":[{"name":"a","env":[{"name":"Y","value":"2"},{"name":"X","$patch":"delete"}]}]}}}}""",
        """[{"name":"a","image":"1","env":[{"name":"Y","value":"2"}]},{"name":"b","image":"1"}]""")]
    [InlineData(
        """{"spec":{"template":{"spec":{"containers":[{"name":"a","$patch":"delete"}]}}}}""",
        """[{"name":"b","image":"1"}]""")]
    [InlineData(
        """{"spec":{"template":{"spec":{"containers":[{"$patch":"replace"},{"name":"c","image":"3"}]}}}}""",
        """[{"name":"c","image":"3"}]""")]
    [InlineData(
        """{"spec":{"template":{"spec":{"$setElementOrder/containers":[{"name":"b"},{"name":"a"}],"containers":[{"name":"b","image":"2"}]}}}}""",
        """[{"name":"b","image":"2"},{"name":"a","image":"1","env":[{"name":"X","value":"1"}]}]""")]
    public void Containers_AreMergedByName(string patch, string expected)
    {
        var result = Apply(Containers, patch, ResourceKinds.Deployment);

        Assert.Equal(expected, result["spec"]!["template"]!["spec"]!["containers"]!.ToJsonString());
    }

    [Theory]
    // A null removes, a map is merged, retainKeys drops the rest, and lists without a key are replaced.
    [InlineData("""{"spec":{"replicas":null}}""", """{"strategy":{"type":"RollingUpdate","rollingUpdate":{"maxSurge":1}}}""")]
    [InlineData("""{"spec":{"strategy":{"rollingUpdate":{"maxUnavailable":0}}}}""", """{"replicas":1,"strategy":{"type":"RollingUpdate","rollingUpdate":{"maxSurge":1,"maxUnavailable":0}}}""")]
    [InlineData("""{"spec":{"strategy":{"$retainKeys":["type"],"type":"Recreate"}}}""", """{"replicas":1,"strategy":{"type":"Recreate"}}""")]
    [InlineData("""{"spec":{"strategy":{"$patch":"replace","type":"Recreate"}}}""", """{"replicas":1,"strategy":{"type":"Recreate"}}""")]
    [InlineData("""{"spec":{"strategy":{"$patch":"delete"}}}""", """{"replicas":1}""")]
    public void Maps_AreMergedAndObeyDirectives(string patch, string expected)
    {
        var result = Apply("""{"spec":{"replicas":1,"strategy":{"type":"RollingUpdate","rollingUpdate":{"maxSurge":1}}}}""", patch, ResourceKinds.Deployment);

        Assert.Equal(expected, result["spec"]!.ToJsonString());
    }

    [Fact]
    public void ServicePorts_AreMergedByPort()
    {
        var result = Apply(
            """{"spec":{"ports":[{"port":80,"name":"http"},{"port":90,"name":"admin"}]}}""",
            """{"spec":{"ports":[{"port":80,"targetPort":8080}]}}""",
            ResourceKinds.Service);

        Assert.Equal("""[{"port":80,"name":"http","targetPort":8080},{"port":90,"name":"admin"}]""", result["spec"]!["ports"]!.ToJsonString());
    }

    [Fact]
    public void Endpoints_AreReplacedAsAWhole()
    {
        var result = Apply("""{"endpoints":[{"addresses":["127.0.0.1"]}]}""", """{"endpoints":[{"addresses":["127.0.0.2"]}]}""", ResourceKinds.EndpointSlice);

        Assert.Equal("""[{"addresses":["127.0.0.2"]}]""", result["endpoints"]!.ToJsonString());
    }

    [Fact]
    public void Finalizers_AreAddedAndTakenByValue()
    {
        var result = Apply(
            """{"metadata":{"finalizers":["a","b"]}}""",
            """{"metadata":{"$deleteFromPrimitiveList/finalizers":["a"],"finalizers":["c"]}}""",
            ResourceKinds.Pod);

        Assert.Equal("""["b","c"]""", result["metadata"]!["finalizers"]!.ToJsonString());
    }

    private static JsonObject Apply(string target, string patch, ResourceKind kind) =>
        StrategicMergePatch.Apply(JsonNode.Parse(target)!.AsObject(), JsonNode.Parse(patch)!.AsObject(), kind.Schema);
}
