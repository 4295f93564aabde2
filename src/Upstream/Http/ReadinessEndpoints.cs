using Wakegate.Upstream.Conduct;

namespace Wakegate.Upstream.Http;

/// <summary><c>/readyz</c> for probes, and POST <c>/ready/on</c> and <c>/ready/off</c> to change what it says.</summary>
internal static class ReadinessEndpoints
{
    public static void MapReadiness(this IEndpointRouteBuilder app)
    {
        app.MapGet("/readyz", (Readiness readiness) => readiness.IsReady
            ? Results.Text("ready\n")
            : Results.Text("not ready\n", statusCode: StatusCodes.Status503ServiceUnavailable));
        app.MapPost("/ready/on", (Readiness readiness) => Switch(readiness, on: true));
        app.MapPost("/ready/off", (Readiness readiness) => Switch(readiness, on: false));
    }

    private static IResult Switch(Readiness readiness, bool on)
    {
        readiness.Switch(on);
        return Results.NoContent();
    }
}
