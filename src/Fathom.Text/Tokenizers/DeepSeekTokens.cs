// The special tokens of DeepSeek's chat format, in DeepSeek's spelling.

namespace Fathom.Text.Tokenizers;

/// <summary>
/// Spellings of the special tokens of DeepSeek V3 and R1, which Fathom's own tokenizers use too. The bars are U+FF5C and the low
/// blocks U+2581: look-alikes are ordinary text.
/// </summary>
public static class DeepSeekTokens
{
    /// <summary>Begins every sequence.</summary>
    public const string BeginOfSentence = "<\uFF5Cbegin\u2581of\u2581sentence\uFF5C>";

    /// <summary>Ends an answer, and a document of pre-training text.</summary>
    public const string EndOfSentence = "<\uFF5Cend\u2581of\u2581sentence\uFF5C>";

    /// <summary>Precedes a user's text.</summary>
    public const string User = "<\uFF5CUser\uFF5C>";

    /// <summary>Precedes the model's text.</summary>
    public const string Assistant = "<\uFF5CAssistant\uFF5C>";

    /// <summary>Begins the reasoning.</summary>
    public const string ThinkStart = "<think>";

    /// <summary>Ends the reasoning; the answer follows.</summary>
    public const string ThinkEnd = "</think>";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } = [BeginOfSentence, EndOfSentence, User, Assistant, ThinkStart, ThinkEnd];
}
