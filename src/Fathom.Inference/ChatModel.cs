// A model that can be talked to: weights, tokenizer and prompt format, which belong together.
using Fathom.Inference.Constraints;
using Fathom.Inference.Parsers;
using Fathom.Models.Checkpoints.Gguf;
using Fathom.Models.Layers;
using Fathom.Text.Templates;
using Fathom.Text.Templates.Jinja;
using Fathom.Text.Tokenizers;

namespace Fathom.Inference;

/// <summary>A prompt in tokens.</summary>
/// <param name="Ids">The ids.</param>
/// <param name="OpensReasoning">Whether the answer begins inside its reasoning.</param>
public sealed record ModelPrompt(int[] Ids, bool OpensReasoning);

/// <summary>A loaded model with its tokenizer and its way to write prompts.</summary>
public sealed class ChatModel : IDisposable
{
    const string TokenizerFile = "tokenizer.json", GgufTokenizer = "tokenizer.ggml.model";

    readonly Lazy<PromptFormat?> _format;
    readonly Lazy<ConstraintVocabulary> _vocabulary;

    ChatModel(string path, DecoderModel model, Tokenizer tokenizer)
    {
        (Path, Model, Tokenizer) = (path, model, tokenizer);
        StopIds = [.. model.Config.EosTokenIds.Concat(new[] { tokenizer.EosId, tokenizer.EndOfTurnId }.OfType<int>()).Distinct()];
        _format = new Lazy<PromptFormat?>(() => PromptFormat.Of(tokenizer));
        _vocabulary = new Lazy<ConstraintVocabulary>(() => new ConstraintVocabulary(tokenizer, model.Config.VocabularySize, StopIds));
        if (tokenizer.SpecialTokens.TryGetValue(DeepSeekTokens.ThinkStart, out int start) && tokenizer.SpecialTokens.TryGetValue(DeepSeekTokens.ThinkEnd, out int end))
            Reasoning = new ReasoningOptions { StartId = start, EndId = end };
    }

    /// <summary>The folder or GGUF file.</summary>
    public string Path { get; }

    /// <summary>The model.</summary>
    public DecoderModel Model { get; }

    /// <summary>Its tokenizer.</summary>
    public Tokenizer Tokenizer { get; }

    /// <summary>Ids that end an answer: those of the model's configuration and the tokenizer's.</summary>
    public IReadOnlyList<int> StopIds { get; }

    /// <summary>The marks of its reasoning; null where it has none.</summary>
    public ReasoningOptions? Reasoning { get; }

    /// <summary>How the model wants its prompts; null where it does not say and its tokenizer does not show it.</summary>
    /// <exception cref="TemplateException">Its template is malformed.</exception>
    public PromptFormat? Format => _format.Value;

    /// <summary>Its tokens, for constraints; made at the first use.</summary>
    public ConstraintVocabulary Vocabulary => _vocabulary.Value;

    /// <summary>Options that fit the model, to be varied by <c>with</c>: its stop tokens and the marks of its reasoning.</summary>
    public SamplingOptions Options => new() { StopIds = StopIds, Reasoning = Reasoning };

    /// <summary>Opens a model.</summary>
    /// <param name="path">A folder of safetensors with <c>tokenizer.json</c>, or a GGUF file.</param>
    /// <exception cref="InvalidDataException">It has no tokenizer, or one that does not fit; or a file of it is damaged.</exception>
    /// <exception cref="TokenizerFormatException">The tokenizer is malformed or not supported.</exception>
    public static ChatModel Open(string path)
    {
        Tokenizer tokenizer = FindTokenizer(path)
            ?? throw new InvalidDataException($"the model '{path}' has no tokenizer ({(File.Exists(path) ? GgufTokenizer : TokenizerFile)}), so there is no way from text to tokens.");
        DecoderModel model = DecoderModel.Open(path);
        if (tokenizer.VocabularySize <= model.Config.VocabularySize)
            return new ChatModel(path, model, tokenizer);
        int rows = model.Config.VocabularySize;
        model.Dispose();
        throw new InvalidDataException($"the tokenizer of '{path}' has {tokenizer.VocabularySize} ids, its model only {rows}: they do not belong together.");
    }

    /// <summary>The tokenizer of a model folder, a GGUF file or a tokenizer.json, or null where there is none.</summary>
    /// <exception cref="TokenizerFormatException">It is malformed or not supported.</exception>
    public static Tokenizer? FindTokenizer(string path)
    {
        if (Directory.Exists(path))
            return File.Exists(System.IO.Path.Combine(path, TokenizerFile)) ? Tokenizer.Load(path) : null;
        if (!path.EndsWith(GgufFile.Extension, StringComparison.OrdinalIgnoreCase))
            return Tokenizer.Load(path);
        using GgufFile file = GgufFile.Open(path);
        return file.Metadata.ContainsKey(GgufTokenizer) ? Tokenizer.FromGguf(path, file.Metadata) : null;
    }

    /// <summary>The prompt of a single question; where the model can reason, it is asked to.</summary>
    /// <inheritdoc cref="Prompt(Conversation)"/>
    public ModelPrompt Prompt(string user) => Prompt([new ChatMessage(ChatRole.User, user)]);

    /// <summary>The prompt of some turns; where the model can reason, it is asked to.</summary>
    /// <inheritdoc cref="Prompt(Conversation)"/>
    public ModelPrompt Prompt(IEnumerable<ChatMessage> messages) => Prompt(Conversation.Of(messages) with { Thinking = Reasoning is null ? null : true });

    /// <summary>The prompt of a conversation, by the model's own format.</summary>
    /// <exception cref="InvalidDataException">There is no format.</exception>
    /// <exception cref="TemplateException">The format cannot be made of this conversation, or is malformed.</exception>
    public ModelPrompt Prompt(Conversation conversation)
    {
        PromptFormat format = Format
            ?? throw new InvalidDataException($"the model '{Path}' has no chat template, and its tokenizer lacks the marks of DeepSeek's chat format.");
        IReadOnlyList<PromptSegment> prompt = format.Render(conversation);
        // Whether the answer begins inside the reasoning is the prompt's to say, not the model's.
        return new ModelPrompt(Tokenizer.EncodePrompt(prompt), AnswerFormat.OpensReasoning(prompt));
    }

    /// <summary>Closes the model's files.</summary>
    public void Dispose() => Model.Dispose();
}
