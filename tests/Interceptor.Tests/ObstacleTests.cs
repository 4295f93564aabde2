using Wakegate.Interceptor.Waking;

namespace Wakegate.Interceptor.Tests;

public class ObstacleTests
{
    /// <summary>By KEDA's NeedToBePausedByAnnotation, which asks Go's strconv.ParseBool and pauses where that fails.</summary>
    [Theory]
    [InlineData("1", true)]
    [InlineData("t", true)]
    [InlineData("T", true)]
    [InlineData("TRUE", true)]
    [InlineData("true", true)]
    [InlineData("True", true)]
    [InlineData("0", false)]
    [InlineData("f", false)]
    [InlineData("F", false)]
    [InlineData("FALSE", false)]
    [InlineData("false", false)]
    [InlineData("False", false)]
    [InlineData("", true)]
    [InlineData("fAlse", true)]
    [InlineData("no", true)]
    [InlineData(" false", true)]
    public void PausedAnnotation_IsReadAsKedaReadsIt(string value, bool paused)
    {
        var obstacle = Obstacle.OfPause(new Dictionary<string, string> { ["autoscaling.keda.sh/paused"] = value });

        Assert.Equal(paused ? "scaling is paused by its annotation autoscaling.keda.sh/paused; remove the annotation to resume." : null, obstacle?.Reason);
    }

    [Fact]
    public void PausedReplicas_PauseWhateverTheOtherAnnotationSays()
    {
        var obstacle = Obstacle.OfPause(new Dictionary<string, string>
        {
            ["autoscaling.keda.sh/paused"] = "false",
            ["autoscaling.keda.sh/paused-replicas"] = "0",
        });

        Assert.StartsWith("scaling is paused at 0 replicas", obstacle?.Reason, StringComparison.Ordinal);
        Assert.Null(Obstacle.OfPause(null));
    }
}
