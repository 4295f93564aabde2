using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Threading.Channels;
using k8s;
using k8s.Autorest;
using k8s.Models;
using Wakegate.Contracts.Triggers;

namespace Wakegate.Interceptor.Watching;

/// <summary>
/// Tells a ScaledObject's author what is wrong with it, as Events on it: a Warning when something goes wrong, again every half hour while it
/// lasts, and a Normal one when it is mended.
/// </summary>
internal sealed partial class ScaledObjectEvents(IKubernetes kubernetes, TimeProvider clock, ILogger<ScaledObjectEvents> logger) : BackgroundService
{
    private static readonly TimeSpan RepeatEvery = TimeSpan.FromMinutes(30);

    // More than that at once is a cluster full of errors, of which these are enough.
    private readonly Channel<Notice> notices =
        Channel.CreateBounded<Notice>(new BoundedChannelOptions(1_000) { FullMode = BoundedChannelFullMode.DropWrite });

    // Written under the cluster's lock, read by the repeating loop.
    private readonly ConcurrentDictionary<(ObjectName Object, string Topic), IReadOnlyList<Refusal>> lasting = new();
    private readonly ConcurrentDictionary<ObjectName, string> uids = new();

    /// <summary>Takes note of an object that may be reported on.</summary>
    public void Know(ObjectName scaled, string uid) => uids[scaled] = uid;

    public void Forget(ObjectName scaled)
    {
        uids.TryRemove(scaled, out _);
        foreach (var key in lasting.Keys.Where(k => k.Object == scaled))
        {
            lasting.TryRemove(key, out _);
        }
    }

    /// <summary>Says what is wrong with an object in one respect now; an empty list says that nothing is.</summary>
    /// <param name="scaled">The ScaledObject.</param>
    /// <param name="topic">The Event's reason, and after a space what tells several of it apart.</param>
    /// <param name="problems">All that is wrong in this respect.</param>
    public void Report(ObjectName scaled, string topic, IReadOnlyList<Refusal> problems)
    {
        var before = lasting.GetValueOrDefault((scaled, topic)) ?? [];
        foreach (var problem in problems.Except(before))
        {
            notices.Writer.TryWrite(new(scaled, topic, problem, Mended: false));
        }

        foreach (var problem in before.Where(b => problems.All(p => p.Key != b.Key)))
        {
            notices.Writer.TryWrite(new(scaled, topic, problem, Mended: true));
        }

        if (problems.Count > 0)
        {
            lasting[(scaled, topic)] = problems;
        }
        else
        {
            lasting.TryRemove((scaled, topic), out _);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await using var repeat = clock.CreateTimer(_ => Repeat(), null, RepeatEvery, RepeatEvery);
        await foreach (var notice in notices.Reader.ReadAllAsync(stoppingToken))
        {
            if (uids.TryGetValue(notice.Object, out var uid))
            {
                await WriteAsync(notice, uid, stoppingToken);
            }
        }
    }

    private void Repeat()
    {
        foreach (var ((scaled, topic), problems) in lasting)
        {
            foreach (var problem in problems)
            {
                notices.Writer.TryWrite(new(scaled, topic, problem, Mended: false));
            }
        }
    }

    private async Task WriteAsync(Notice notice, string uid, CancellationToken cancellationToken)
    {
        var @event = Event(notice, uid);
        try
        {
            await kubernetes.CoreV1.CreateNamespacedEventAsync(@event, notice.Object.Namespace, cancellationToken: cancellationToken);
        }
        catch (HttpOperationException exists) when (exists.Response.StatusCode == HttpStatusCode.Conflict)
        {
            await CountAsync(@event, cancellationToken);
        }
        catch (Exception failed) when (failed is HttpOperationException or HttpRequestException)
        {
            LogFailed(notice.Object, notice.Problem.Message, failed.Message);
        }
    }

    /// <summary>Another replica, or this one before, has told: the same Event gets a new time.</summary>
    private async Task CountAsync(Corev1Event @event, CancellationToken cancellationToken)
    {
        try
        {
            var known = await kubernetes.CoreV1.ReadNamespacedEventAsync(@event.Metadata.Name, @event.Metadata.NamespaceProperty, cancellationToken: cancellationToken);
            var patch = new V1Patch(
                new { count = (known.Count ?? 0) + 1, lastTimestamp = @event.LastTimestamp, message = @event.Message }, V1Patch.PatchType.MergePatch);
            await kubernetes.CoreV1.PatchNamespacedEventAsync(
                patch, @event.Metadata.Name, @event.Metadata.NamespaceProperty, cancellationToken: cancellationToken);
        }
        catch (Exception failed) when (failed is HttpOperationException or HttpRequestException)
        {
            LogFailed(new(@event.Metadata.NamespaceProperty, @event.InvolvedObject.Name), @event.Message, failed.Message);
        }
    }

    private Corev1Event Event(Notice notice, string uid)
    {
        var (scaled, topic, problem, mended) = notice;
        var reason = topic.Split(' ')[0];
        var now = clock.GetUtcNow().UtcDateTime;
        return new()
        {
            Metadata = new() { Name = EventName(notice, uid), NamespaceProperty = scaled.Namespace },
            InvolvedObject = new()
            {
                ApiVersion = "keda.sh/v1alpha1",
                Kind = "ScaledObject",
                Name = scaled.Name,
                NamespaceProperty = scaled.Namespace,
                Uid = uid,
            },
            Type = mended ? "Normal" : "Warning",
            Reason = mended ? $"{reason}Mended" : reason,
            Message = mended ? $"No longer the case: {problem.Message}" : problem.Message,
            Source = new() { Component = "wakegate-interceptor" },
            FirstTimestamp = now,
            LastTimestamp = now,
            Count = 1,
        };
    }

    /// <summary>The same for every replica, so that they do not multiply it: of the object, the reason and the key.</summary>
    private static string EventName(Notice notice, string uid)
    {
        var identity = string.Create(CultureInfo.InvariantCulture, $"{uid}/{notice.Topic}/{notice.Problem.Key}/{notice.Mended}");
        return $"{notice.Object.Name}.{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(identity)))[..16]}";
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "ScaledObject {Object}: {Problem} (The Event could not be written: {Error})")]
    private partial void LogFailed(ObjectName @object, string problem, string error);

    private sealed record Notice(ObjectName Object, string Topic, Refusal Problem, bool Mended);
}
