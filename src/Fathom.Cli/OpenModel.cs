// A model with its tokenizer, ready to be talked to.
using Fathom.Models.Layers;
using Fathom.Text.Templates;
using Fathom.Text.Tokenizers;

namespace Fathom.Cli;

/// <summary>A loaded model and tokenizer.</summary>
sealed class OpenModel : IDisposable
{
    OpenModel(ModelLocation location, DecoderModel model, Tokenizer tokenizer)
    {
        (Location, Model, Tokenizer) = (location, model, tokenizer);
        StopIds = [.. model.Config.EosTokenIds.Concat(tokenizer.EosId is { } eos ? [eos] : []).Distinct()];
    }

    /// <summary>Where it was found.</summary>
    public ModelLocation Location { get; }

    /// <summary>The model.</summary>
    public DecoderModel Model { get; }

    /// <summary>Its tokenizer.</summary>
    public Tokenizer Tokenizer { get; }

    /// <summary>Ids that end an answer: those of config.json and the tokenizer's.</summary>
    public IReadOnlyList<int> StopIds { get; }

    /// <summary>Whether the tokenizer has the marks of reasoning, so that prompts open it.</summary>
    public bool Reasons => Tokenizer.SpecialTokens.ContainsKey(DeepSeekTokens.ThinkStart) && Tokenizer.SpecialTokens.ContainsKey(DeepSeekTokens.ThinkEnd);

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

    /// <summary>The prompt of a conversation; where the model reasons, the reasoning is opened.</summary>
    /// <exception cref="CommandException">The tokenizer lacks the marks of the chat format.</exception>
    public int[] Prompt(IEnumerable<ChatMessage> messages)
    {
        string[] missing = [.. new[] { DeepSeekTokens.BeginOfSentence, DeepSeekTokens.User, DeepSeekTokens.Assistant }.Where(mark => !Tokenizer.SpecialTokens.ContainsKey(mark))];
        return missing.Length == 0
            ? ChatTemplate.Encode(Tokenizer, messages, addGenerationPrompt: true, think: Reasons)
            : throw CommandException.Failure(
                $"the tokenizer of '{Location.Path}' has no {string.Join(", ", missing)}, which the chat format needs; 'fathom generate --raw' continues a text without it.");
    }

    public void Dispose() => Model.Dispose();
}
