using System.Text;

namespace Wakegate.EndToEnd.Tests.Live;

/// <summary>The system's story as the test's output, which is shown when the test fails.</summary>
internal sealed class StoryWriter : TextWriter
{
    private readonly ITestOutputHelper? output = TestContext.Current.TestOutputHelper;

    public override Encoding Encoding => Encoding.UTF8;

    public override Task WriteLineAsync(string? value)
    {
        try
        {
            output?.WriteLine(value ?? "");
        }
        catch (InvalidOperationException)
        {
            // The test is over.
        }

        return Task.CompletedTask;
    }
}
