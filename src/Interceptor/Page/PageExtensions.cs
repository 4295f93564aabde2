using Microsoft.AspNetCore.Routing;
using Wakegate.Contracts.Ledger;

namespace Wakegate.Interceptor.Page;

internal static class PageExtensions
{
    private static readonly string[] Reading = [HttpMethods.Get, HttpMethods.Head];

    /// <summary>The live page of the admin port: what this interceptor knows, for the person at the keyboard.</summary>
    public static void AddPage(this IServiceCollection services)
    {
        services.AddLedgerGlimpse();
        services.AddSingleton<PendingEverywhere>();
        services.AddSingleton<TrafficHistory>();
        services.AddSingleton<Overview>();
        services.AddSingleton<Facts>();
        services.AddSingleton<RouteViews>();
        services.AddSingleton<Viewers>();
        services.AddSingleton<PageStream>();
        services.AddHostedService<PageFeed>();
    }

    /// <summary>Nothing here changes anything, so there is nothing but reading.</summary>
    public static void MapPage(this WebApplication app)
    {
        foreach (var file in PageFile.All)
        {
            app.MapMethods(file.Path, Reading, file.ServeAsync);
        }

        var stream = app.Services.GetRequiredService<PageStream>();
        app.MapMethods("/stream", Reading, context => stream.ServeAsync(context, route: null));
        app.MapMethods("/stream/{ns}/{scaledObject}/{route}", Reading, context => stream.ServeAsync(context, RouteOf(context.Request.RouteValues)));
    }

    private static string RouteOf(RouteValueDictionary values) => $"{values["ns"]}/{values["scaledObject"]}/{values["route"]}";
}
