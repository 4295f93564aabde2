namespace Wakegate.Local;

/// <summary>Local cannot start or go on, for a reason that its user can do something about: the message says what.</summary>
public sealed class LocalException(string message) : Exception(message);
