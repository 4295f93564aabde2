namespace Wakegate.Local.Narration;

/// <summary>Warnings of what runs within Local, as problems of the story.</summary>
internal sealed class ProblemLogs(Storyteller storyteller) : ILoggerProvider
{
    public ILogger CreateLogger(string categoryName) => new ProblemLog(storyteller, categoryName[(categoryName.LastIndexOf('.') + 1)..]);

    public void Dispose()
    {
        // The storyteller is its owner's.
    }

    private sealed class ProblemLog(Storyteller storyteller, string part) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
                storyteller.TellProblem(part, exception is null ? formatter(state, exception) : $"{formatter(state, exception)} {exception.Message}");
        }
    }
}
