using System.Security.Cryptography;
using System.Text.RegularExpressions;

namespace Wakegate.Local.Api;

/// <summary>Which names objects may have, and the endings of generated ones.</summary>
internal static partial class ObjectNames
{
    // As in Kubernetes: no vowels and no look-alikes, so that no word and no misreading comes of it.
    private const string Alphabet = "bcdfghjklmnpqrstvwxz2456789";

    /// <summary>Five letters that make a name unique enough.</summary>
    public static string Suffix() => RandomNumberGenerator.GetString(Alphabet, 5);

    /// <summary>Why an object cannot have its name, or null when it can.</summary>
    public static Failure? Refuse(ObjectKey key)
    {
        // The name of a Service or a Namespace becomes a label of host names.
        var isLabel = key.Kind == ResourceKinds.Service || key.Kind == ResourceKinds.Namespace;
        var valid = isLabel ? key.Name.Length <= 63 && Label().IsMatch(key.Name) : key.Name.Length <= 253 && Subdomain().IsMatch(key.Name);
        var wanted = isLabel
            ? "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-'"
            : "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.'";
        return valid
            ? null
            : Failure.Invalid(key, new FieldError(
                "metadata.name", $"Invalid value: \"{key.Name}\": {wanted}, and must start and end with an alphanumeric character"));
    }

    [GeneratedRegex("^[a-z0-9]([-a-z0-9]*[a-z0-9])?$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Label();

    [GeneratedRegex(@"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Subdomain();
}
