using System.Globalization;
using CsCheck;
using Wakegate.Contracts.Triggers;

namespace Wakegate.Contracts.Tests.Triggers;

public sealed class TriggerParserProperties
{
    private static readonly Gen<string> KnownKeys =
        Gen.OneOf<string>([.. TriggerKeys.All.Select(k => k.Name).Concat(TriggerKeys.OfKeda).Select(name => Gen.Const(name))]);

    private static readonly Gen<string> Label = Gen.String[Gen.Char['a', 'z'], 1, 12];
    private static readonly Gen<string> Host = Label.Array[1, 4].Select(labels => string.Join('.', labels));

    private static readonly Gen<HostPattern> Pattern = Gen.OneOf(
        Host.Select(host => new HostPattern(HostKind.Exact, host)),
        Host.Select(host => new HostPattern(HostKind.Wildcard, host)),
        Gen.Const(new HostPattern(HostKind.Any, "")));

    private static readonly Gen<RouteSpec> Spec =
        from hosts in Pattern.Array[1, 4]
        from paths in Label.Array[0, 3].Select(labels => $"/{string.Join('/', labels)}").Array[1, 3]
        from headers in Gen.Select(Label, Label.Null()).Array[0, 3]
        from service in Label
        from port in Gen.OneOf(Gen.Int[1, 65535].Select(n => new ServicePort(n, null)), Label.Select(name => new ServicePort(null, name)))
        from choices in Gen.Select(Gen.Enum<Via>(), Gen.Enum<Readiness>(), Gen.Enum<UpstreamProtocol>())
        from counts in Gen.Select(Gen.Int[0, 1_000_000], Gen.Int[1, 1_000_000])
        from times in Gen.Int[1, 86_400_000].Select(ms => TimeSpan.FromMilliseconds(ms)).Array[3]
        from windows in Gen.Int[1, 3600].Select(s => TimeSpan.FromSeconds(s)).Array[2]
        from targets in Gen.Select(Gen.Int[1, 1_000_000], Gen.Int[1, 1_000_000].Nullable())
        select new RouteSpec
        {
            Id = new("ns", "object", service),
            Hosts = [.. hosts.Distinct()],
            PathPrefixes = [.. paths.Distinct()],
            Headers = [.. headers.DistinctBy(h => h.Item1).Select(h => new HeaderCondition(h.Item1, h.Item2))],
            Service = service,
            Port = port,
            Via = choices.Item1,
            Readiness = choices.Item2,
            Protocol = choices.Item3,
            PodConcurrency = counts.Item1,
            MaxHeldRequests = counts.Item2,
            HoldTimeout = times[0],
            ResponseTimeout = times[1],
            RequestTimeout = times[2],
            Scaling = new()
            {
                TargetPendingRequests = targets.Item1 / 8d,
                TargetRequestRate = targets.Item2 / 8d,
                RequestRateWindow = windows[0],
                ActivityWindow = windows[1],
            },
        };

    [Fact(Timeout = 60_000)]
    public async Task AnyMetadata_IsReadOrRefusedButNeverThrows()
    {
        var metadata = Gen.Select(Gen.Frequency((3, KnownKeys), (1, Gen.String)), Gen.OneOf(Gen.String, Gen.String[Gen.Char["*.:/[]=,09a- %\n"], 0, 12]))
            .Array[0, 12]
            .Select(pairs => pairs.DistinctBy(pair => pair.Item1).ToDictionary(pair => pair.Item1, pair => pair.Item2));

        await Task.Run(
            () => metadata.Sample(m =>
            {
                var parse = TriggerParser.Parse("store", "shop", m);
                TriggerParser.ParseScaling("store", "shop", m);
                return parse.Spec is null == (parse.Refusals.Count > 0) && parse.Refusals.All(r => r.Message.Length < 1024);
            }),
            TestContext.Current.CancellationToken);
    }

    [Fact(Timeout = 60_000)]
    public async Task AValidSpec_ReadsAsItWasWritten()
    {
        await Task.Run(
            () => Spec.Sample(spec =>
            {
                var parse = TriggerParser.Parse(spec.Id.Namespace, spec.Id.ScaledObject, Written(spec));
                Assert.Empty(parse.Refusals);
                Assert.Equivalent(spec, parse.Spec, strict: true);
            }),
            TestContext.Current.CancellationToken);
    }

    private static Dictionary<string, string> Written(RouteSpec spec)
    {
        var metadata = new Dictionary<string, string?>
        {
            ["hosts"] = string.Join(" ,", spec.Hosts),
            ["pathPrefixes"] = string.Join(", ", spec.PathPrefixes),
            ["headers"] = spec.Headers.Count == 0 ? null : string.Join(',', spec.Headers.Select(h => h.Value is null ? h.Name : $"{h.Name}={h.Value}")),
            ["service"] = spec.Service,
            ["port"] = spec.Port.Number?.ToString(CultureInfo.InvariantCulture),
            ["portName"] = spec.Port.Name,
            ["via"] = Lower(spec.Via),
            ["route"] = spec.Id.Route,
            ["targetPendingRequests"] = Number(spec.Scaling.TargetPendingRequests),
            ["targetRequestRate"] = Number(spec.Scaling.TargetRequestRate),
            ["requestRateWindow"] = KubernetesDuration.Format(spec.Scaling.RequestRateWindow),
            ["readiness"] = Lower(spec.Readiness),
            ["podConcurrency"] = Number(spec.PodConcurrency),
            ["holdTimeout"] = KubernetesDuration.Format(spec.HoldTimeout),
            ["maxHeldRequests"] = Number(spec.MaxHeldRequests),
            ["responseTimeout"] = KubernetesDuration.Format(spec.ResponseTimeout),
            ["requestTimeout"] = KubernetesDuration.Format(spec.RequestTimeout),
            ["protocol"] = Lower(spec.Protocol),
            ["activityWindow"] = KubernetesDuration.Format(spec.Scaling.ActivityWindow),
        };
        return metadata.Where(pair => pair.Value is not null).ToDictionary(pair => pair.Key, pair => pair.Value!);
    }

    private static string? Number(double? number) => number?.ToString(CultureInfo.InvariantCulture);

    private static string Lower<T>(T choice)
        where T : struct, Enum => choice.ToString().ToLowerInvariant();
}
