using Wakegate.Contracts.Triggers;
using Wakegate.Testing.Triggers;

namespace Wakegate.Contracts.Tests.Triggers;

public sealed class HostTests
{
    [Theory]
    [InlineData("shop.test", "shop.test")]
    [InlineData("SHOP.Test:8443", "shop.test")]
    [InlineData("shop.test.", "shop.test")]
    [InlineData("localhost", "localhost")]
    [InlineData("*.Shop.test", "*.shop.test")]
    [InlineData("*", "*")]
    [InlineData("*:80", "*")]
    [InlineData("bücher.example", "xn--bcher-kva.example")]
    [InlineData("*.BÜCHER.example", "*.xn--bcher-kva.example")]
    [InlineData("例え。テスト", "xn--r8jz45g.xn--zckzah")]
    [InlineData("10.0.0.1:80", "10.0.0.1")]
    [InlineData("[2001:DB8:0:0::1]:8080", "[2001:db8::1]")]
    public void AHost_IsNormalised(string written, string expected)
    {
        var parse = TriggerParser.Parse("store", "shop", Metadata.With("hosts", written));

        Assert.Empty(parse.Refusals);
        Assert.Equal([expected], parse.Hosts.Select(h => h.ToString()));
    }

    [Theory]
    [InlineData("a..test")]
    [InlineData(".test")]
    [InlineData("-a.test")]
    [InlineData("a-.test")]
    [InlineData("a_b.test")]
    [InlineData("a b.test")]
    [InlineData("a*.test")]
    [InlineData("*.*.test")]
    [InlineData("*.")]
    [InlineData("1.2.3")]
    [InlineData("*.0.0.1")]
    [InlineData("1.2.3.256")]
    [InlineData("1.2.3.04")]
    [InlineData("[::1")]
    [InlineData("[10.0.0.1]")]
    [InlineData("[fe80::1%eth0]")]
    [InlineData("user@a.test")]
    [InlineData("a.test:65536")]
    [InlineData("a.test:")]
    public void WhatIsNoHost_IsRefused(string written)
    {
        var parse = TriggerParser.Parse("store", "shop", Metadata.With("hosts", written));

        Assert.Equal(["hosts"], parse.Refusals.Select(r => r.Key));
        Assert.Empty(parse.Hosts);
    }

    [Fact]
    public void LabelsAndNames_MayBeAsLongAsDnsTakes()
    {
        var label = new string('a', 63);
        var name = $"{label}.{label}.{label}.{label[..61]}";

        Assert.Empty(TriggerParser.Parse("store", "shop", Metadata.With("hosts", name)).Refusals);
        Assert.Single(TriggerParser.Parse("store", "shop", Metadata.With("hosts", $"{name}a")).Refusals);
        Assert.Single(TriggerParser.Parse("store", "shop", Metadata.With("hosts", $"{label}a.test")).Refusals);
    }
}
