using System.Text.Json.Nodes;
using CsCheck;
using k8s;
using k8s.Models;
using Wakegate.Contracts.Triggers;
using Wakegate.Testing.Triggers;
using static Wakegate.Manifests.Tests.Admission.ScaledObjects;

namespace Wakegate.Manifests.Tests.Admission;

public sealed class PolicyTests
{
    private const string File = "manifests/admission/policy.yaml";

    private static readonly IReadOnlyDictionary<string, string> Bad = Metadata.With("port", "0");

    [Fact]
    public void Policy_IsWhatTheTableOfKeysGives() =>
        Assert.Equal(AdmissionPolicy.Write("wakegate-scaler.wakegate:9090"), System.IO.File.ReadAllText(Repository.PathOf(File)));

    [Fact]
    public void Policy_HasOnlyFieldsThatKubernetesKnows()
    {
        var documents = System.IO.File.ReadAllText(Repository.PathOf(File)).Split("\n---\n");

        var policy = KubernetesYaml.Deserialize<V1ValidatingAdmissionPolicy>(documents[0], strict: true);
        var binding = KubernetesYaml.Deserialize<V1ValidatingAdmissionPolicyBinding>(documents[1], strict: true);

        Assert.Equal(policy.Metadata.Name, binding.Spec.PolicyName);
        Assert.Equal(["Deny"], binding.Spec.ValidationActions);
        Assert.Equal(["scaledobjects"], Assert.Single(policy.Spec.MatchConstraints.ResourceRules).Resources);
    }

    [Fact(Timeout = 60_000)]
    public async Task GoodTriggers_AreAdmitted()
    {
        var verdicts = await PolicyRun.EvaluateAsync(GoodTrigger.All.Select(metadata => (With(metadata), (JsonObject?)null)));

        Assert.All(verdicts, verdict => Assert.Equal(new Verdict(Applies: true, Admitted: true, null, null), verdict));
    }

    [Fact(Timeout = 60_000)]
    public async Task BadTriggers_AreRefusedInTheParsersWordsWhereThePolicyCanSeeThem()
    {
        var verdicts = await PolicyRun.EvaluateAsync(BadTrigger.All.Select(bad => (With(bad.Metadata), (JsonObject?)null)));

        Assert.All(BadTrigger.All.Zip(verdicts), pair =>
        {
            var (bad, verdict) = pair;
            Assert.Null(verdict.Error);
            Assert.Equal(bad.Policy == Policy.Blind, verdict.Admitted);
            if (bad.Policy == Policy.InTheSameWords)
            {
                Assert.Equal($"spec.triggers[0]: {bad.Message}", verdict.Message);
            }
            else if (bad.Policy == Policy.InOtherWords)
            {
                Assert.StartsWith($"spec.triggers[0]: {bad.Key} \"{bad.Value}\" ", verdict.Message, StringComparison.Ordinal);
            }
        });
    }

    [Fact(Timeout = 60_000)]
    public async Task ObjectThatWasBadBefore_CanBeChangedInAllElse()
    {
        var bad = With(Bad);
        var withFinalizer = With(Bad);
        withFinalizer["metadata"]!["finalizers"] = new JsonArray("finalizer.keda.sh");
        var rounded = With(Bad);
        rounded["spec"]!["triggers"]![0]!["name"] = "";
        var scaled = With(Bad);
        scaled["spec"]!["maxReplicaCount"] = 5;
        var deleted = With(Metadata.With("port", "70000"));
        deleted["metadata"]!["deletionTimestamp"] = "2030-01-01T00:00:00Z";

        var verdicts = await PolicyRun.EvaluateAsync([(withFinalizer, bad), (bad, rounded), (scaled, bad), (deleted, bad)]);

        Assert.All(verdicts, verdict => Assert.Equal(new Verdict(Applies: false, Admitted: true, null, null), verdict));
    }

    [Fact(Timeout = 60_000)]
    public async Task ChangedTriggers_AreJudged()
    {
        var cron = Of(Trigger(Bad, type: "cron"));

        var verdicts = await PolicyRun.EvaluateAsync([(With(Bad), With(Metadata.Minimal)), (With(Metadata.Minimal), With(Bad)), (With(Bad), cron)]);

        Assert.Equal([false, true, false], verdicts.Select(verdict => verdict.Admitted));
        Assert.All(verdicts, verdict => Assert.True(verdict.Applies));
    }

    [Theory(Timeout = 60_000)]
    [InlineData("external-push", "wakegate-scaler.wakegate:9090")]
    [InlineData("external", "wakegate-scaler.wakegate.svc:9090")]
    [InlineData("external-push", " Wakegate-Scaler.wakegate.svc.corp.internal.:9090 ")]
    [InlineData("external-push", "wakegate-scaler.wakegate.:9090")]
    [InlineData("external-push", "wakegate-scaler.wakegate:9091")]
    [InlineData("external-push", "wakegate-scaler.other:9090")]
    [InlineData("external-push", "wakegate-scaler.wakegatesvc:9090")]
    [InlineData("external-push", "wakegate-scaler.wakegate-svc:9090")]
    [InlineData("external-push", "wakegate-scalerxwakegate:9090")]
    [InlineData("external-push", "my-wakegate-scaler.wakegate:9090")]
    [InlineData("external-push", "wakegate-scaler.wakegate")]
    [InlineData("cron", "wakegate-scaler.wakegate:9090")]
    public async Task ATrigger_IsJudgedWhereItIsOurs(string type, string address)
    {
        var metadata = new Dictionary<string, string>(Bad) { ["scalerAddress"] = address };

        var verdict = Assert.Single(await PolicyRun.EvaluateAsync([(Of(Trigger(metadata, type)), null)]));

        Assert.Null(verdict.Error);
        Assert.Equal(TriggerParser.IsOurs(type, address, "wakegate-scaler.wakegate:9090"), !verdict.Admitted);
    }

    [Fact(Timeout = 60_000)]
    public async Task TriggerOfAnotherScaler_MayLackAnAddress()
    {
        var cron = new JsonObject { ["type"] = "cron", ["metadata"] = new JsonObject { ["timezone"] = "Europe/Berlin" } };

        var verdict = Assert.Single(await PolicyRun.EvaluateAsync([(Of(cron, Trigger(Metadata.Minimal)), null)]));

        Assert.Equal(new Verdict(Applies: true, Admitted: true, null, null), verdict);
    }

    [Fact(Timeout = 60_000)]
    public async Task SeveralFaults_AreToldTogether()
    {
        var cron = new JsonObject { ["type"] = "cron", ["metadata"] = new JsonObject() };
        var good = Trigger(Metadata.With("route", "good"));
        var bad = Trigger(new Dictionary<string, string>(Bad) { ["via"] = "po\nds", ["holdTimeout"] = new string('9', 200) + "s" });

        var verdict = Assert.Single(await PolicyRun.EvaluateAsync([(Of(cron, good, bad), null)]));

        Assert.Equal(
            "spec.triggers[2]: port \"0\" is out of range: give a number from 1 to 65535. "
                + "via \"po\" is not a choice: give pods or service. "
                + $"holdTimeout \"{new string('9', 100)}\" is out of range: give a duration from 1ms to 24h, such as 1m30s.",
            verdict.Message);
    }

    [Theory(Timeout = 60_000)]
    [InlineData("", "shop")]
    [InlineData("", "")]
    [InlineData("beta", " beta ")]
    public async Task TwoTriggersWithOneRoute_AreRefused(string first, string second)
    {
        var triggers = new[] { first, second }.Select(route => route.Length == 0 ? Metadata.Minimal : Metadata.With("route", route));

        var verdict = Assert.Single(await PolicyRun.EvaluateAsync([(With(triggers), null)]));

        Assert.Contains("is used by two triggers of this ScaledObject: give each a route of its own.", verdict.Message, StringComparison.Ordinal);
    }

    [Fact(Timeout = 60_000)]
    public async Task ManyFaults_AreToldWithinTheApiServersLimit()
    {
        var metadata = TriggerKeys.All.ToDictionary(key => key.Name, _ => new string('ü', 200));

        var verdict = Assert.Single(await PolicyRun.EvaluateAsync([(With(metadata), null)]));

        Assert.InRange(System.Text.Encoding.UTF8.GetByteCount(verdict.Message!), 1000, 5 * 1024);
    }

    [Fact(Timeout = 120_000)]
    public async Task WhatTheParserTakes_ThePolicyAdmits()
    {
        var keys = Gen.OneOf<string>([.. TriggerKeys.All.Select(key => Gen.Const(key.Name))]);
        var values = Gen.OneOf(
            Gen.String[Gen.Char["*.:/[]=,09aA- %\nüs"], 0, 12],
            Gen.String[Gen.Char["0159.hmsuµn"], 1, 8],
            Gen.OneOf<string>([.. GoodTrigger.All.SelectMany(metadata => metadata.Values).Select(Gen.Const)]));
        var triggers = Gen.Select(keys, values).Array[0, 3].Select(changes =>
        {
            var metadata = new Dictionary<string, string>(Metadata.Minimal);
            foreach (var (key, value) in changes)
            {
                metadata[key] = value;
            }

            return metadata;
        });

        var sampled = new List<Dictionary<string, string>>();
        triggers.Array[3000].Sample(sampled.AddRange, iter: 1, threads: 1);
        var verdicts = await PolicyRun.EvaluateAsync(sampled.Select(metadata => (With(metadata), (JsonObject?)null)));

        Assert.All(sampled.Zip(verdicts), pair =>
        {
            var parse = TriggerParser.Parse("store", "shop", pair.First);
            Assert.Null(pair.Second.Error);
            Assert.True(pair.Second.Admitted || parse.Spec is null, $"{string.Join(", ", pair.First)}: {pair.Second.Message}");
        });
    }
}
