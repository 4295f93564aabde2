using Wakegate.Interceptor.Forwarding;

namespace Wakegate.Interceptor.Tests;

public class RequestUrisTests
{
    private const string Pod = "http://10.0.0.1:8080";
    private const string Other = "http://10.0.0.2:8080";

    private readonly RequestUris uris = new();

    [Theory]
    [InlineData("/")]
    [InlineData("/a%2Fb/../c//d?x=%41&y#z")]
    public void Target_IsLeftAsItIs(string target)
    {
        for (var time = 0; time < 3; time++)
            Assert.Equal(Pod + target, uris.Get(Pod, target).OriginalString);
    }

    [Fact]
    public void UriThatIsAskedForAgain_IsKept()
    {
        uris.Get(Pod, "/items");
        var second = uris.Get(Pod, "/items");

        Assert.Same(second, uris.Get(Pod, "/items"));
    }

    [Fact]
    public void UrisThatComeOnce_PushNothingOut()
    {
        uris.Get(Pod, "/items");
        var kept = uris.Get(Pod, "/items");

        for (var id = 0; id < 100_000; id++)
            uris.Get(Pod, $"/items/{id}");

        Assert.Same(kept, uris.Get(Pod, "/items"));
    }

    [Fact]
    public void SameTargetOfTwoPods_IsNotConfused()
    {
        for (var time = 0; time < 3; time++)
        {
            Assert.Equal(Pod + "/items", uris.Get(Pod, "/items").OriginalString);
            Assert.Equal(Other + "/items", uris.Get(Other, "/items").OriginalString);
        }
    }

    [Fact]
    public void LongTarget_IsNotKept()
    {
        var target = "/" + new string('x', 5_000);
        uris.Get(Pod, target);
        var second = uris.Get(Pod, target);

        Assert.NotSame(second, uris.Get(Pod, target));
    }

    [Fact]
    public async Task ManyThreads_GetWhatTheyAskFor()
    {
        string[] targets = [.. Enumerable.Range(0, 5_000).Select(id => $"/{id}")];

        await Task.WhenAll(Enumerable.Range(0, 4).Select(seed => Task.Run(() =>
        {
            var random = new Random(seed);
            for (var time = 0; time < 50_000; time++)
            {
                // Some again and again, most now and then.
                var target = targets[random.Next(2) == 0 ? random.Next(10) : random.Next(targets.Length)];
                var uri = uris.Get(Pod, target);
                Assert.Equal(target, uri.PathAndQuery);
                Assert.Equal("10.0.0.1", uri.Host);
            }
        })));
    }
}
