using System.Text.RegularExpressions;
using CsCheck;
using Wakegate.Contracts.Triggers;

namespace Wakegate.Contracts.Tests.Triggers;

public sealed class KubernetesDurationTests
{
    [Theory]
    [InlineData("0", 0)]
    [InlineData("0s", 0)]
    [InlineData("500ms", 500)]
    [InlineData("90s", 90_000)]
    [InlineData("1m30s", 90_000)]
    [InlineData("1h", 3_600_000)]
    [InlineData("1.5s", 1_500)]
    [InlineData("1.s", 1_000)]
    [InlineData(".5s", 500)]
    [InlineData("250us", 0.25)]
    [InlineData("250\u00b5s", 0.25)]
    [InlineData("250\u03bcs", 0.25)]
    [InlineData("100ns", 0.0001)]
    [InlineData("99ns", 0)]
    public void GosSyntax_IsRead(string text, double milliseconds)
    {
        Assert.True(KubernetesDuration.TryParse(text, out var duration));
        Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), duration);
        Assert.Matches(KubernetesDuration.Pattern, text);
    }

    [Theory]
    [InlineData("")]
    [InlineData("90")]
    [InlineData("00")]
    [InlineData("-1s")]
    [InlineData("+1s")]
    [InlineData("1 s")]
    [InlineData("1d")]
    [InlineData("s")]
    [InlineData(".s")]
    [InlineData("1.2.3s")]
    [InlineData("1S")]
    [InlineData("PT1M")]
    [InlineData("00:01:30")]
    public void AnythingElse_IsNot(string text)
    {
        Assert.False(KubernetesDuration.TryParse(text, out _));
        Assert.DoesNotMatch(KubernetesDuration.Pattern, text);
    }

    [Theory]
    [InlineData("99999999999999999999999999999999999h")]
    [InlineData("9999999999h")]
    [InlineData("256204778h256204778h256204778h256204778h256204778h")]
    public void LongerThanATimeSpan_IsNot(string text) => Assert.False(KubernetesDuration.TryParse(text, out _));

    [Fact(Timeout = 60_000)]
    public async Task ADuration_ReadsAsItWasWritten()
    {
        await Task.Run(
            () => Gen.Long[0, long.MaxValue].Select(TimeSpan.FromTicks).Sample(
                duration => KubernetesDuration.TryParse(KubernetesDuration.Format(duration), out var read) && read == duration),
            TestContext.Current.CancellationToken);
    }

    [Fact(Timeout = 60_000)]
    public async Task Pattern_AcceptsExactlyWhatParses()
    {
        var pattern = new Regex(KubernetesDuration.Pattern, RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture);

        // Short enough that nothing is out of range.
        await Task.Run(
            () => Gen.String[Gen.Char["0159.hmsuµn "], 0, 8].Sample(
                text => KubernetesDuration.TryParse(text, out _) == pattern.IsMatch(text)),
            TestContext.Current.CancellationToken);
    }
}
