using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Wakegate.Testing;

namespace Wakegate.Interceptor.Tests;

/// <summary>A pod that speaks HTTP/2 in clear text frame by frame, and does with each request what a test says.</summary>
internal sealed class FramePod : IAsyncDisposable
{
    private readonly SocketServer server;
    private readonly Func<int, FrameConduct> conduct;
    private int requests;
    private int bodyBytes;

    /// <param name="conduct">For each request whose headers have come, by its number over all connections, from 0.</param>
    public FramePod(Func<int, FrameConduct> conduct)
    {
        this.conduct = conduct;
        server = new(ServeAsync);
    }

    private enum FrameType : byte
    {
        Data = 0,
        Headers = 1,
        Reset = 3,
        Settings = 4,
        Ping = 6,
        GoAway = 7,
    }

    /// <summary>What <see cref="FrameConduct.ResetWithinTheAnswer"/> answers.</summary>
    public static byte[] Begun { get; } = "so far"u8.ToArray();

    /// <summary>Until this is set, that is not reset.</summary>
    public TaskCompletionSource Seen { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public IPEndPoint EndPoint => server.EndPoint;

    /// <summary>How much of a body must have come before a request is not answered; 0 for none of it.</summary>
    public int FirstBytes { get; init; }

    /// <summary>Requests whose headers have come.</summary>
    public int Requests => Volatile.Read(ref requests);

    /// <summary>Of the bodies of all requests, as they were sent.</summary>
    public int BodyBytes => Volatile.Read(ref bodyBytes);

    /// <summary>Refuses further connections.</summary>
    public void Close() => server.Close();

    public ValueTask DisposeAsync() => server.DisposeAsync();

    private static async Task WriteAsync(Stream stream, FrameType type, byte flags, int id, params byte[] payload)
    {
        var frame = new byte[9 + payload.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame, (payload.Length << 8) | (byte)type);
        frame[4] = flags;
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(5), id);
        payload.CopyTo(frame, 9);
        await stream.WriteAsync(frame);
    }

    /// <summary>Two numbers, as RST_STREAM (the second one) and GOAWAY (both) carry them.</summary>
    private static byte[] Numbers(params int[] numbers)
    {
        var bytes = new byte[numbers.Length * 4];
        for (var n = 0; n < numbers.Length; n++)
        {
            BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(n * 4), numbers[n]);
        }

        return bytes;
    }

    private async Task<bool> AnswerAsync(Stream stream, int id, FrameConduct conduct)
    {
        const byte endOfStream = 1;
        const byte endOfHeaders = 4;

        // Of the static table of RFC 7541, the eighth: ":status: 200".
        const byte ok = 0x88;
        const int internalError = 2;
        const int refused = 7;
        switch (conduct)
        {
            case FrameConduct.Answer or FrameConduct.AnswerAtOnce:
                await WriteAsync(stream, FrameType.Headers, endOfStream | endOfHeaders, id, ok);
                return true;
            case FrameConduct.Refuse:
                await WriteAsync(stream, FrameType.Reset, flags: 0, id, Numbers(refused));
                return true;
            case FrameConduct.Reset:
                await WriteAsync(stream, FrameType.Reset, flags: 0, id, Numbers(internalError));
                return true;
            case FrameConduct.ResetWithinTheAnswer:
                await WriteAsync(stream, FrameType.Headers, endOfHeaders, id, ok);
                await WriteAsync(stream, FrameType.Data, flags: 0, id, Begun);
                await Seen.Task;
                await WriteAsync(stream, FrameType.Reset, flags: 0, id, Numbers(internalError));
                return true;
            case FrameConduct.GoAwayBefore:
                await WriteAsync(stream, FrameType.GoAway, flags: 0, id: 0, Numbers(id - 2 > 0 ? id - 2 : 0, 0));
                return true;
            case FrameConduct.GoAwayAfter:
                await WriteAsync(stream, FrameType.GoAway, flags: 0, id: 0, Numbers(id, 0));
                return false;
            default:
                return false;
        }
    }

    private async Task ServeAsync(Socket socket, CancellationToken stop)
    {
        await using var stream = new NetworkStream(socket, ownsSocket: true);
        try
        {
            // The client's preface: 24 bytes, then frames.
            await stream.ReadExactlyAsync(new byte[24], stop);
            await WriteAsync(stream, FrameType.Settings, flags: 0, id: 0);
            var header = new byte[9];
            var unanswered = new Dictionary<int, FrameConduct>();
            var open = true;
            while (open)
            {
                await stream.ReadExactlyAsync(header, stop);
                var payload = new byte[BinaryPrimitives.ReadInt32BigEndian(header) >> 8];
                await stream.ReadExactlyAsync(payload, stop);
                open = await TakeAsync(stream, (FrameType)header[3], header[4], BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(5)), payload, unanswered);
            }
        }
        catch (Exception gone) when (gone is IOException or OperationCanceledException)
        {
            // The test is over, or the interceptor has closed.
        }
    }

    /// <summary>False where the connection ends with it.</summary>
    private async Task<bool> TakeAsync(Stream stream, FrameType type, byte flags, int id, byte[] payload, Dictionary<int, FrameConduct> unanswered)
    {
        const byte acknowledged = 1;
        const byte end = 1;
        switch (type)
        {
            case FrameType.Settings or FrameType.Ping when flags != acknowledged:
                await WriteAsync(stream, type, acknowledged, id: 0, type == FrameType.Ping ? payload : []);
                return true;
            case FrameType.Headers:
                var decided = conduct(Interlocked.Increment(ref requests) - 1);
                if ((flags & end) != 0 || (decided != FrameConduct.Answer && FirstBytes == 0))
                    return await AnswerAsync(stream, id, decided);
                unanswered.Add(id, decided);
                return true;
            case FrameType.Data:
                var come = Interlocked.Add(ref bodyBytes, payload.Length);
                var due = (flags & end) != 0 || (unanswered.GetValueOrDefault(id) != FrameConduct.Answer && come >= FirstBytes);
                return !due || !unanswered.Remove(id, out var awaited) || await AnswerAsync(stream, id, awaited);
            default:
                return true;
        }
    }
}
