using System.Text.Json.Serialization;

namespace Wakegate.Interceptor.Page;

/// <summary>How frames are written: what is zero, false or null is left out.</summary>
[JsonSerializable(typeof(OverviewWhole))]
[JsonSerializable(typeof(OverviewChange))]
[JsonSerializable(typeof(RouteView))]
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
internal sealed partial class PageJson : JsonSerializerContext;
