using Wakegate.Local.Processes;

namespace Wakegate.Bench.Running;

/// <summary>An upstream that is not the bottleneck, and the proxies in front of it.</summary>
internal static class Proxies
{
    /// <summary>The host for which everyone forwards.</summary>
    public const string Host = "shop.test";

    /// <summary>Starts all, in the order of their turns. One that is not installed is noted and left out.</summary>
    /// <param name="stage">Where they run.</param>
    /// <param name="h2c">Over HTTP/2 on both sides, where the proxy can; else over HTTP/1.1.</param>
    /// <param name="note">Told what is missing.</param>
    /// <param name="cancellation">Ends the start.</param>
    /// <param name="readsBodies">An upstream that reads what it is sent before it answers, which nginx does not.</param>
    public static async Task<IReadOnlyList<Contestant>> StartAllAsync(
        Stage stage, bool h2c, Action<string> note, CancellationToken cancellation, bool readsBodies = false)
    {
        var upstream = readsBodies
            ? await stage.RoleAsync(Contestant.Direct, Roles.AnsweringPod.Role, cancellation)
            : await UpstreamAsync(stage, h2c, note, cancellation);
        List<Contestant> all = [upstream];
        if (Tools.Has("nginx"))
            all.Add(await NginxAsync(stage, upstream.Port, h2c, note, cancellation));
        else
            note($"nginx: {Tools.Missing}");
        if (Tools.Has("haproxy"))
            all.Add(await HAProxyAsync(stage, upstream.Port, h2c, cancellation));
        else
            note($"HAProxy: {Tools.Missing}");
        all.AddRange(await OursAsync(stage, upstream.Port, h2c, cancellation));
        return all;
    }

    /// <summary>Bare YARP and Wakegate alone.</summary>
    public static async Task<IReadOnlyList<Contestant>> OursAsync(Stage stage, int upstream, bool h2c, CancellationToken cancellation)
    {
        stage.Objects.AddRoute("shop", metadata: ("protocol", h2c ? "h2c" : "http1"));
        stage.Objects.AddPod("shop", upstream);
        return
        [
            await stage.RoleAsync(Contestant.Yarp, Roles.BareForwarder.Role, cancellation, $"--To=http://127.0.0.1:{upstream}", $"--H2c={h2c}"),
            await stage.InterceptorAsync(Contestant.Wakegate, cancellation),
        ];
    }

    /// <summary>nginx that answers from memory, else Kestrel.</summary>
    public static async Task<Contestant> UpstreamAsync(Stage stage, bool h2c, Action<string> note, CancellationToken cancellation)
    {
        if (!Tools.Has("nginx"))
        {
            note("The upstream is Kestrel, which takes more of the machine than nginx would.");
            return await stage.RoleAsync(Contestant.Direct, Roles.AnsweringPod.Role, cancellation);
        }

        return await NginxAsync(stage, Contestant.Direct, h2c, $$"""
            location ~ ^/(1m|huge)$ { root {{stage.Folder}}; }
            location / { return 200 "{{new string('x', 64)}}"; }
            """, upstreams: "", cancellation);
    }

    private static async Task<Contestant> NginxAsync(Stage stage, int upstream, bool h2c, Action<string> note, CancellationToken cancellation)
    {
        if (h2c)
        {
            note("nginx has no HTTP/2 client: it speaks HTTP/1.1 to an upstream of its own.");
            upstream = (await UpstreamAsync(stage, h2c: false, note, cancellation)).Port;
        }

        return await NginxAsync(stage, Contestant.Nginx, h2c, """
            location / {
              proxy_pass http://pod;
              proxy_http_version 1.1;
              proxy_set_header Connection "";
              proxy_set_header Host $host;
              proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
              proxy_set_header X-Forwarded-Proto $scheme;
              proxy_set_header X-Forwarded-Host $host;
              proxy_request_buffering off;
              proxy_buffering off;
              client_body_buffer_size 64k;
              proxy_buffer_size 64k;
              proxy_buffers 8 64k;
            }
            """, $"upstream pod {{ server 127.0.0.1:{upstream}; keepalive 128; keepalive_requests 100000000; }}", cancellation);
    }

    private static async Task<Contestant> NginxAsync(
        Stage stage, string name, bool h2c, string locations, string upstreams, CancellationToken cancellation)
    {
        var port = FreePort.Find();
        var file = Path.Combine(stage.Folder, $"nginx-{port}.conf");
        await File.WriteAllTextAsync(file, $$"""
            daemon off;
            {{(Environment.IsPrivilegedProcess ? "user root;" : "")}}
            worker_processes {{Environment.ProcessorCount}};
            pid {{file}}.pid;
            error_log stderr error;
            events { worker_connections 16384; }
            http {
              access_log off;
              sendfile on;
              tcp_nodelay on;
              keepalive_timeout 300s;
              keepalive_requests 100000000;
              http2_max_concurrent_streams 1024;
              client_max_body_size 0;
              client_body_temp_path {{stage.Folder}}/body-{{port}};
              proxy_temp_path {{stage.Folder}}/proxy-{{port}};
              {{upstreams}}
              server {
                listen 127.0.0.1:{{port}}{{(h2c ? " http2" : "")}} backlog=16384;
                {{locations}}
              }
            }
            """, cancellation);
        var spec = new ProcessSpec(name, [Tools.Require("nginx"), "-c", file, "-p", stage.Folder, "-e", "stderr"]);
        return new(name, port, await stage.AddAsync(spec, port, cancellation));
    }

    private static async Task<Contestant> HAProxyAsync(Stage stage, int upstream, bool h2c, CancellationToken cancellation)
    {
        var port = FreePort.Find();
        var file = Path.Combine(stage.Folder, "haproxy.cfg");
        var proto = h2c ? " proto h2" : "";
        await File.WriteAllTextAsync(file, $"""
            global
              maxconn 4096
              nbthread {Environment.ProcessorCount}
              tune.h2.max-concurrent-streams 1024
            defaults
              mode http
              option forwardfor
              http-reuse always
              timeout connect 1s
              timeout client 300s
              timeout server 300s
            frontend in
              bind 127.0.0.1:{port}{proto}
              http-request set-header X-Forwarded-Proto http
              http-request set-header X-Forwarded-Host %[req.hdr(Host)]
              default_backend pod
            backend pod
              server pod 127.0.0.1:{upstream}{proto}

            """, cancellation);
        var spec = new ProcessSpec(Contestant.HAProxy, [Tools.Require("haproxy"), "-db", "-f", file]);
        return new(Contestant.HAProxy, port, await stage.AddAsync(spec, port, cancellation));
    }
}
