// Any server that speaks OpenAI's chat completions as the one that is asked.
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Fathom.Evaluation.Graders;

namespace Fathom.Evaluation.Runs;

/// <summary>Asks a server. What passes by itself (busy, overloaded, unreachable) is tried again with growing pauses; the rest is an error.</summary>
public sealed class EndpointRespondent : IRespondent, IDisposable
{
    const string CompletionsPath = "/chat/completions";
    const int MostAttempts = 6;
    const int ShownBody = 300;
    const int MostBytes = 64 << 20;

    // Questions in Chinese stay readable in a server's log, and short.
    static readonly JsonSerializerOptions s_json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    static readonly TimeSpan s_longestPause = TimeSpan.FromMinutes(1);

    readonly HttpClient _client;
    readonly string _model;
    readonly double _temperature, _topP;
    readonly int _maxTokens;
    readonly TimeSpan _firstPause;

    /// <summary>Prepares.</summary>
    /// <param name="endpoint">The API's base address, as in <c>https://api.deepseek.com</c> or <c>http://localhost:8080/v1</c>, or the whole address of its chat completions.</param>
    /// <param name="apiKey">Sent as a bearer token; null sends none.</param>
    /// <param name="model">The server's name for the model.</param>
    /// <param name="temperature">Sampling temperature.</param>
    /// <param name="topP">Nucleus.</param>
    /// <param name="maxTokens">Longest response.</param>
    /// <param name="firstPause">Before the second attempt; doubled each time. Default: one second.</param>
    public EndpointRespondent(Uri endpoint, string? apiKey, string model, double temperature, double topP, int maxTokens, TimeSpan? firstPause = null)
    {
        Address = AddressOf(endpoint);
        (_model, _temperature, _topP, _maxTokens, _firstPause) = (model, temperature, topP, maxTokens, firstPause ?? TimeSpan.FromSeconds(1));
        // Reasoning takes its time; the caller's token ends the wait.
        _client = new HttpClient { Timeout = TimeSpan.FromMinutes(30), MaxResponseContentBufferSize = MostBytes };
        if (apiKey is not null)
            _client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", apiKey);
    }

    /// <summary>Where requests go.</summary>
    public Uri Address { get; }

    /// <summary>The address of chat completions under a base address.</summary>
    public static Uri AddressOf(Uri endpoint)
    {
        string path = endpoint.AbsolutePath.TrimEnd('/');
        return path.EndsWith(CompletionsPath, StringComparison.Ordinal) ? endpoint
            : new UriBuilder(endpoint) { Path = (path.Length == 0 ? "/v1" : path) + CompletionsPath }.Uri;
    }

    /// <inheritdoc/>
    public async Task<ModelResponse> RespondAsync(string prompt, ulong seed, CancellationToken cancellationToken)
    {
        var request = new
        {
            model = _model,
            messages = new[] { new { role = "user", content = prompt } },
            temperature = _temperature,
            top_p = _topP,
            max_tokens = _maxTokens,
            // Servers take seeds of different widths; 31 bits fit all.
            seed = (int)(seed >> 33),
            stream = false,
        };
        for (int attempt = 1; ; attempt++)
        {
            string problem;
            TimeSpan? asked = null;
            try
            {
                // With its length: not every server takes a body in chunks.
                using var content = new ByteArrayContent(JsonSerializer.SerializeToUtf8Bytes(request, s_json)) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } };
                using HttpResponseMessage reply = await _client.PostAsync(Address, content, cancellationToken).ConfigureAwait(false);
                byte[] body = await reply.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false);
                if (reply.IsSuccessStatusCode)
                    return Read(body);
                problem = $"{(int)reply.StatusCode} {reply.ReasonPhrase}: {Shown(body)}";
                if (!Passes(reply.StatusCode))
                    throw new IOException($"{Address}: {problem}");
                asked = reply.Headers.RetryAfter is { } after ? after.Delta ?? after.Date - DateTimeOffset.UtcNow : null;
            }
            catch (HttpRequestException error)
            {
                problem = error.Message;
            }
            catch (TaskCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                problem = $"no response within {_client.Timeout.TotalMinutes.ToString(CultureInfo.InvariantCulture)} minutes";
            }
            if (attempt == MostAttempts)
                throw new IOException($"{Address}: {MostAttempts} attempts failed, the last one with {problem}");
            TimeSpan pause = asked ?? _firstPause * Math.Pow(2, attempt - 1);
            await Task.Delay(pause < TimeSpan.Zero ? TimeSpan.Zero : pause < s_longestPause ? pause : s_longestPause, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Closes connections.</summary>
    public void Dispose() => _client.Dispose();

    static bool Passes(HttpStatusCode status) => status is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests
        or HttpStatusCode.InternalServerError or HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout;

    ModelResponse Read(byte[] body)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(body);
            JsonElement root = document.RootElement, choice = root.GetProperty("choices")[0], message = choice.GetProperty("message");
            string content = Text(message, "content") ?? "", reasoning = Text(message, "reasoning_content") ?? Text(message, "reasoning") ?? "";
            JsonElement usage = root.TryGetProperty("usage", out JsonElement given) ? given : default;
            return new ModelResponse(
                reasoning.Length > 0 ? $"{AnswerExtraction.ThinkOpen}\n{reasoning}\n{AnswerExtraction.ThinkClose}\n\n{content}" : content,
                Count(usage, "prompt_tokens"), Count(usage, "completion_tokens"), Text(choice, "finish_reason") == "length");
        }
        catch (Exception error) when (error is JsonException or KeyNotFoundException or InvalidOperationException or IndexOutOfRangeException or FormatException)
        {
            throw new IOException($"{Address}: the reply is no chat completion: {Shown(body)}", error);
        }
    }

    static string? Text(JsonElement owner, string key) => owner.TryGetProperty(key, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    static int Count(JsonElement usage, string key) => usage.ValueKind == JsonValueKind.Object && usage.TryGetProperty(key, out JsonElement value) ? value.GetInt32() : 0;

    static string Shown(byte[] body)
    {
        string text = System.Text.Encoding.UTF8.GetString(body.AsSpan(0, Math.Min(body.Length, ShownBody))).ReplaceLineEndings(" ").Trim();
        return text.Length == 0 ? "(empty)" : body.Length > ShownBody ? text + "..." : text;
    }
}
