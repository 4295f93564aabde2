using System.Diagnostics.CodeAnalysis;

namespace Wakegate.Local.Api;

/// <summary>What was asked for, or why it was refused: exactly one of the two.</summary>
internal readonly record struct Outcome<T>
    where T : class
{
    private readonly T? value;
    private readonly Failure? failure;

    private Outcome(T? value, Failure? failure) => (this.value, this.failure) = (value, failure);

    public static implicit operator Outcome<T>(T value) => new(value, null);

    public static implicit operator Outcome<T>(Failure failure) => new(null, failure);

    public bool Succeeded([NotNullWhen(true)] out T? result, [NotNullWhen(false)] out Failure? refusal)
    {
        (result, refusal) = (value, failure);
        return value is not null;
    }
}
