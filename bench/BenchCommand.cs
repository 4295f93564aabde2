using System.CommandLine;
using Wakegate.Bench.Figures;
using Wakegate.Bench.Results;
using Wakegate.Bench.Running;

namespace Wakegate.Bench;

/// <summary>The command line.</summary>
internal static class BenchCommand
{
    public static RootCommand Build()
    {
        var figures = new Argument<string[]>("figures")
        {
            Description = $"What to measure; all where none is named: {string.Join(", ", Catalogue.All.Select(f => f.Name))}.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        figures.AcceptOnlyFromAmong([.. Catalogue.All.Select(f => f.Name)]);
        var rounds = new Option<int?>("--rounds") { Description = "How often each contestant has its turn; each figure has a number of its own by default." };
        var seconds = new Option<int?>("--seconds") { Description = "How long a turn lasts, where it is measured in time; each figure's own by default." };
        var output = new Option<DirectoryInfo?>("--output") { Description = "Where results are written; bench/results by default." };

        var command = new RootCommand("Measures Wakegate beside other proxies and bare baselines, all on this machine.") { figures, rounds, seconds, output };
        command.SetAction((parsed, cancellation) => RunAsync(
            parsed.GetValue(figures) is { Length: > 0 } named ? named : [.. Catalogue.All.Select(f => f.Name)],
            parsed.GetValue(rounds),
            parsed.GetValue(seconds),
            parsed.GetValue(output)?.FullName,
            cancellation));
        return command;
    }

    private static async Task<int> RunAsync(string[] names, int? rounds, int? seconds, string? output, CancellationToken cancellation)
    {
        var folder = new ResultsFolder(output);
        var failures = 0;
        foreach (var figure in Catalogue.All.Where(f => names.Contains(f.Name, StringComparer.Ordinal)))
        {
            cancellation.ThrowIfCancellationRequested();
            await Console.Out.WriteLineAsync($"{figure.Name}: {figure.Title}");
            var plan = new Plan(rounds ?? figure.Plan.Rounds, seconds is { } turn ? TimeSpan.FromSeconds(turn) : figure.Plan.Turn);
            var report = new Report(figure.Name, figure.Title, plan);
            try
            {
                foreach (var part in plan.Split(figure.Starts))
                {
                    await using var stage = await Stage.StartAsync(cancellation);
                    report.JudgeAnew();
                    await figure.MeasureAsync(stage, part, report, cancellation);
                }
            }
            catch (BenchException failed)
            {
                await Console.Error.WriteLineAsync($"{figure.Name}: {failed.Message}");
                failures++;
                continue;
            }

            await folder.WriteAsync(report.ToFigure(), cancellation);
            await Console.Out.WriteLineAsync(Markdown.Of(report.ToFigure()));
        }

        return failures == 0 ? 0 : 1;
    }
}
