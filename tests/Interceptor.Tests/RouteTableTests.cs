using CsCheck;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Wakegate.Contracts.Ledger;
using Wakegate.Contracts.Triggers;
using Wakegate.Interceptor.Holding;
using Wakegate.Interceptor.Routing;
using Wakegate.Interceptor.Waking;

namespace Wakegate.Interceptor.Tests;

public class RouteTableTests
{
    private static readonly Gen<string> Host = OneOf("a.test", "b.a.test", "c.b.a.test", "b.test", "test", "other");

    private static readonly Gen<HostPattern> Pattern = Gen.OneOf(
        Host.Select(h => new HostPattern(HostKind.Exact, h)), Host.Select(h => new HostPattern(HostKind.Wildcard, h)), Gen.Const(new HostPattern(HostKind.Any, "")));

    private static readonly Gen<string> Segment = OneOf("a", "b", "ab");

    private static readonly Gen<string> Prefix = Segment.Array[0, 3].Select(s => "/" + string.Join('/', s));

    private static readonly Gen<string> Path = Gen.Select(Segment.Array[0, 4], Gen.Bool, (s, slash) => "/" + string.Join('/', s) + (slash ? "/" : ""));

    private static readonly Gen<HeaderCondition> Condition = Gen.Select(
        OneOf("x-a", "x-b"), OneOf<string?>(null, "1", "2"), (n, v) => new HeaderCondition(n, v));

    private static readonly Gen<Declared> Declaration = Gen.Select(
        Pattern.Array[1, 2], Prefix.Array[1, 2], Condition.Array[0, 2], Gen.Int[0, 3],
        (hosts, paths, headers, age) => new Declared([.. hosts.Distinct()], [.. paths.Distinct()], [.. headers.DistinctBy(h => h.Name).OrderBy(h => h.Name)], age));

    private static readonly Gen<(string Host, string Path, Dictionary<string, string> Headers)> Request = Gen.Select(
        Host, OneOf("", ":8080", "."), Path, Condition.Array[0, 2],
        (host, port, path, headers) => (host.ToUpperInvariant() + port, path, headers.DistinctBy(h => h.Name).ToDictionary(h => h.Name, h => h.Value ?? "9")));

    [Fact(Timeout = 120_000)]
    public async Task AnyRoutesAndRequests_AgreeWithANaiveMatcher()
    {
        await Task.Run(() => Gen.Select(Declaration.Array[0, 8], Request.Array[1, 10]).Sample((declared, requests) =>
        {
            var table = new RouteTable();
            var routes = declared.Select((d, i) => (Declared: d, Route: NewRoute(i))).ToList();
            var claims =
                from r in routes
                from host in r.Declared.Hosts
                from path in r.Declared.Paths
                select (Place: new ClaimPlace(host, path), Claim: new Claim(r.Route, path, r.Declared.Headers, Age(r.Declared, r.Route)));
            foreach (var place in claims.ToLookup(c => c.Place, c => c.Claim))
            {
                table[place.Key] = new PathClaims(place);
            }

            foreach (var (host, path, headers) in requests)
            {
                var sent = new HeaderDictionary(headers.ToDictionary(h => h.Key, h => new Microsoft.Extensions.Primitives.StringValues(h.Value)));
                Assert.Same(Naive(routes, host, path, headers), table.Find(host, path, sent));
            }
        }, iter: 5_000), TestContext.Current.CancellationToken);
    }

    [Theory]
    [InlineData("/health", "/health", true)]
    [InlineData("/health", "/health/", true)]
    [InlineData("/health", "/health/live", true)]
    [InlineData("/health", "/healthz", false)]
    [InlineData("/health", "/", false)]
    [InlineData("/a/b", "/a", false)]
    [InlineData("/a/b", "/a//b", false)]
    [InlineData("/", "", true)]
    public void PathPrefix_MatchesWholeSegments(string prefix, string path, bool matches)
    {
        var table = new RouteTable();
        table[new(new(HostKind.Any, ""), prefix)] = new PathClaims([new Claim(NewRoute(0), prefix, [], default)]);

        Assert.Equal(matches, table.Find("any.test", path, new HeaderDictionary()) is not null);
    }

    [Theory]
    [InlineData("[::1]:8080", "[::1]")]
    [InlineData("[::1]", "[::1]")]
    [InlineData("shop.test:80", "shop.test")]
    [InlineData("shop.test.", "shop.test")]
    [InlineData("shop.test.:80", "shop.test")]
    [InlineData("", "")]
    public void HostHeader_IsReadWithoutItsPort(string header, string name) => Assert.Equal(name, HostName.WithoutPort(header).ToString());

    private static Gen<T> OneOf<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    private static ClaimAge Age(Declared declared, Route route) => new(DateTimeOffset.UnixEpoch.AddDays(declared.Age), "store/shop", route.Id.Route);

    /// <summary>What design and documentation say, word for word: the best of all that match.</summary>
    private static Route? Naive(List<(Declared Declared, Route Route)> routes, string hostHeader, string path, Dictionary<string, string> headers)
    {
        var host = hostHeader.Split(':')[0].TrimEnd('.').ToLowerInvariant();
        return (
            from r in routes
            from pattern in r.Declared.Hosts
            where pattern.Kind == HostKind.Any || (pattern.Kind == HostKind.Exact ? host == pattern.Name : host.EndsWith("." + pattern.Name, StringComparison.Ordinal))
            from prefix in r.Declared.Paths
            where prefix == "/" || path == prefix || path.StartsWith(prefix + "/", StringComparison.Ordinal)
            where r.Declared.Headers.All(h => headers.TryGetValue(h.Name, out var value) && (h.Value is null || h.Value == value))
            orderby pattern.Kind, pattern.Name.Length descending, prefix.Length descending, r.Declared.Headers.Length descending,
                r.Declared.Headers.Count(h => h.Value is not null) descending, r.Declared.Age, r.Route.Id.Route
            select r.Route).FirstOrDefault();
    }

    private static Route NewRoute(int number)
    {
        var id = new RouteId("store", "shop", $"r{number}");
        var spec = new RouteSpec { Id = id, Hosts = [], Service = "shop", Port = new(80, null), Scaling = new() };
        return new Route(spec, new PendingCounts(id, TimeProvider.System, (_, _) => { }), new HoldBudget(Options.Create(new HoldSettings())), new WakingRoutes(TimeProvider.System), TimeProvider.System, NullLogger.Instance);
    }

    private sealed record Declared(HostPattern[] Hosts, string[] Paths, HeaderCondition[] Headers, int Age);
}
