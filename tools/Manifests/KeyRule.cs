using System.Globalization;
using Wakegate.Contracts.Triggers;

namespace Wakegate.Manifests;

/// <summary>
/// What a key's value must be, as CEL over <c>variables.triggers</c>: a list with one text for each trigger, which is empty or says in the parser's
/// words what is wrong. It refuses nothing that the parser takes.
/// </summary>
internal static class KeyRule
{
    private static readonly string Names = string.Join(", ", TriggerKeys.All.Select(key => key.Name));

    /// <summary>For one key of the table.</summary>
    public static string Of(TriggerKey key) => key.Syntax == KeySyntax.List ? ListOf(key) : ValueOf(key);

    /// <summary><c>port</c> and <c>portName</c> together.</summary>
    public static string BothPorts { get; } = $$"""
        variables.triggers.map(t, 'port' in t.metadata && 'portName' in t.metadata
          ? 'portName "' + {{Shown("t.metadata.portName.trim()")}} + '" stands beside port: give only one of the two.' : '')
        """;

    /// <summary>Every key that a trigger may have, those that KEDA reads for itself included.</summary>
    public static IEnumerable<string> Known => TriggerKeys.All.Select(key => key.Name).Concat(TriggerKeys.OfKeda);

    /// <summary>Keys that are not in the table.</summary>
    public static string Unknown { get; } = $$"""
        variables.triggers.map(t, t.metadata.filter(k, !(k in variables.known)).map(k,
          {{Shown("k")}} + ' "' + {{Shown("t.metadata[k].trim()")}} + '" is '
          + (k.endsWith('FromEnv') && k.substring(0, k.size() - 7) in variables.known
            ? 'not supported, since KEDA resolves it for the scaler only: give ' + k.substring(0, k.size() - 7) + ' and its value instead.'
            : 'not a known key: remove it, or use one of {{Names}}.')).join(' '))
        """;

    /// <summary>Two triggers of one ScaledObject that cannot be told apart.</summary>
    public static string Twice { get; } = """
        variables.triggers.map(t, 'route' in t.metadata ? t.metadata.route.trim() : object.metadata.name)
          .map(route, variables.triggers.filter(t, route == ('route' in t.metadata ? t.metadata.route.trim() : object.metadata.name)).size() > 1
            ? 'route "' + route.find('^.{0,100}') + '" is used by two triggers of this ScaledObject: give each a route of its own.' : '')
        """;

    private static string ValueOf(TriggerKey key)
    {
        var range = Range(key);
        return $$"""
            variables.triggers.map(t, !('{{key.Name}}' in t.metadata) ? {{Missing(key)}} : [t.metadata.{{key.Name}}.trim()].map(v,
              v == '' ? {{Empty(key)}}
              : !v.matches({{Cel.Text(key.Pattern!)}}){{(key.MaxLength is { } longest ? $" || v.size() > {longest}" : "")}} ? {{Wrong(key, key.Malformed)}}
            {{(range.Length == 0 ? "" : $"  : {range} ? {Wrong(key, "is out of range")}\n")}}  : '')[0])
            """;
    }

    private static string ListOf(TriggerKey key) => $$"""
        variables.triggers.map(t, !('{{key.Name}}' in t.metadata) ? {{Missing(key)}}
          : t.metadata.{{key.Name}}.trim() == '' ? {{Empty(key)}}
          : t.metadata.{{key.Name}}.split(',').map(v, v.trim()).filter(v, !v.matches({{Cel.Text(key.Pattern!)}})).map(v,
            v == '' ? {{Wrong(key, "has an empty entry", $"t.metadata.{key.Name}.trim()")}}
            : {{Wrong(key, key.Malformed)}}).join(' '))
        """;

    private static string Missing(TriggerKey key)
    {
        var missing = Cel.Text($"{key.Name} is missing: {key.Remedy}.");
        return key.Required ? missing
            : key == TriggerKeys.Port ? $"('portName' in t.metadata ? '' : {Cel.Text($"{key.Name} is missing: {key.Remedy}, or a portName.")})"
            : "''";
    }

    private static string Empty(TriggerKey key) => Cel.Text($"{key.Name} \"\" is empty: {key.Remedy}{(key.Required ? "" : ", or leave it out")}.");

    private static string Wrong(TriggerKey key, string problem, string value = "v") =>
        $"'{key.Name} \"' + {Shown(value)} + {Cel.Text($"\" {problem}: {key.Remedy}.")}";

    /// <summary>As much of a value as the parser shows, and no more than a line.</summary>
    private static string Shown(string value) => $"{value}.find('^.{{0,100}}')";

    private static string Range(TriggerKey key) => key switch
    {
        { Range: null } => "",
        { Syntax: KeySyntax.Duration, Range: { } range } => string.Join(" || ", DurationRange(range)),
        { Range: var range } => string.Join(" || ", NumberRange(range)),
    };

    /// <summary>What has more digits than the greatest value comes first, since it may not fit a double.</summary>
    private static IEnumerable<string> NumberRange(KeyRange range)
    {
        yield return $"v.matches('^0*[1-9][0-9]{{{Digits(range.Maximum)}}}')";
        if (range.Minimum > 0)
        {
            yield return $"double(v) < {Number(range.Minimum)}";
        }

        yield return $"double(v) > {Number(range.Maximum)}";
    }

    /// <summary>The parser cuts off what is finer than 100 ns. What has too many digits comes first, since it may not fit CEL's duration.</summary>
    private static IEnumerable<string> DurationRange(KeyRange range)
    {
        (string Unit, decimal Seconds)[] units = [("h", 3600), ("m([^s]|$)", 60), ("s", 1), ("ms", 0.001m), ("[uµμ]s", 0.000001m), ("ns", 0.000000001m)];
        var parts = units.Select(unit => $"[0-9]{{{Digits(range.Maximum / unit.Seconds)},}}(\\.[0-9]*)?{unit.Unit}");
        yield return $"v.matches({Cel.Text($"(^|[a-zµμ])0*[1-9]({string.Join('|', parts)})")})";
        if (range.Minimum > 0)
        {
            yield return $"duration(v) + duration('100ns') <= duration('{Seconds(range.Minimum)}')";
        }

        yield return $"duration(v) - duration('100ns') >= duration('{Seconds(range.Maximum)}')";
    }

    /// <summary>How many digits may follow the first of a number that is not greater.</summary>
    private static int Digits(decimal maximum) => decimal.Truncate(maximum).ToString(CultureInfo.InvariantCulture).Length;

    private static string Seconds(decimal seconds) => KubernetesDuration.Format(TimeSpan.FromSeconds((double)seconds));

    private static string Number(decimal number) => number.ToString(decimal.IsInteger(number) ? "0.0" : "0.#########", CultureInfo.InvariantCulture);
}
