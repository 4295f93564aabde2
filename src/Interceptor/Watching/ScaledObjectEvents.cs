using System.Threading.Channels;
using Wakegate.Contracts.Triggers;

namespace Wakegate.Interceptor.Watching;

/// <summary>
/// What is to be told to the authors of ScaledObjects: a Warning when something goes wrong, again every half hour while it lasts, and a
/// Normal one when it is mended. One Event speaks for all that is wrong with one key for one reason.
/// </summary>
internal sealed class ScaledObjectEvents
{
    // Guards all below: written under the cluster's lock, read by the writer.
    private readonly Lock gate = new();
    private readonly Dictionary<ObjectName, Reported> objects = [];

    // What the writer has yet to write, oldest first; no more than one entry for each Event, so it is bounded by what is wrong.
    private readonly Dictionary<NoticeId, Notice> untold = [];
    private readonly Queue<NoticeId> order = [];
    private readonly Channel<bool> wake = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>Takes note of an object that may be reported on. One that was created anew has a clean slate.</summary>
    public void Know(ObjectName scaled, string uid)
    {
        lock (gate)
        {
            if (objects.GetValueOrDefault(scaled)?.Uid != uid)
            {
                objects[scaled] = new(uid);
            }
        }
    }

    public void Forget(ObjectName scaled)
    {
        lock (gate)
        {
            objects.Remove(scaled);
        }
    }

    /// <summary>Says what is wrong with an object in one respect now; an empty list says that nothing is.</summary>
    /// <param name="scaled">The ScaledObject.</param>
    /// <param name="topic">The Event's reason, and after a space the route or the host that it is about, where there may be several.</param>
    /// <param name="problems">All that is wrong in this respect.</param>
    public void Report(ObjectName scaled, string topic, IReadOnlyList<Refusal> problems)
    {
        lock (gate)
        {
            if (objects.TryGetValue(scaled, out var reported))
            {
                Report(scaled, reported, topic, problems);
            }
        }
    }

    /// <summary>Says that nothing is wrong any more in these respects: of routes and hosts that an object no longer has.</summary>
    public void Mend(ObjectName scaled, Predicate<string> topics)
    {
        lock (gate)
        {
            if (objects.TryGetValue(scaled, out var reported))
            {
                foreach (var topic in reported.Topics.Where(topic => topics(topic)).ToList())
                {
                    Report(scaled, reported, topic, []);
                }
            }
        }
    }

    /// <summary>What is wrong now: for each object and reason, with how many keys.</summary>
    public IReadOnlyList<(ObjectName Object, string Reason, int Count)> Lasting()
    {
        lock (gate)
        {
            return [.. objects.Where(o => o.Value.Lasting.Any()).SelectMany(o => o.Value.Lasting.CountBy(l => l.Key.Reason).Select(r => (o.Key, r.Key, r.Value)))];
        }
    }

    /// <summary>What is wrong with an object now, in sentences.</summary>
    public IReadOnlyList<(string Reason, string Message)> Lasting(ObjectName scaled)
    {
        lock (gate)
        {
            return [.. objects.GetValueOrDefault(scaled)?.Lasting.Select(l => (l.Key.Reason, l.Value)) ?? []];
        }
    }

    /// <summary>Tells all that lasts once more.</summary>
    public void Repeat()
    {
        lock (gate)
        {
            foreach (var (name, reported) in objects)
            {
                foreach (var ((reason, key), message) in reported.Lasting)
                {
                    Enqueue(new(new(name, reason, key), reported.Uid, message, Mended: false));
                }
            }
        }
    }

    /// <summary>Waits for the next thing to tell.</summary>
    public async ValueTask<Notice> NextAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            if (TryTake(out var notice))
            {
                return notice;
            }

            await wake.Reader.ReadAsync(cancellationToken);
        }
    }

    /// <summary>Gives back what could not be told now; what has changed since goes first.</summary>
    public void PutBack(Notice notice)
    {
        lock (gate)
        {
            if (!untold.ContainsKey(notice.Id))
            {
                Enqueue(notice);
            }
        }
    }

    private void Report(ObjectName scaled, Reported reported, string topic, IReadOnlyList<Refusal> problems)
    {
        foreach (var (reason, key, before, now) in reported.Change(topic, problems))
        {
            Enqueue(new(new(scaled, reason, key), reported.Uid, now ?? before!, Mended: now is null));
        }
    }

    private void Enqueue(Notice notice)
    {
        if (!untold.ContainsKey(notice.Id))
        {
            order.Enqueue(notice.Id);
        }

        untold[notice.Id] = notice;
        wake.Writer.TryWrite(true);
    }

    private bool TryTake(out Notice notice)
    {
        lock (gate)
        {
            while (order.TryDequeue(out var id))
            {
                // What is no longer there has no author to tell.
                if (untold.Remove(id, out notice!) && objects.GetValueOrDefault(id.Object)?.Uid == notice.Uid)
                {
                    return true;
                }
            }

            notice = null!;
            return false;
        }
    }
}

/// <summary>What tells one Event from another.</summary>
internal readonly record struct NoticeId(ObjectName Object, string Reason, string Key);

/// <summary>Something to tell.</summary>
internal sealed record Notice(NoticeId Id, string Uid, string Message, bool Mended);
