using System.Text.Json.Nodes;
using CsCheck;
using Wakegate.Local.Api;

namespace Wakegate.Local.Tests.Api;

public sealed class MergePatchTests
{
    private static readonly Gen<JsonNode?> Leaf = Gen.OneOf(
        Gen.Int[0, 9].Select(number => (JsonNode?)number),
        Gen.Bool.Select(flag => (JsonNode?)flag),
        Gen.String[Gen.Char['a', 'c'], 0, 2].Select(text => (JsonNode?)text));

    private static readonly Gen<JsonNode?> Document = Gen.Recursive<JsonNode?>((depth, inner) => depth >= 3
        ? Leaf
        : Gen.Frequency(
            (2, Leaf),
            (1, inner.Array[0, 3].Select(items => (JsonNode?)new JsonArray([.. items.Select(Copy)]))),
            (3, Objects(inner))));

    [Theory]
    // The examples of RFC 7386, appendix A.
    [InlineData("""{"a":"b"}""", """{"a":"c"}""", """{"a":"c"}""")]
    [InlineData("""{"a":"b"}""", """{"b":"c"}""", """{"a":"b","b":"c"}""")]
    [InlineData("""{"a":"b"}""", """{"a":null}""", """{}""")]
    [InlineData("""{"a":"b","b":"c"}""", """{"a":null}""", """{"b":"c"}""")]
    [InlineData("""{"a":["b"]}""", """{"a":"c"}""", """{"a":"c"}""")]
    [InlineData("""{"a":"c"}""", """{"a":["b"]}""", """{"a":["b"]}""")]
    [InlineData("""{"a":{"b":"c"}}""", """{"a":{"b":"d","c":null}}""", """{"a":{"b":"d"}}""")]
    [InlineData("""{"a":[{"b":"c"}]}""", """{"a":[1]}""", """{"a":[1]}""")]
    [InlineData("""["a","b"]""", """["c","d"]""", """["c","d"]""")]
    [InlineData("""{"a":"b"}""", """["c"]""", """["c"]""")]
    [InlineData("""{"a":"foo"}""", "null", "null")]
    [InlineData("""{"a":"foo"}""", "\"bar\"", "\"bar\"")]
    [InlineData("""{"e":null}""", """{"a":1}""", """{"e":null,"a":1}""")]
    [InlineData("""[1,2]""", """{"a":"b","c":null}""", """{"a":"b"}""")]
    [InlineData("""{}""", """{"a":{"bb":{"ccc":null}}}""", """{"a":{"bb":{}}}""")]
    public void Example_OfTheStandard(string target, string patch, string expected)
    {
        var result = MergePatch.Apply(JsonNode.Parse(target), JsonNode.Parse(patch));

        Assert.Equal(expected, result?.ToJsonString() ?? "null");
    }

    [Fact]
    public void DifferenceOfTwoDocuments_TurnsOneIntoTheOther() => Gen.Select(Document, Document).Sample((before, after) =>
        JsonNode.DeepEquals(after, MergePatch.Apply(before, Difference(before, after))));

    [Fact]
    public void AppliedTwice_ChangesNothingMore() => Gen.Select(Document, Document).Sample((target, patch) =>
    {
        var once = MergePatch.Apply(target, patch);
        return JsonNode.DeepEquals(once, MergePatch.Apply(once, patch));
    });

    [Fact]
    public void Arguments_StayAsTheyWere() => Gen.Select(Document, Document).Sample((target, patch) =>
    {
        var (targetBefore, patchBefore) = (Copy(target), Copy(patch));
        MergePatch.Apply(target, patch);
        return JsonNode.DeepEquals(target, targetBefore) && JsonNode.DeepEquals(patch, patchBefore);
    });

    private static Gen<JsonNode?> Objects(Gen<JsonNode?> values) =>
        Gen.Select(Gen.Char['a', 'e'], values).Array[0, 4].Select(entries => (JsonNode?)new JsonObject(entries
            .DistinctBy(entry => entry.Item1)
            .Select(entry => KeyValuePair.Create(entry.Item1.ToString(), Copy(entry.Item2)))));

    private static JsonNode? Copy(JsonNode? node) => node?.DeepClone();

    private static JsonNode? Difference(JsonNode? before, JsonNode? after)
    {
        if (before is not JsonObject old || after is not JsonObject wanted)
            return Copy(after);
        var patch = new JsonObject();
        foreach (var (name, _) in old.Where(entry => !wanted.ContainsKey(entry.Key)))
            patch[name] = null;
        foreach (var (name, value) in wanted.Where(entry => !JsonNode.DeepEquals(old[entry.Key], entry.Value)))
            // A document in place of a leaf is merged into nothing.
            patch[name] = Difference(old[name], value);
        return patch;
    }
}
