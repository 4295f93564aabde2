using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Wakegate.Interceptor.Draining;
using Wakegate.Interceptor.Forwarding;

namespace Wakegate.Interceptor.Answering;

/// <summary>Writes a <see cref="Problem"/> in the client's terms: problem+json (RFC 9457), or for gRPC a status.</summary>
internal static partial class ProblemWriter
{
    private const int GrpcUnimplemented = 12;
    private const int GrpcInternal = 13;
    private const int GrpcUnavailable = 14;

    public static Task WriteAsync(this Problem problem, HttpContext context)
    {
        context.RequestServices.GetRequiredService<Drain>().SayGoodbye(context.Response);
        if (problem.RetryAfter is { } after)
        {
            context.Response.Headers.RetryAfter = ((int)Math.Ceiling(after.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        }

        return PodProtocol.IsGrpc(context.Request) ? WriteGrpcAsync(problem, context.Response) : WriteJsonAsync(problem, context);
    }

    /// <summary>A response of trailers only, whose trailers are its headers.</summary>
    private static Task WriteGrpcAsync(Problem problem, HttpResponse response)
    {
        response.StatusCode = StatusCodes.Status200OK;
        response.ContentType = "application/grpc";
        response.Headers["grpc-status"] = GrpcStatus(problem.Status).ToString(CultureInfo.InvariantCulture);
        response.Headers["grpc-message"] = PercentEncoded(problem.Detail);
        return response.CompleteAsync();
    }

    private static async Task WriteJsonAsync(Problem problem, HttpContext context)
    {
        var body = new Body(
            $"https://wakegate.dev/problems/{problem.Code}", problem.Title, problem.Status, problem.Detail, problem.Route?.ToString());
        var json = JsonSerializer.SerializeToUtf8Bytes(body, BodyContext.Default.Body);
        context.Response.StatusCode = problem.Status;
        context.Response.ContentType = "application/problem+json";
        context.Response.ContentLength = json.Length;
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await context.Response.Body.WriteAsync(json, context.RequestAborted);
        }
    }

    /// <summary>As gRPC maps an HTTP status of an intermediary (grpc/doc/http-grpc-status-mapping.md).</summary>
    private static int GrpcStatus(int status) => status switch
    {
        400 => GrpcInternal,
        404 => GrpcUnimplemented,
        _ => GrpcUnavailable,
    };

    /// <summary>gRPC's Status-Message: percent-encoded where not printable ASCII.</summary>
    private static string PercentEncoded(string message)
    {
        var encoded = new StringBuilder(message.Length);
        foreach (var octet in Encoding.UTF8.GetBytes(message))
        {
            _ = octet is >= 0x20 and <= 0x7E and not (byte)'%'
                ? encoded.Append((char)octet)
                : encoded.Append(CultureInfo.InvariantCulture, $"%{octet:X2}");
        }

        return encoded.ToString();
    }

    private sealed record Body(string Type, string Title, int Status, string Detail, string? Route);

    [JsonSerializable(typeof(Body))]
    [JsonSourceGenerationOptions(
        PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
    private sealed partial class BodyContext : JsonSerializerContext;
}
