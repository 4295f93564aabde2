using StackExchange.Redis;
using Wakegate.Contracts.Ledger;

namespace Wakegate.Contracts.Tests.Ledger;

public class LedgerFormatTests
{
    private static readonly RouteRecord Record = new(3, 2, 1, 123_456_789_012, 42, 1_795_468_148_281, 1_795_468_148_300, 1_795_468_148_123);

    [Fact]
    public void Record_IsReadableAndReadsBack()
    {
        var text = Record.ToString();

        Assert.Equal("3 2 1 123456789012 42 1795468148281 1795468148300 1795468148123", text);
        Assert.True(RouteRecord.TryParse(text, out var read));
        Assert.Equal(Record, read);
        Assert.Equal(6, read.Pending);
    }

    [Fact]
    public void RecordThatDoesNotSayWhenItsEdgeWas_IsTakenToHaveHadItWhenItWasLastSeen()
    {
        Assert.True(RouteRecord.TryParse("3 2 1 123456789012 42 1795468148281 1795468148300", out var read));

        Assert.Equal(Record with { Edge = Record.LastSeen }, read);
    }

    [Fact]
    public void HeaderThatDoesNotSayWhenItWasWritten_IsRead()
    {
        Assert.True(ReplicaHeader.TryParse("1 1000 7 10000", out var header));

        Assert.Equal(new ReplicaHeader(1, 1000, 7, 10_000, 0), header);
    }

    [Fact]
    public void ColumnsOfANewerVersion_ArePassedOver()
    {
        Assert.True(RouteRecord.TryParse(Record + " 17 what-ever", out var record));
        Assert.True(ReplicaHeader.TryParse("1 1000 7 10000 2000 99 x", out var header));

        Assert.Equal(Record, record);
        Assert.Equal(new ReplicaHeader(1, 1000, 7, 10_000, 2000), header);
    }

    [Fact]
    public void HeaderOfANewerFormat_SaysOnlyThat()
    {
        Assert.True(ReplicaHeader.TryParse("2 {anything}", out var header));

        Assert.False(header.Readable);
        Assert.Equal(2, header.Version);
    }

    [Theory]
    [InlineData("")]
    [InlineData("1 2 3")]
    [InlineData("1 2 x 4")]
    [InlineData("one 2 3 4")]
    public void WhatIsNoHeader_IsNotRead(string text) => Assert.False(ReplicaHeader.TryParse(text, out _));

    [Fact]
    public void Message_ReadsBackWithoutTheLinesThatCannot()
    {
        HashEntry[] changes = [new("store/shop/shop", Record.ToString()), new("store/odd/odd", "1 2"), new("store/cart/cart", Record.ToString())];

        var message = LedgerMessage.Parse(LedgerMessage.Format("pod-1", "1 1000 7 10000 2000", changes));

        Assert.NotNull(message);
        Assert.Equal(("pod-1", new ReplicaHeader(1, 1000, 7, 10_000, 2000)), (message.Replica, message.Header));
        Assert.Equal([("store/shop/shop", Record), ("store/cart/cart", Record)], message.Changes);
    }

    [Theory]
    [InlineData("")]
    [InlineData("hello")]
    [InlineData(" 1 2 3 4")]
    public void WhatIsNoMessage_IsNull(string text) => Assert.Null(LedgerMessage.Parse(text));
}
