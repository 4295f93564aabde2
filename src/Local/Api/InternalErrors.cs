namespace Wakegate.Local.Api;

/// <summary>A bug in the API is told to the client as a Status, like any refusal: kubectl then shows what it is.</summary>
internal sealed class InternalErrors(RequestDelegate next)
{
    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            await next(context);
        }
        catch (Exception bug) when (!context.Response.HasStarted && !context.RequestAborted.IsCancellationRequested)
        {
            await Answers.WriteAsync(context, new Failure(500, "InternalError", $"Internal error occurred: {bug}"));
        }
    }
}
