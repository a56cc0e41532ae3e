// A model with its tokenizer, ready to be talked to.
using Fathom.Models.Layers;
using Fathom.Text.Templates;
using Fathom.Text.Templates.Jinja;
using Fathom.Text.Tokenizers;

namespace Fathom.Cli;

/// <summary>A prompt in tokens.</summary>
/// <param name="Ids">The ids.</param>
/// <param name="OpensReasoning">Whether the answer begins inside its reasoning.</param>
sealed record ModelPrompt(int[] Ids, bool OpensReasoning);

/// <summary>A loaded model and tokenizer.</summary>
sealed class OpenModel : IDisposable
{
    OpenModel(ModelLocation location, DecoderModel model, Tokenizer tokenizer)
    {
        (Location, Model, Tokenizer) = (location, model, tokenizer);
        StopIds = [.. model.Config.EosTokenIds.Concat(new[] { tokenizer.EosId, tokenizer.EndOfTurnId }.OfType<int>()).Distinct()];
    }

    PromptFormat? _format;

    /// <summary>Where it was found.</summary>
    public ModelLocation Location { get; }

    /// <summary>The model.</summary>
    public DecoderModel Model { get; }

    /// <summary>Its tokenizer.</summary>
    public Tokenizer Tokenizer { get; }

    /// <summary>Ids that end an answer: those of the model's configuration and the tokenizer's.</summary>
    public IReadOnlyList<int> StopIds { get; }

    /// <summary>How the model wants its prompts.</summary>
    /// <exception cref="CommandException">It does not say, and its tokenizer does not show it.</exception>
    /// <exception cref="TemplateException">Its template is malformed.</exception>
    public PromptFormat Format => _format ??= PromptFormat.Of(Tokenizer) ?? throw CommandException.Failure(
        $"the model '{Location.Path}' has no chat template, and its tokenizer lacks the marks of DeepSeek's chat format; 'fathom generate --raw' continues a text without them.");

    /// <summary>Opens a model.</summary>
    /// <param name="name">What the user typed.</param>
    /// <exception cref="CommandException">There is no such model, or it has no tokenizer that fits it.</exception>
    public static OpenModel Load(string name)
    {
        ModelLocation location = ModelLocator.Find(name);
        Tokenizer tokenizer = LoadTokenizer(location.Path);
        DecoderModel model = DecoderModel.Open(location.Path);
        if (tokenizer.VocabularySize > model.Config.VocabularySize)
        {
            int rows = model.Config.VocabularySize;
            model.Dispose();
            throw CommandException.Failure($"the tokenizer of '{location.Path}' has {tokenizer.VocabularySize} ids, its model only {rows}: they do not belong together.");
        }
        return new OpenModel(location, model, tokenizer);
    }

    /// <summary>The tokenizer of a model.</summary>
    /// <exception cref="CommandException">It has none.</exception>
    public static Tokenizer LoadTokenizer(string path) => StoredTokenizer.Find(path)
        ?? throw CommandException.Failure($"the model '{path}' has no tokenizer ({(File.Exists(path) ? "tokenizer.ggml.model" : "tokenizer.json")}), so there is no way from text to tokens.");

    /// <summary>The prompt of a conversation, by the model's own format; where the model can reason, it is asked to.</summary>
    /// <exception cref="CommandException">There is no format.</exception>
    /// <exception cref="TemplateException">The format cannot be made of this conversation.</exception>
    public ModelPrompt Prompt(IEnumerable<ChatMessage> messages)
    {
        bool reasons = Tokenizer.SpecialTokens.ContainsKey(DeepSeekTokens.ThinkStart) && Tokenizer.SpecialTokens.ContainsKey(DeepSeekTokens.ThinkEnd);
        IReadOnlyList<PromptSegment> prompt = Format.Render(Conversation.Of(messages) with { Thinking = reasons ? true : null });
        // Whether the answer begins inside the reasoning is the prompt's to say, not the model's.
        return new ModelPrompt(Tokenizer.EncodePrompt(prompt), prompt is [.., { IsTemplate: true } last] && last.Text.TrimEnd().EndsWith(DeepSeekTokens.ThinkStart, StringComparison.Ordinal));
    }

    public void Dispose() => Model.Dispose();
}
