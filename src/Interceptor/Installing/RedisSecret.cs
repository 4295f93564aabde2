using System.Net;
using System.Security.Cryptography;
using k8s;
using k8s.Autorest;
using k8s.Exceptions;
using k8s.Models;

namespace Wakegate.Interceptor.Installing;

/// <summary>
/// Makes the Secret with Redis's password where there is none: the first container of Redis's pod in manifests/. So an install needs no
/// step by hand, and no password ships with it.
/// </summary>
internal static class RedisSecret
{
    public const string Command = "create-redis-secret";
    public const string Name = "wakegate-redis";

    /// <summary>For Redis itself.</summary>
    public const string PasswordKey = "password";

    /// <summary>For the interceptor and the scaler.</summary>
    public const string ConnectionStringKey = "connectionString";

    /// <summary>In the namespace of the pod that this runs in.</summary>
    /// <returns>The exit code: 0 where there is such a Secret now, made here or before; else 1, for the kubelet to try again.</returns>
    public static async Task<int> RunAsync()
    {
        try
        {
            var config = KubernetesClientConfiguration.InClusterConfig();
            using var kubernetes = new Kubernetes(config);
            var made = await CreateAsync(kubernetes, config.Namespace);
            await Console.Out.WriteLineAsync($"Secret {config.Namespace}/{Name} {(made ? "is made, with a new password." : "is there already.")}");
            return 0;
        }
        catch (Exception failed) when (failed is KubeConfigException or HttpOperationException or HttpRequestException)
        {
            var answer = (failed as HttpOperationException)?.Response.Content;
            await Console.Error.WriteLineAsync($"Secret {Name} could not be made: {failed.GetBaseException().Message} {answer}");
            return 1;
        }
    }

    /// <summary>Leaves one that is there as it is.</summary>
    /// <returns>Whether it was made.</returns>
    public static async Task<bool> CreateAsync(IKubernetes kubernetes, string ns)
    {
        var password = RandomNumberGenerator.GetHexString(48, lowercase: true);
        var secret = new V1Secret
        {
            Metadata = new() { Name = Name, Labels = new Dictionary<string, string>(StringComparer.Ordinal) { ["app.kubernetes.io/part-of"] = "wakegate" } },
            StringData = new Dictionary<string, string>(StringComparer.Ordinal)
            {
                [PasswordKey] = password,
                [ConnectionStringKey] = $"wakegate-redis:6379,password={password}",
            },
        };
        try
        {
            await kubernetes.CoreV1.CreateNamespacedSecretAsync(secret, ns);
            return true;
        }
        catch (HttpOperationException exists) when (exists.Response.StatusCode == HttpStatusCode.Conflict)
        {
            return false;
        }
    }
}
