using Wakegate.Contracts.Triggers;
using Wakegate.Testing.Triggers;

namespace Wakegate.Contracts.Tests.Triggers;

/// <summary>What a user reads when something is wrong, word by word.</summary>
public sealed class RefusalTests
{
    public static TheoryData<string, string?, string> Bad => new(BadTrigger.All.Select(bad => (bad.Key, bad.Value, bad.Message)));

    [Theory]
    [MemberData(nameof(Bad))]
    public void ABadTrigger_IsRefusedInWords(string key, string? value, string message)
    {
        var parse = TriggerParser.Parse("store", "shop", new BadTrigger(key, value, message).Metadata);

        var refusal = Assert.Single(parse.Refusals);
        Assert.Equal(message, refusal.ToString());
        Assert.Equal(key, refusal.Key);
        Assert.Equal(value is null, refusal.Value is null);
        Assert.Null(parse.Spec);
    }

    [Fact]
    public void ALongOrUnprintableValue_IsCutAndEscaped()
    {
        var parse = TriggerParser.Parse("store", "shop", Metadata.With("via", $"po\nds{new string('x', 5000)}"));

        Assert.Equal($"via \"po\\u000ads{new string('x', 90)}…\" is not a choice: give pods or service.", Assert.Single(parse.Refusals).Message);
    }

    [Fact]
    public void AHostThatIsTooLong_IsRefusedInWords()
    {
        var parse = TriggerParser.Parse("store", "shop", Metadata.With("hosts", string.Join('.', Enumerable.Repeat("abcdefghi", 26))));

        Assert.EndsWith("…\" is longer than 253 characters: give a host that DNS can hold.", Assert.Single(parse.Refusals).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void PortName_MayStandForPort()
    {
        var metadata = new Dictionary<string, string>(Metadata.Without("port")) { ["portName"] = "http-of-the-internal-gateway" };

        Assert.Equal("http-of-the-internal-gateway", TriggerParser.Parse("store", "shop", metadata).Spec!.Port.ToString());
    }
}
