// The chat client over a tiny model with random weights: what goes into the prompt, what comes out, and that streaming is the whole.

using System.Text.Json;
using Fathom.Inference;
using Fathom.Inference.Parsers;
using Fathom.Models.Configs;
using Fathom.Models.Layers;
using Fathom.Numerics.Formats;
using Fathom.Text.Tokenizers;
using Microsoft.Extensions.AI;
using ChatMessage = Microsoft.Extensions.AI.ChatMessage;
using ChatRole = Microsoft.Extensions.AI.ChatRole;

namespace Fathom.ChatClient.Tests;

public sealed class EngineChatClientTests : IDisposable
{
    readonly string _folder = Directory.CreateTempSubdirectory("fathom-chat-").FullName;
    readonly ChatModel _model;
    readonly InferenceEngine _engine;
    readonly EngineChatClient _client;

    public EngineChatClientTests()
    {
        Tokenizer tokenizer = BpeTrainer.Train(["the quick brown fox says what it thinks of twelve and seven"], 300, [.. DeepSeekTokens.All]);
        ModelConfig config = Presets.All["nano"] with { VocabularySize = tokenizer.VocabularySize, LayerCount = 2, EosTokenIds = [tokenizer.SpecialTokens[DeepSeekTokens.EndOfSentence]] };
        using (DecoderModel model = DecoderModel.Initialize(config, 3))
            model.Save(_folder, ElementType.F32);
        tokenizer.Save(_folder);
        _model = ChatModel.Open(_folder);
        _engine = new InferenceEngine(_model.Model, _model.Tokenizer);
        _client = new EngineChatClient(_model, _engine);
    }

    public void Dispose()
    {
        _engine.Dispose();
        _model.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    static ChatOptions Options(int tokens = 40) => new() { Seed = 7, MaxOutputTokens = tokens };

    static ChatOptions WithoutReasoning(int tokens = 40) => new() { Seed = 7, MaxOutputTokens = tokens, Reasoning = new() { Effort = ReasoningEffort.None } };

    [Fact]
    public async Task PromptThatOpensTheReasoning_GivesReasoningContent()
    {
        ChatResponse response = await _client.GetResponseAsync("what is it", Options());
        ChatMessage message = Assert.Single(response.Messages);
        Assert.Equal(ChatRole.Assistant, message.Role);
        Assert.Contains(message.Contents, content => content is TextReasoningContent { Text.Length: > 0 });
        Assert.Equal(ChatFinishReason.Length, response.FinishReason);
        Assert.Equal(40, response.Usage!.OutputTokenCount);
        Assert.Equal(response.Usage.InputTokenCount + 40, response.Usage.TotalTokenCount);
    }

    [Fact]
    public async Task WithoutReasoning_EverythingIsText()
    {
        ChatResponse response = await _client.GetResponseAsync("what is it", WithoutReasoning());
        Assert.NotEmpty(response.Text);
        Assert.DoesNotContain(response.Messages[0].Contents, content => content is TextReasoningContent);
    }

    [Fact]
    public async Task Stream_TogetherIsTheWhole()
    {
        ChatMessage[] conversation = [new(ChatRole.System, "be brief"), new(ChatRole.User, "what"), new(ChatRole.Assistant, "fox"), new(ChatRole.User, "why")];
        foreach (ChatOptions options in new[] { Options(), WithoutReasoning() })
        {
            string whole = Text((await _client.GetResponseAsync(conversation, options)).Messages[0].Contents);
            List<AIContent> pieces = [];
            await foreach (ChatResponseUpdate update in _client.GetStreamingResponseAsync(conversation, options))
                pieces.AddRange(update.Contents);
            Assert.Equal(whole, Text(pieces));
            Assert.True(pieces.Count > 5, "it came in pieces");
        }

        static string Text(IEnumerable<AIContent> contents) => string.Concat(contents.Select(c => c is TextContent text ? text.Text : c is TextReasoningContent reasoning ? reasoning.Text : ""));
    }

    [Fact]
    public async Task StopText_IsNeverShown()
    {
        string whole = (await _client.GetResponseAsync("what", WithoutReasoning())).Text;
        string stop = whole.Substring(whole.Length / 2, 3);
        ChatOptions options = WithoutReasoning();
        options.StopSequences = [stop];
        string shown = "";
        await foreach (ChatResponseUpdate update in _client.GetStreamingResponseAsync("what", options))
            shown += update.Text;
        Assert.Equal(whole[..whole.IndexOf(stop, StringComparison.Ordinal)], shown);
    }

    [Fact]
    public async Task ResponseFormat_BindsTheAnswer()
    {
        ChatOptions options = WithoutReasoning(200);
        options.ResponseFormat = ChatResponseFormat.ForJsonSchema(JsonElement.Parse(
            """{"type":"object","properties":{"n":{"type":"integer","minimum":0,"maximum":99},"k":{"enum":["a","b"]}},"required":["n","k"]}"""));
        ChatResponse response = await _client.GetResponseAsync("give me json", options);
        using JsonDocument answer = JsonDocument.Parse(response.Text);
        Assert.InRange(answer.RootElement.GetProperty("n").GetInt32(), 0, 99);
        Assert.Contains(answer.RootElement.GetProperty("k").GetString(), new[] { "a", "b" });
        Assert.Equal(ChatFinishReason.Stop, response.FinishReason);
    }

    [Fact]
    public void ConversationAndTools_StandInThePrompt()
    {
        ChatRequests requests = new(_model);
        ChatMessage[] conversation =
        [
            new(ChatRole.User, "question one"),
            new(ChatRole.Assistant, [new TextReasoningContent("hidden thought"), new TextContent("answer one")]),
            new(ChatRole.User, [new TextContent("question "), new TextContent("two")]),
        ];
        ChatRequest request = requests.Make(conversation, new ChatOptions { Instructions = "obey", Temperature = 0.25f, TopK = 5, StopSequences = ["x"] });
        string prompt = _model.Tokenizer.Decode(request.Generation.Prompt);
        Assert.Equal("<｜begin▁of▁sentence｜>obey<｜User｜>question one<｜Assistant｜>answer one<｜end▁of▁sentence｜><｜User｜>question two<｜Assistant｜><think>\n", prompt);
        Assert.True(request.OpensReasoning);
        Assert.Equal((0.25f, 5, 1f), (request.Generation.Options.Temperature, request.Generation.Options.TopK, request.Generation.Options.TopP));
        Assert.Equal(["x"], request.Generation.Options.StopStrings);
    }

    [Fact]
    public void CompleteCalls_BecomeFunctionCalls()
    {
        ToolCalls calls = new();
        List<AnswerEvent> events =
        [
            new(AnswerPart.Reasoning, "hm"), new(AnswerPart.Content, "well"),
            new(AnswerPart.CallBegin, "add", 0), new(AnswerPart.CallArguments, "{\"a\":", 0), new(AnswerPart.CallArguments, "1}", 0), new(AnswerPart.CallEnd, "", 0),
            new(AnswerPart.CallBegin, "cut", 1), new(AnswerPart.CallArguments, "{", 1), new(AnswerPart.CallCut, "", 1),
            new(AnswerPart.CallBegin, "bad", 2), new(AnswerPart.CallArguments, "{", 2), new(AnswerPart.CallEnd, "", 2),
        ];
        List<AIContent> contents = calls.Take(events);
        Assert.Empty(events);
        Assert.Equal("hm", Assert.IsType<TextReasoningContent>(contents[0]).Text);
        Assert.Equal("well", Assert.IsType<TextContent>(contents[1]).Text);
        FunctionCallContent call = Assert.IsType<FunctionCallContent>(contents[2]);
        Assert.Equal(("add", "1"), (call.Name, call.Arguments!["a"]!.ToString()));
        FunctionCallContent bad = Assert.IsType<FunctionCallContent>(contents[3]);
        Assert.NotNull(bad.Exception);
        Assert.NotEqual(call.CallId, bad.CallId);
        Assert.Equal(4, contents.Count);
    }

    [Fact]
    public async Task WhatCannotBeMet_IsRefused()
    {
        await Assert.ThrowsAsync<NotSupportedException>(() => _client.GetResponseAsync([new ChatMessage(ChatRole.User, [new DataContent(new byte[] { 1 }, "image/png")])]));
        await Assert.ThrowsAsync<NotSupportedException>(() => _client.GetResponseAsync("x", new ChatOptions { ToolMode = ChatToolMode.RequireAny }));
        await Assert.ThrowsAsync<PromptTooLongException>(() => _client.GetResponseAsync(string.Concat(Enumerable.Repeat("quick ", 20_000))));
        await Assert.ThrowsAsync<Fathom.Inference.Constraints.ConstraintException>(() => _client.GetResponseAsync("x", new ChatOptions { ResponseFormat = ChatResponseFormat.ForJsonSchema(JsonElement.Parse("{\"type\":7}")) }));
        await Assert.ThrowsAnyAsync<ArgumentException>(() => _client.GetResponseAsync("x", new ChatOptions { TopP = 7 }));
    }

    [Fact]
    public async Task Cancellation_EndsTheAnswer()
    {
        using CancellationTokenSource source = new();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (ChatResponseUpdate _ in _client.GetStreamingResponseAsync("x", Options(5000), source.Token))
                await source.CancelAsync();
        });
    }

    [Fact]
    public void Services_AreFoundByType()
    {
        Assert.Same(_client, _client.GetService(typeof(IChatClient)));
        Assert.Same(_engine, _client.GetService(typeof(InferenceEngine)));
        Assert.Equal("fathom", ((ChatClientMetadata)_client.GetService(typeof(ChatClientMetadata))!).ProviderName);
        Assert.Null(_client.GetService(typeof(string)));
        Assert.Null(_client.GetService(typeof(IChatClient), "key"));
    }
}
