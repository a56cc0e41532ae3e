// A model that the user named, ready to be talked to.
using Fathom.Inference;
using Fathom.Models.Counts;
using Fathom.Models.Layers;
using Fathom.Text.Templates;
using Fathom.Text.Templates.Jinja;
using Fathom.Text.Tokenizers;

namespace Fathom.Cli;

/// <summary>A loaded model and tokenizer.</summary>
sealed class OpenModel : IDisposable
{
    /// <summary>From so many parameters on, reading the weights takes noticeable time.</summary>
    const long LargeParameters = 200_000_000;

    readonly ChatModel _chat;

    OpenModel(ModelLocation location, ChatModel chat) => (Location, _chat) = (location, chat);

    /// <summary>Where it was found.</summary>
    public ModelLocation Location { get; }

    /// <summary>The model with tokenizer and prompt format.</summary>
    public ChatModel Chat => _chat;

    /// <inheritdoc cref="ChatModel.Model"/>
    public DecoderModel Model => _chat.Model;

    /// <inheritdoc cref="ChatModel.Tokenizer"/>
    public Tokenizer Tokenizer => _chat.Tokenizer;

    /// <inheritdoc cref="ChatModel.StopIds"/>
    public IReadOnlyList<int> StopIds => _chat.StopIds;

    /// <summary>How the model wants its prompts.</summary>
    /// <exception cref="CommandException">It does not say, and its tokenizer does not show it.</exception>
    /// <exception cref="TemplateException">Its template is malformed.</exception>
    public PromptFormat Format => _chat.Format ?? throw CommandException.Failure(
        $"the model '{Location.Path}' has no chat template, and its tokenizer lacks the marks of DeepSeek's chat format; 'fathom generate --raw' continues a text without them.");

    /// <summary>Opens a model.</summary>
    /// <param name="name">What the user typed.</param>
    /// <exception cref="CommandException">There is no such model.</exception>
    /// <exception cref="InvalidDataException">It has no tokenizer that fits it.</exception>
    public static OpenModel Load(string name)
    {
        ModelLocation location = ModelLocator.Find(name);
        ChatModel chat = ChatModel.Open(location.Path);
        // Small ones are read when they are used, before anybody has noticed.
        if (new ModelCounts(chat.Model.Config).Parameters > LargeParameters)
            Prepare(chat.Model);
        return new OpenModel(location, chat);
    }

    /// <summary>Reads all weights of a model, and shows how far it is.</summary>
    public static void Prepare(DecoderModel model) => WorkDisplay.Show("reading weights", "bytes", report =>
    {
        model.Prepare(report);
        return true;
    });

    /// <summary>The prompt of a conversation, by the model's own format; where the model can reason, it is asked to.</summary>
    /// <exception cref="CommandException">There is no format.</exception>
    /// <exception cref="TemplateException">The format cannot be made of this conversation.</exception>
    public ModelPrompt Prompt(IEnumerable<ChatMessage> messages)
    {
        _ = Format;
        return _chat.Prompt(messages);
    }

    public void Dispose() => _chat.Dispose();
}
