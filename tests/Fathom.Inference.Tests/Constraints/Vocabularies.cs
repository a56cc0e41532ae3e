// Vocabularies to test and measure constraints with.

using System.Text;
using Fathom.Inference.Constraints;
using Fathom.Models.Checkpoints.Gguf;
using Fathom.Testing;
using Fathom.Text.Tokenizers;

namespace Fathom.Inference.Tests.Constraints;

static class Vocabularies
{
    /// <summary>All single bytes, the given texts, and an end token, which comes last.</summary>
    public static ConstraintVocabulary Of(params IEnumerable<string> texts) => OfBytes(texts.Select(Encoding.UTF8.GetBytes));

    public static ConstraintVocabulary OfBytes(IEnumerable<byte[]> tokens)
    {
        byte[]?[] all = [.. Enumerable.Range(0, 256).Select(b => new[] { (byte)b }), .. tokens, null];
        return new ConstraintVocabulary(all, [all.Length - 1]);
    }

    /// <summary>DeepSeek-LLM's 100,000 tokens.</summary>
    public static Tokenizer DeepSeek { get; } = SharedData.Root is null ? null! : Load();

    static Tokenizer Load()
    {
        string file = SharedData.Path("real", "tokenizers", "deepseek-llm.gguf");
        using GgufFile gguf = GgufFile.Open(file);
        return Tokenizer.FromGguf(file, gguf.Metadata);
    }
}
