using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using Wakegate.Testing;

namespace Wakegate.Manifests.Tests.Admission;

/// <summary>What the policy made of an object.</summary>
/// <param name="Applies">Whether the match conditions held.</param>
/// <param name="Admitted">Whether it may be stored.</param>
/// <param name="Message">Why not.</param>
/// <param name="Error">What went wrong with the expressions: always a fault of the policy.</param>
internal sealed record Verdict(bool Applies, bool Admitted, string? Message, string? Error);

/// <summary>Evaluates the policy's CEL with an implementation in JavaScript: .NET has none. One process serves any number of objects.</summary>
internal static class PolicyRun
{
    private const string Folder = "tests/Manifests.Tests/cel";

    private static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web);

    public static async Task<IReadOnlyList<Verdict>> EvaluateAsync(IEnumerable<(JsonObject Object, JsonObject? Old)> cases)
    {
        SkipWithoutNode();
        var policy = Yaml.ReadFile(Repository.PathOf("manifests/admission/policy.yaml"))[0]["spec"]!;
        var input = new JsonObject
        {
            ["policy"] = policy.DeepClone(),
            ["cases"] = new JsonArray([.. cases.Select(c => new JsonObject { ["object"] = c.Object.DeepClone(), ["oldObject"] = c.Old?.DeepClone() })]),
        };
        using var node = Process.Start(new ProcessStartInfo("node", Path.Combine(Repository.PathOf(Folder), "evaluate.mjs"))
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var output = node.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var errors = node.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await node.StandardInput.WriteAsync(input.ToJsonString());
        node.StandardInput.Close();
        await node.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(node.ExitCode == 0, await errors);
        return JsonSerializer.Deserialize<Verdict[]>(await output, Options)!;
    }

    /// <summary>To build and test everything else, the .NET SDK is enough; CI has Node.js.</summary>
    private static void SkipWithoutNode()
    {
        var ready = Directory.Exists(Path.Combine(Repository.PathOf(Folder), "node_modules"));
        Assert.SkipUnless(
            ready || Environment.GetEnvironmentVariable("CI") == "true", $"The policy's CEL is evaluated with Node.js: run `npm ci --prefix {Folder}` first.");
    }
}
