// The families of pre-tokenizers that have a name in GGUF files, and Fathom's own.

namespace Fathom.Text.Tokenizers.Splitting;

/// <summary>
/// A named pre-tokenizer. GGUF files carry nothing but such a name (<c>tokenizer.ggml.pre</c>); what it stands for is a convention of
/// llama.cpp's, and an unknown name cannot be guessed.
/// </summary>
/// <param name="Names">The names; the first is written.</param>
/// <param name="Stages">The pattern of each stage.</param>
/// <param name="Composes">Whether the tokenizer brings text to form C first; the GGUF file does not say.</param>
/// <param name="IgnoresMerges">Whether a piece that is itself a token is taken whole; the GGUF file does not say.</param>
sealed record PreTokenizerFamily(string[] Names, string[] Stages, bool Composes = false, bool IgnoresMerges = false)
{
    /// <summary>
    /// Fathom's own: digits one by one, so that place value can be learned; CJK and kana apart from other text; words and signs with
    /// the space before them; line ends in runs of their own.
    /// </summary>
    public static PreTokenizerFamily Fathom { get; } =
        new(["fathom"], [Patterns.Number, Patterns.CjkAndKana, Patterns.FathomWords]);

    /// <summary>All families.</summary>
    public static IReadOnlyList<PreTokenizerFamily> All { get; } =
    [
        new(["deepseek-llm"],
        [
            Patterns.Newlines, Patterns.DeepSeekLlmWords, Patterns.DeepSeekLlmPunctuation,
            Patterns.DeepSeekLlmTrailingSpace, Patterns.DeepSeekLlmCjk, Patterns.Number,
        ]),
        new(["deepseek-coder"],
        [
            Patterns.Newlines, Patterns.DeepSeekCoderWords, Patterns.DeepSeekCoderPunctuation,
            Patterns.DeepSeekLlmCjk, Patterns.Number,
        ]),
        new(["deepseek-v3"], [Patterns.NumberTriples, Patterns.CjkAndKana, Patterns.DeepSeekV3Words]),
        new(["qwen2", "deepseek-r1-qwen"], [Patterns.Qwen2], Composes: true),
        new(["llama-bpe", "llama3", "llama-v3"], [Patterns.Llama3], IgnoresMerges: true),
        new(["smaug-bpe", "dbrx"], [Patterns.Llama3]),
        new(["gpt-2"], [Patterns.Gpt2]),
        new(["default"],
        [
            Patterns.GgufDefaultSigns, Patterns.Gpt2, Patterns.Numbers, Patterns.GgufDefaultDigits,
        ]),
        Fathom,
    ];

    /// <summary>The family of a name, or null.</summary>
    public static PreTokenizerFamily? Named(string name) => All.FirstOrDefault(f => f.Names.Contains(name));

    /// <summary>The family that splits and merges as given, or null.</summary>
    public static PreTokenizerFamily? Of(IReadOnlyList<string> stages, bool ignoresMerges) =>
        All.FirstOrDefault(f => f.Stages.SequenceEqual(stages) && f.IgnoresMerges == ignoresMerges);

    /// <summary>Every name, for messages.</summary>
    public static string AllNames => string.Join(", ", All.SelectMany(f => f.Names));
}
