// A server of chat completions whose replies a test writes.
using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.Json;

namespace Fathom.Testing;

/// <summary>Hands every request to a function: its number from 0 and its body give status, headers and body of the reply.</summary>
public sealed class CompletionServer : IDisposable
{
    readonly HttpListener _listener;
    readonly Func<int, JsonElement, (int Status, (string Name, string Value)[] Headers, string Body)> _reply;
    int _count = -1;

    public CompletionServer(Func<int, JsonElement, (int Status, (string Name, string Value)[] Headers, string Body)> reply)
    {
        _reply = reply;
        (_listener, Address) = LoopbackListener.Start();
        _ = ServeAsync();
    }

    /// <summary>A server that answers every prompt with what <paramref name="answer"/> says.</summary>
    public CompletionServer(Func<string, string> answer)
        : this((_, request) => (200, [], Completion(answer(request.GetProperty("messages")[0].GetProperty("content").GetString()!))))
    {
    }

    public string Address { get; }

    /// <summary>Path, authorisation and body of every request, in the order of arrival.</summary>
    public ConcurrentQueue<(string Path, string? Authorization, JsonElement Body)> Requests { get; } = new();

    /// <summary>The body of a reply.</summary>
    public static string Completion(string content, string? reasoning = null, string finish = "stop", int promptTokens = 7, int tokens = 11) => JsonSerializer.Serialize(new
    {
        choices = new[] { new { index = 0, finish_reason = finish, message = new { role = "assistant", content, reasoning_content = reasoning } } },
        usage = new { prompt_tokens = promptTokens, completion_tokens = tokens, total_tokens = promptTokens + tokens },
    });

    public void Dispose() => _listener.Close();

    async Task ServeAsync()
    {
        while (_listener.IsListening)
        {
            HttpListenerContext context;
            try
            {
                context = await _listener.GetContextAsync();
            }
            catch (Exception error) when (error is HttpListenerException or ObjectDisposedException)
            {
                return;
            }
            try
            {
                // As servers that know no chunks see it.
                if (context.Request.ContentLength64 < 0)
                    throw new InvalidOperationException("The request has no length.");
                using JsonDocument document = await JsonDocument.ParseAsync(context.Request.InputStream);
                JsonElement body = document.RootElement.Clone();
                Requests.Enqueue((context.Request.Url!.AbsolutePath, context.Request.Headers["Authorization"], body));
                (int status, (string Name, string Value)[] headers, string text) = _reply(Interlocked.Increment(ref _count), body);
                context.Response.StatusCode = status;
                foreach ((string name, string value) in headers)
                    context.Response.Headers[name] = value;
                byte[] bytes = Encoding.UTF8.GetBytes(text);
                context.Response.ContentLength64 = bytes.Length;
                await context.Response.OutputStream.WriteAsync(bytes);
                context.Response.Close();
            }
            catch (Exception error) when (error is HttpListenerException or IOException or ObjectDisposedException or JsonException)
            {
                // Whoever asked no longer wants to know.
            }
        }
    }
}
