using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Diagnosers;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Loggers;
using BenchmarkDotNet.Reports;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.NoEmit;
using Wakegate.Bench.Results;
using Wakegate.Bench.Running;

namespace Wakegate.Bench.Figures;

/// <summary>What BenchmarkDotNet says of <see cref="WarmRequest"/>.</summary>
internal sealed class AllocationFigure : IFigure
{
    private const int Requests = 16_384;
    private const string Allocated = "allocated";
    private const string Time = "time";

    public string Name => "allocations";

    public string Title => "Bytes allocated by a warm request, HTTP/1.1, one after the other";

    public Task MeasureAsync(Stage stage, Plan plan, Report report, CancellationToken cancellation)
    {
        // In this process, since a build of its own would not have this project's settings of the runtime.
        var job = Job.Default.WithToolchain(InProcessNoEmitToolchain.Instance)
            .WithWarmupCount(3).WithIterationCount(plan.Rounds).WithInvocationCount(Requests).WithEvaluateOverhead(false);
        var config = ManualConfig.CreateEmpty().AddJob(job).AddDiagnoser(MemoryDiagnoser.Default).AddLogger(NullLogger.Instance)
            .WithArtifactsPath(stage.Folder).WithOptions(ConfigOptions.DisableLogFile);
        foreach (var measured in BenchmarkRunner.Run<WarmRequest>(config, args: []).Reports)
            Add(report, measured);

        report.Difference(Allocated, Contestant.Wakegate, Contestant.Yarp, new(AtMost: 0));
        report.Difference(Allocated, Contestant.Wakegate, Contestant.YarpWithoutHeaders, Bound.None);
        report.Note($"BenchmarkDotNet, {Requests:N0} requests an iteration over one connection; time is the way there and back.");
        report.Note("The baseline awaits IHttpForwarder.SendAsync once, and sets the same three headers, each a value of its own to allocate.");
        return Task.CompletedTask;
    }

    private static void Add(Report report, BenchmarkReport measured)
    {
        var server = (string)measured.BenchmarkCase.Parameters[nameof(WarmRequest.Server)];
        if (!measured.Success || measured.GcStats.GetBytesAllocatedPerOperation(measured.BenchmarkCase) is not { } bytes)
            throw new BenchException($"BenchmarkDotNet could not measure {server}.");

        report.Add(Allocated, "bytes a request", server, bytes);
        foreach (var iteration in measured.GetResultRuns())
            report.Add(Time, "µs", server, iteration.GetAverageTime().Nanoseconds / 1000);
    }
}
