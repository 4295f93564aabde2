using System.Globalization;
using System.Text;
using System.Threading.Channels;

namespace Wakegate.Scale;

/// <summary>
/// As much of an API server as an interceptor asks for, and as fast as can be: so many workloads, each with a Service, a ScaledObject, and a
/// slice of pods, as large as real ones are.
/// </summary>
internal sealed class LargeCluster(int workloads, int pods)
{
    private readonly Channel<int> changes = Channel.CreateUnbounded<int>();
    private long sent;

    public long BytesSent => Volatile.Read(ref sent);

    public async Task AnswerAsync(HttpContext context)
    {
        Func<int, string> item = context.Request.Path.Value switch
        {
            "/api/v1/services" => Service,
            "/apis/discovery.k8s.io/v1/endpointslices" => Slice,
            _ => number => ScaledObject(number, 1),
        };
        context.Response.ContentType = "application/json";
        var watch = context.Request.Query.ContainsKey("watch");
        await (watch ? WatchAsync(context) : WriteAsync(context, Page(context.Request.Query, item)));
    }

    /// <summary>KEDA has written the status of so many ScaledObjects.</summary>
    public void WriteStatus(int count, int round)
    {
        for (var number = 0; number < count; number++)
        {
            changes.Writer.TryWrite((round * count) + number);
        }
    }

    private async Task WatchAsync(HttpContext context)
    {
        await context.Response.Body.FlushAsync(context.RequestAborted);
        if (!context.Request.Path.Value!.EndsWith("/scaledobjects", StringComparison.Ordinal))
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return;
        }

        await foreach (var change in changes.Reader.ReadAllAsync(context.RequestAborted))
        {
            await WriteAsync(context, $$"""{"type":"MODIFIED","object":{{ScaledObject(change % workloads, change + 2)}}}""" + "\n");
        }
    }

    private async Task WriteAsync(HttpContext context, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        Interlocked.Add(ref sent, bytes.Length);
        await context.Response.Body.WriteAsync(bytes, context.RequestAborted);
    }

    private string Page(IQueryCollection query, Func<int, string> item)
    {
        var limit = int.Parse(query["limit"]!, CultureInfo.InvariantCulture);
        var from = query["continue"] is [{ } token] ? int.Parse(token, CultureInfo.InvariantCulture) : 0;
        var to = Math.Min(from + limit, workloads);
        var next = to < workloads ? $$""","continue":"{{to}}" """ : "";
        return $$"""{"metadata":{"resourceVersion":"1"{{next}}},"items":[{{string.Join(',', Enumerable.Range(from, to - from).Select(item))}}]}""";
    }

    private static string Metadata(int number, string name, int version, string labels) => $$$"""
        "metadata":{"name":"{{{name}}}","namespace":"team-{{{number % 100}}}","uid":"{{{Uid(number, 0)}}}","resourceVersion":"{{{version}}}","generation":1,
        "creationTimestamp":"2026-01-01T00:00:00Z","labels":{"app.kubernetes.io/name":"{{{name}}}","app.kubernetes.io/managed-by":"Helm"{{{labels}}} },
        "annotations":{"kubectl.kubernetes.io/last-applied-configuration":"{{{new string('x', 600)}}}"},
        "managedFields":[{"manager":"helm","operation":"Update","fieldsType":"FieldsV1","fieldsV1":{"f:metadata":{"f:annotations":{"x":"{{{new string('x', 400)}}}"} } } }] }
        """;

    private static string Service(int number) => $$$"""
        {{{{Metadata(number, $"workload-{number}", 1, "")}}},"spec":{"clusterIP":"10.96.{{{number >> 8}}}.{{{number & 255}}}","selector":{"app":"w"},
        "ports":[{"name":"http","protocol":"TCP","port":80,"targetPort":8080}] } }
        """;

    private static string ScaledObject(int number, int version) => $$$"""
        {{{{Metadata(number, $"workload-{number}", version, "")}}},"spec":{"scaleTargetRef":{"name":"workload-{{{number}}}"},"minReplicaCount":0,"triggers":[
        {"type":"external-push","metadata":{"scalerAddress":"wakegate-scaler.wakegate:9090","hosts":"workload-{{{number}}}.example.com","service":"workload-{{{number}}}","port":"80"}},
        {"type":"cron","metadata":{"timezone":"UTC","start":"0 8 * * *","end":"0 18 * * *","desiredReplicas":"1"}}]},
        "status":{"lastActiveTime":"{{{version}}}","conditions":[{"type":"Ready","status":"True"},{"type":"Active","status":"True"}] } }
        """;

    private string Slice(int number) => $$$"""
        {"addressType":"IPv4",{{{Metadata(number, $"workload-{number}-x7k2p", 1, $",\"kubernetes.io/service-name\":\"workload-{number}\"")}}},
        "ports":[{"name":"http","protocol":"TCP","port":8080}],"endpoints":[{{{string.Join(',', Enumerable.Range(0, pods).Select(pod => Endpoint(number, pod)))}}}] }
        """;

    private static string Endpoint(int number, int pod) => $$$"""
        {"addresses":["10.{{{pod}}}.{{{number >> 8}}}.{{{number & 255}}}"],"conditions":{"ready":true,"serving":true,"terminating":false},"nodeName":"node-{{{number % 500}}}","zone":"eu-1a",
        "targetRef":{"kind":"Pod","namespace":"team-{{{number % 100}}}","name":"workload-{{{number}}}-6d4cf56db6-{{{pod}}}abcd","uid":"{{{Uid(number, pod + 1)}}}"} }
        """;

    private static string Uid(int number, int pod) => $"{number:x8}-0000-4000-8000-{pod:x12}";
}
