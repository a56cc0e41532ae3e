// The tokenizer that is stored with a model: files of its folder, or metadata of its GGUF file.
using Fathom.Models.Checkpoints.Gguf;
using Fathom.Text.Tokenizers;

namespace Fathom.Cli;

/// <summary>Reads a model's tokenizer, and writes it where a converted model goes.</summary>
static class StoredTokenizer
{
    const string TokenizerFile = "tokenizer.json";
    const string MetadataModel = "tokenizer.ggml.model";

    // What belongs to tokenizer and prompts in a Hugging Face folder.
    static readonly string[] s_files =
        [TokenizerFile, "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", "generation_config.json", "chat_template.jinja", "chat_template.json", "tokenizer.model", "vocab.json", "merges.txt"];

    /// <summary>The tokenizer of a model folder, a GGUF file or a tokenizer.json, or null where there is none.</summary>
    /// <exception cref="TokenizerFormatException">It is malformed or not supported.</exception>
    public static Tokenizer? Find(string path)
    {
        if (Directory.Exists(path))
            return File.Exists(Path.Combine(path, TokenizerFile)) ? Tokenizer.Load(path) : null;
        if (!path.EndsWith(GgufFile.Extension, StringComparison.OrdinalIgnoreCase))
            return Tokenizer.Load(path);
        using GgufFile file = GgufFile.Open(path);
        return file.Metadata.ContainsKey(MetadataModel) ? Tokenizer.FromGguf(path, file.Metadata) : null;
    }

    /// <summary>The tokenizer of what the user typed: a tokenizer.json or its folder, or a model.</summary>
    /// <exception cref="CommandException">There is no such model, or it has no tokenizer.</exception>
    public static Tokenizer Named(string name) =>
        OpenModel.LoadTokenizer(File.Exists(name) || File.Exists(Path.Combine(name, TokenizerFile)) ? name : ModelLocator.Find(name).Path);

    /// <summary>The tokenizer as metadata of a GGUF file of a model with <paramref name="rows"/> rows in its embedding; empty where there is none.</summary>
    public static IReadOnlyDictionary<string, object> Metadata(string model, int rows) => Find(model)?.ToGguf(rows) ?? new Dictionary<string, object>();

    /// <summary>Writes the tokenizer to a folder: files as they are, or made from metadata. Nothing where there is none.</summary>
    public static void CopyTo(string model, string folder)
    {
        if (!Directory.Exists(model))
        {
            Find(model)?.Save(folder);
            return;
        }
        foreach (string name in s_files.Where(name => File.Exists(Path.Combine(model, name))))
            File.Copy(Path.Combine(model, name), Path.Combine(folder, name));
    }
}
