namespace Wakegate.Manifests.Tests;

/// <summary>What a role allows and a request needs: a verb on a resource (with its subresource, after a slash).</summary>
internal sealed record Request(string Verb, string ApiGroup, string Resource)
{
    /// <summary>As the API server's authoriser reads a request.</summary>
    public static Request Of(string method, string path, bool watch)
    {
        var parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        var (group, rest) = parts[0] == "api" ? ("", parts[2..]) : (parts[1], parts[3..]);
        var resource = rest is ["namespaces", _, _, ..] ? rest[2..] : rest;
        var named = resource.Length > 1;
        var verb = method switch
        {
            "GET" when watch => "watch",
            "GET" => named ? "get" : "list",
            "POST" => "create",
            "PUT" => "update",
            "PATCH" => "patch",
            "DELETE" => named ? "delete" : "deletecollection",
            _ => method,
        };
        return new(verb, group, resource.Length > 2 ? $"{resource[0]}/{resource[2]}" : resource[0]);
    }
}
