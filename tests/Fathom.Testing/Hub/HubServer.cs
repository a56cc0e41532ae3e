// A hub for tests: a real HTTP server that speaks what Fathom uses of the Hugging Face hub, and a second one, on another port, that large
// files are redirected to. What goes wrong is chosen per request.

using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Fathom.Testing.Hub;

/// <summary>One request that came.</summary>
/// <param name="OnCdn">Whether it came to the second server.</param>
/// <param name="Path">Path and query.</param>
/// <param name="Authorization">The header, or null.</param>
/// <param name="From">First byte asked for, or null where the whole file was.</param>
/// <param name="To">Last byte asked for, or null.</param>
public sealed record HubRequest(bool OnCdn, string Path, string? Authorization, long? From, long? To)
{
    public bool IsFor(string text) => Path.Contains(text, StringComparison.Ordinal);
}

/// <summary>The servers. Settings may change while requests come.</summary>
public sealed class HubServer : IDisposable
{
    const int ChunkBytes = 16 << 10;

    readonly HttpListener hub, cdn;
    readonly ConcurrentDictionary<string, HubModel> models = new();
    readonly string cdnAddress;
    long bodyBytes;

    public HubServer()
    {
        (hub, Address) = LoopbackListener.Start();
        (cdn, cdnAddress) = LoopbackListener.Start();
        _ = ServeAsync(hub, onCdn: false);
        _ = ServeAsync(cdn, onCdn: true);
    }

    /// <summary>Address of the hub.</summary>
    public string Address { get; }

    /// <summary>Every request, in the order of arrival.</summary>
    public ConcurrentQueue<HubRequest> Requests { get; } = new();

    /// <summary>Bytes of files that were sent.</summary>
    public long BodyBytes => Interlocked.Read(ref bodyBytes);

    /// <summary>The token that the hub wants, or null.</summary>
    public string? Token { get; set; }

    /// <summary>Whether range headers are ignored.</summary>
    public bool IgnoresRanges { get; set; }

    /// <summary>Files per page of the list.</summary>
    public int PageSize { get; set; } = 1000;

    /// <summary>Wait before each 16 KiB of a file.</summary>
    public TimeSpan ChunkDelay { get; set; }

    /// <summary>Answers in place of the server where it returns true.</summary>
    public Func<HubRequest, HttpListenerResponse, bool>? Fault { get; set; }

    /// <summary>Bytes of a file after which the connection is cut; null: it is not.</summary>
    public Func<HubRequest, long?>? CutAfter { get; set; }

    /// <summary>Changes the bytes of a file on its way.</summary>
    public Func<HubRequest, byte[], byte[]>? Change { get; set; }

    /// <summary>Adds a model with one commit, which is <c>main</c>.</summary>
    public HubModel Add(string name) => models[name] = new HubModel();

    /// <summary>An answer without a file.</summary>
    public static bool Answer(HttpListenerResponse response, int status, string body = "", params (string Name, string Value)[] headers)
    {
        response.StatusCode = status;
        foreach ((string name, string value) in headers)
            response.Headers[name] = value;
        byte[] bytes = Encoding.UTF8.GetBytes(body);
        response.ContentLength64 = bytes.Length;
        response.OutputStream.Write(bytes);
        response.Close();
        return true;
    }

    public void Dispose()
    {
        hub.Close();
        cdn.Close();
    }

    async Task ServeAsync(HttpListener listener, bool onCdn)
    {
        while (true)
        {
            HttpListenerContext context;
            try
            {
                context = await listener.GetContextAsync();
            }
            catch (Exception error) when (error is HttpListenerException or ObjectDisposedException or InvalidOperationException)
            {
                return;
            }
            _ = Task.Run(() => AnswerAsync(context, onCdn));
        }
    }

    async Task AnswerAsync(HttpListenerContext context, bool onCdn)
    {
        try
        {
            (long? from, long? to) = Range(context.Request.Headers["Range"]);
            var request = new HubRequest(onCdn, context.Request.RawUrl!, context.Request.Headers["Authorization"], from, to);
            Requests.Enqueue(request);
            if (Fault?.Invoke(request, context.Response) == true)
                return;
            string[] parts = [.. request.Path.Split('?')[0].Split('/', StringSplitOptions.RemoveEmptyEntries).Select(Uri.UnescapeDataString)];
            if (!onCdn && Token is not null && request.Authorization != $"Bearer {Token}")
                Answer(context.Response, 401, "Invalid username or password.");
            else if (parts is ["api", "models", var owner, var name, "revision", var revision])
                AnswerCommit(context.Response, $"{owner}/{name}", revision);
            else if (parts is ["api", "models", var owner2, var name2, "tree", var commit])
                AnswerTree(context, $"{owner2}/{name2}", commit);
            else if (parts is [var owner3, var name3, "resolve", var commit2, .. var path])
                await AnswerFileAsync(context.Response, request, $"{owner3}/{name3}", commit2, string.Join('/', path));
            else
                Answer(context.Response, 404, "Not found");
        }
        catch (Exception error) when (error is HttpListenerException or IOException or ObjectDisposedException)
        {
            // The client went, as it may.
        }
    }

    void AnswerCommit(HttpListenerResponse response, string name, string revision)
    {
        if (!models.TryGetValue(name, out HubModel? model))
            Answer(response, 404, "", ("X-Error-Code", "RepoNotFound"), ("X-Error-Message", "Repository not found"));
        else if (!model.Revisions.TryGetValue(revision, out string? commit) && !model.Commits.ContainsKey(commit = revision))
            Answer(response, 404, "", ("X-Error-Code", "RevisionNotFound"), ("X-Error-Message", $"Invalid rev id: {revision}"));
        else
            Answer(response, 200, JsonSerializer.Serialize(new { id = name, sha = commit, siblings = Array.Empty<object>(), gated = false }));
    }

    void AnswerTree(HttpListenerContext context, string name, string commit)
    {
        HubFileContent[] files = [.. models[name].Commits[commit].Values];
        int at = int.Parse(context.Request.QueryString["cursor"] ?? "0", CultureInfo.InvariantCulture);
        if (at + PageSize < files.Length)
            context.Response.Headers["Link"] = $"<{Address}/api/models/{name}/tree/{commit}?recursive=true&cursor={at + PageSize}>; rel=\"next\"";
        Answer(context.Response, 200, JsonSerializer.Serialize(files.Skip(at).Take(PageSize).Select(file => file.Entry).Prepend(new Dictionary<string, object>
        {
            ["type"] = "directory",
            ["oid"] = new string('0', 40),
            ["size"] = 0,
            ["path"] = "a folder",
        })));
    }

    async Task AnswerFileAsync(HttpListenerResponse response, HubRequest request, string name, string commit, string path)
    {
        if (!models.TryGetValue(name, out HubModel? model) || !model.Commits.TryGetValue(commit, out var files) || !files.TryGetValue(path, out HubFileContent? file))
        {
            Answer(response, 404, "", ("X-Error-Code", "EntryNotFound"), ("X-Error-Message", "Entry not found"));
            return;
        }
        if (file.IsLarge && !request.OnCdn)
        {
            Answer(response, 302, "", ("Location", cdnAddress + request.Path + "?signature=x"));
            return;
        }
        byte[] content = Change is null ? file.Content : Change(request, file.Content);
        bool partial = request.From is not null && !IgnoresRanges;
        long from = partial ? request.From!.Value : 0, to = partial ? Math.Min(request.To ?? long.MaxValue, content.Length - 1) : content.Length - 1;
        if (partial && from > to)
        {
            Answer(response, 416);
            return;
        }
        response.StatusCode = partial ? 206 : 200;
        response.ContentLength64 = to - from + 1;
        if (partial)
            response.Headers["Content-Range"] = $"bytes {from}-{to}/{content.Length}";
        long cut = from + (CutAfter?.Invoke(request) ?? long.MaxValue / 2);
        for (long at = from; at <= to; at += ChunkBytes)
        {
            if (ChunkDelay > TimeSpan.Zero)
                await Task.Delay(ChunkDelay);
            int count = (int)Math.Min(Math.Min(ChunkBytes, to - at + 1), cut - at);
            if (count > 0)
            {
                await response.OutputStream.WriteAsync(content.AsMemory((int)at, count));
                Interlocked.Add(ref bodyBytes, count);
            }
            if (at + ChunkBytes >= cut)
            {
                await response.OutputStream.FlushAsync();
                response.Abort();
                return;
            }
        }
        response.Close();
    }

    // bytes=10-19
    static (long? From, long? To) Range(string? header)
    {
        if (header is null)
            return (null, null);
        string[] bounds = header["bytes=".Length..].Split('-');
        return (long.Parse(bounds[0], CultureInfo.InvariantCulture), bounds[1].Length == 0 ? null : long.Parse(bounds[1], CultureInfo.InvariantCulture));
    }
}
