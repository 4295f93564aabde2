using Wakegate.Local.Manifests;
using Wakegate.Testing;

namespace Wakegate.Local.Tests.Manifests;

/// <summary>The examples beside the CustomResourceDefinition that KEDA publishes: a real cluster takes them.</summary>
public sealed class ScaledObjectSchemaTests
{
    [Fact]
    public void TheExamples_FitKedasSchema()
    {
        var schema = CrdSchema.Find();
        Assert.SkipWhen(schema is null, CrdSchema.Missing);

        var scaledObjects = ManifestReader.Read([]).Where(document => document.Kind == "ScaledObject").ToList();

        Assert.Equal(2, scaledObjects.Count);
        Assert.All(scaledObjects, document => Assert.Empty(schema!.Problems(document.Json)));
    }
}
