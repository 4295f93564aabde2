using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using k8s;
using k8s.Autorest;
using k8s.Models;

namespace Wakegate.Interceptor.Watching;

/// <summary>
/// Writes Events on ScaledObjects, one after the other and at a bounded pace. While the API server is away they wait; what it refuses is
/// tried again when it is repeated.
/// </summary>
internal sealed partial class EventWriter(ScaledObjectEvents events, IKubernetes kubernetes, TimeProvider clock, ILogger<EventWriter> logger) : BackgroundService
{
    // Of an Event's note in events.k8s.io, as which it can be read too.
    private const int LongestMessage = 1024;

    private static readonly TimeSpan RepeatEvery = TimeSpan.FromMinutes(30);
    private static readonly TimeSpan WriteTimeout = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);

    private DateTimeOffset? complained;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await using var repeat = clock.CreateTimer(_ => events.Repeat(), null, RepeatEvery, RepeatEvery);
        var pace = new WritePace(clock);
        var pause = FirstPause;
        while (!stoppingToken.IsCancellationRequested)
        {
            var notice = await events.NextAsync(stoppingToken);
            await pace.WaitAsync(stoppingToken);
            if (await TryWriteAsync(notice, stoppingToken))
            {
                pause = FirstPause;
            }
            else
            {
                events.PutBack(notice);
                await Task.Delay(pause, clock, stoppingToken);
                pause = TimeSpan.FromTicks(Math.Min(pause.Ticks * 2, LongestPause.Ticks));
            }
        }
    }

    /// <summary>False where it is worth another try soon.</summary>
    private async Task<bool> TryWriteAsync(Notice notice, CancellationToken stoppingToken)
    {
        using var bounded = new CancellationTokenSource(WriteTimeout, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken, bounded.Token);
        try
        {
            await WriteAsync(notice, either.Token);
            return true;
        }
        catch (HttpOperationException refused)
        {
            Complain(notice, refused.Message);
            return refused.Response.StatusCode is not (HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError);
        }
        catch (Exception failed) when (failed is HttpRequestException or IOException or JsonException
            || (failed is OperationCanceledException && !stoppingToken.IsCancellationRequested))
        {
            Complain(notice, failed.Message);
            return false;
        }
    }

    private async Task WriteAsync(Notice notice, CancellationToken cancellationToken)
    {
        var @event = Event(notice);

        // The second round is for an Event that the API server deletes, for its age, between the two steps of the first.
        for (var round = 0; round < 2; round++)
        {
            try
            {
                await kubernetes.CoreV1.CreateNamespacedEventAsync(@event, notice.Id.Object.Namespace, cancellationToken: cancellationToken);
                return;
            }
            catch (HttpOperationException exists) when (exists.Response.StatusCode == HttpStatusCode.Conflict)
            {
                if (await TryCountAsync(@event, cancellationToken))
                {
                    return;
                }
            }
        }
    }

    /// <summary>Another replica, or this one before, has told: the same Event gets a new time. False where it is gone.</summary>
    private async Task<bool> TryCountAsync(Corev1Event @event, CancellationToken cancellationToken)
    {
        var (name, ns) = (@event.Metadata.Name, @event.Metadata.NamespaceProperty);
        try
        {
            var known = await kubernetes.CoreV1.ReadNamespacedEventAsync(name, ns, cancellationToken: cancellationToken);
            var patch = new V1Patch(
                new { count = (known.Count ?? 0) + 1, lastTimestamp = @event.LastTimestamp, message = @event.Message }, V1Patch.PatchType.MergePatch);
            await kubernetes.CoreV1.PatchNamespacedEventAsync(patch, name, ns, cancellationToken: cancellationToken);
            return true;
        }
        catch (HttpOperationException gone) when (gone.Response.StatusCode == HttpStatusCode.NotFound)
        {
            return false;
        }
    }

    private Corev1Event Event(Notice notice)
    {
        var ((scaled, reason, _), uid, text, mended) = notice;
        var message = mended ? $"No longer the case: {text}" : text;
        var now = clock.GetUtcNow().UtcDateTime;
        return new()
        {
            Metadata = new() { Name = EventName(notice), NamespaceProperty = scaled.Namespace },
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
            Message = message.Length > LongestMessage ? $"{message[..(LongestMessage - 1)]}…" : message,
            Source = new() { Component = "wakegate-interceptor" },
            FirstTimestamp = now,
            LastTimestamp = now,
            Count = 1,
        };
    }

    /// <summary>The same for every replica, so that they do not multiply it: of the object, the reason and the key.</summary>
    private static string EventName(Notice notice)
    {
        var identity = string.Create(CultureInfo.InvariantCulture, $"{notice.Uid}/{notice.Id.Reason}/{notice.Id.Key}/{notice.Mended}");
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(identity)))[..16];

        // A name has 253 characters at most, and an object's may have all of them.
        var name = notice.Id.Object.Name;
        return $"{(name.Length > 236 ? name[..236].TrimEnd('.', '-') : name)}.{hash}";
    }

    /// <summary>Once in a while, however many Events are concerned: without permission that would be all of them.</summary>
    private void Complain(Notice notice, string error)
    {
        var now = clock.GetUtcNow();
        if (complained is not { } before || now - before >= RepeatEvery)
        {
            complained = now;
            LogFailed(notice.Id.Object, notice.Message, error);
        }
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Events cannot be written, as for ScaledObject {Object}: {Error} The Event would say: {Text}")]
    private partial void LogFailed(ObjectName @object, string text, string error);
}
