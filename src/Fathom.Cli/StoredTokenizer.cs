// The tokenizer that is stored with a model: files of its folder, or metadata of its GGUF file.
using Fathom.Inference;
using Fathom.Text.Tokenizers;

namespace Fathom.Cli;

/// <summary>Reads a model's tokenizer, and writes it where a converted model goes.</summary>
static class StoredTokenizer
{
    const string TokenizerFile = "tokenizer.json";

    // What belongs to tokenizer and prompts in a Hugging Face folder.
    static readonly string[] s_files =
        [TokenizerFile, "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", "generation_config.json", "chat_template.jinja", "chat_template.json", "tokenizer.model", "vocab.json", "merges.txt"];

    /// <summary>The tokenizer of what the user typed: a tokenizer.json or its folder, or a model.</summary>
    /// <exception cref="CommandException">There is no such model, or it has no tokenizer.</exception>
    public static Tokenizer Named(string name)
    {
        string path = File.Exists(name) || File.Exists(Path.Combine(name, TokenizerFile)) ? name : ModelLocator.Find(name).Path;
        return ChatModel.FindTokenizer(path)
            ?? throw CommandException.Failure($"the model '{path}' has no tokenizer ({(File.Exists(path) ? "tokenizer.ggml.model" : TokenizerFile)}), so there is no way from text to tokens.");
    }

    /// <summary>The tokenizer as metadata of a GGUF file of a model with <paramref name="rows"/> rows in its embedding; empty where there is none.</summary>
    public static IReadOnlyDictionary<string, object> Metadata(string model, int rows) => ChatModel.FindTokenizer(model)?.ToGguf(rows) ?? new Dictionary<string, object>();

    /// <summary>Writes the tokenizer to a folder: files as they are, or made from metadata. Nothing where there is none.</summary>
    public static void CopyTo(string model, string folder)
    {
        if (!Directory.Exists(model))
        {
            ChatModel.FindTokenizer(model)?.Save(folder);
            return;
        }
        foreach (string name in s_files.Where(name => File.Exists(Path.Combine(model, name))))
            File.Copy(Path.Combine(model, name), Path.Combine(folder, name));
    }
}
