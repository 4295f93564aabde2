using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Wakegate.Interceptor.Watching;

internal static class Fingerprint
{
    /// <summary>
    /// Equal for two versions of an object that differ in nothing that is read of it, and never 0. KEDA writes the status of a ScaledObject that
    /// is active at every poll, and a list after a gap brings mostly what is known.
    /// </summary>
    public static ulong Of<T>(T item)
        where T : Resource
    {
        var unversioned = item with { Metadata = item.Metadata with { ResourceVersion = "" } };
        var json = JsonSerializer.SerializeToUtf8Bytes((T)unversioned, (JsonTypeInfo<T>)ResourceContext.Default.GetTypeInfo(typeof(T))!);
        return BinaryPrimitives.ReadUInt64LittleEndian(SHA256.HashData(json)) | 1;
    }
}
