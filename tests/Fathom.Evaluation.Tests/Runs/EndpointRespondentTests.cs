// A server that is asked: what is sent, what is understood, what is tried again.
using System.Text.Json;
using Fathom.Evaluation.Runs;
using Fathom.Testing;

namespace Fathom.Evaluation.Tests.Runs;

public sealed class EndpointRespondentTests
{
    static EndpointRespondent To(CompletionServer server, string path = "") =>
        new(new Uri(server.Address + path), "secret", "deepseek-reasoner", 0.6, 0.95, 1000, TimeSpan.FromMilliseconds(1));

    [Theory]
    [InlineData("https://api.deepseek.com", "https://api.deepseek.com/v1/chat/completions")]
    [InlineData("http://localhost:8080/v1/", "http://localhost:8080/v1/chat/completions")]
    [InlineData("https://host/deep/path/chat/completions", "https://host/deep/path/chat/completions")]
    public void AddressOf_BaseOrWhole(string endpoint, string expected) => Assert.Equal(expected, EndpointRespondent.AddressOf(new Uri(endpoint)).ToString());

    [Fact]
    public async Task Respond_SendsTheRecipe_AndReadsReasoningAndUsage()
    {
        using var server = new CompletionServer((_, _) => (200, [], CompletionServer.Completion("42", "six times seven", "length", 5, 9)));
        using EndpointRespondent respondent = To(server);
        ModelResponse response = await respondent.RespondAsync("6*7?", ulong.MaxValue, CancellationToken.None);
        Assert.Equal(("six times seven", "42"), (response.Parsed.Reasoning, response.Parsed.Answer));
        Assert.Equal((5, 9, true), (response.PromptTokens, response.Tokens, response.Truncated));
        (string path, string? authorization, JsonElement body) = Assert.Single(server.Requests);
        Assert.Equal(("/v1/chat/completions", "Bearer secret"), (path, authorization));
        Assert.Equal("""{"model":"deepseek-reasoner","messages":[{"role":"user","content":"6*7?"}],"temperature":0.6,"top_p":0.95,"max_tokens":1000,"seed":2147483647,"stream":false}""", body.GetRawText());
    }

    [Theory]
    [InlineData(429)]
    [InlineData(503)]
    [InlineData(500)]
    public async Task Respond_WhatPasses_IsTriedAgain(int status)
    {
        using var server = new CompletionServer((number, _) => number < 3 ? (status, [("Retry-After", "0")], "busy") : (200, [], CompletionServer.Completion("ok")));
        using EndpointRespondent respondent = To(server);
        Assert.Equal("ok", (await respondent.RespondAsync("?", 1, CancellationToken.None)).Text);
        Assert.Equal(4, server.Requests.Count);
    }

    [Theory]
    [InlineData(401, "wrong key", 1)]
    [InlineData(400, "no such model", 1)]
    [InlineData(503, "overloaded", 6)]
    public async Task Respond_WhatDoesNotPass_IsAnErrorWithTheServersWords(int status, string words, int attempts)
    {
        using var server = new CompletionServer((_, _) => (status, [], words));
        using EndpointRespondent respondent = To(server);
        IOException error = await Assert.ThrowsAsync<IOException>(() => respondent.RespondAsync("?", 1, CancellationToken.None));
        Assert.Contains(words, error.Message, StringComparison.Ordinal);
        Assert.Contains(server.Address, error.Message, StringComparison.Ordinal);
        Assert.Equal(attempts, server.Requests.Count);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("[]")]
    [InlineData("""{"choices":[]}""")]
    [InlineData("""{"choices":[{"message":"text"}]}""")]
    [InlineData("""{"choices":[{"message":{"content":"x"}}],"usage":{"prompt_tokens":"many"}}""")]
    public async Task Respond_NoCompletion_IsAnError(string body)
    {
        using var server = new CompletionServer((_, _) => (200, [], body));
        using EndpointRespondent respondent = To(server);
        IOException error = await Assert.ThrowsAsync<IOException>(() => respondent.RespondAsync("?", 1, CancellationToken.None));
        Assert.Contains("no chat completion", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Respond_NobodyThere_IsAnErrorAfterAllAttempts()
    {
        string address;
        using (var server = new CompletionServer(_ => "gone"))
            address = server.Address;
        using var respondent = new EndpointRespondent(new Uri(address), null, "m", 0, 1, 1, TimeSpan.FromMilliseconds(1));
        Assert.Contains("6 attempts", (await Assert.ThrowsAsync<IOException>(() => respondent.RespondAsync("?", 1, CancellationToken.None))).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Respond_Cancelled_EndsAtOnce()
    {
        using var server = new CompletionServer((_, _) => (429, [("Retry-After", "60")], ""));
        using EndpointRespondent respondent = To(server);
        using var cancellation = new CancellationTokenSource(TimeSpan.FromMilliseconds(50));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => respondent.RespondAsync("?", 1, cancellation.Token));
    }
}
