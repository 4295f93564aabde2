namespace Wakegate.Bench.Running;

/// <summary>Who takes turns.</summary>
/// <param name="Name">As the tables call it.</param>
/// <param name="Port">Where it serves on 127.0.0.1.</param>
/// <param name="Process">What is measured; null where only the way through it is.</param>
internal sealed record Contestant(string Name, int Port, Child? Process)
{
    public const string Direct = "direct";
    public const string Nginx = "nginx";
    public const string HAProxy = "HAProxy";
    public const string Yarp = "bare YARP";
    public const string YarpWithoutHeaders = "bare YARP without X-Forwarded";
    public const string YarpPooled = "bare YARP, sockets on the pool";
    public const string Wakegate = "Wakegate";

    public Uri Address { get; } = new($"http://127.0.0.1:{Port}");
}
