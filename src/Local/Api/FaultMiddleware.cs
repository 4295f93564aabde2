using System.Net;

namespace Wakegate.Local.Api;

/// <summary>Where <see cref="ApiFaults"/> meets requests, before anything else sees them.</summary>
internal sealed class FaultMiddleware(RequestDelegate next, ApiFaults faults)
{
    public Task InvokeAsync(HttpContext context)
    {
        if (faults.NextAnswer() is { } status)
            return RefuseAsync(context, status);
        var pass = faults.PassAsync(context.RequestAborted);
        return pass.IsCompletedSuccessfully ? next(context) : WaitAsync(context, pass);
    }

    private async Task WaitAsync(HttpContext context, Task pass)
    {
        await pass;
        await next(context);
    }

    private static Task RefuseAsync(HttpContext context, HttpStatusCode status)
    {
        if (status is HttpStatusCode.TooManyRequests)
            context.Response.Headers.RetryAfter = "1";
        return Answers.WriteAsync(context, new Failure((int)status, status.ToString(), $"{status}, as asked for"));
    }
}
