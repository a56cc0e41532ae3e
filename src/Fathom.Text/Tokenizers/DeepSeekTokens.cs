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

    /// <summary>Begins the calls of tools (V3 to V3.1).</summary>
    public const string ToolCallsBegin = "<\uFF5Ctool\u2581calls\u2581begin\uFF5C>";

    /// <summary>Ends the calls of tools.</summary>
    public const string ToolCallsEnd = "<\uFF5Ctool\u2581calls\u2581end\uFF5C>";

    /// <summary>Begins one call.</summary>
    public const string ToolCallBegin = "<\uFF5Ctool\u2581call\u2581begin\uFF5C>";

    /// <summary>Ends one call.</summary>
    public const string ToolCallEnd = "<\uFF5Ctool\u2581call\u2581end\uFF5C>";

    /// <summary>Stands between a tool's name and its arguments.</summary>
    public const string ToolSeparator = "<\uFF5Ctool\u2581sep\uFF5C>";

    /// <summary>Begins a tool's result.</summary>
    public const string ToolOutputBegin = "<\uFF5Ctool\u2581output\u2581begin\uFF5C>";

    /// <summary>Ends a tool's result.</summary>
    public const string ToolOutputEnd = "<\uFF5Ctool\u2581output\u2581end\uFF5C>";

    /// <summary>Begins a search (from V3.1 on).</summary>
    public const string SearchBegin = "<\uFF5Csearch\u2581begin\uFF5C>";

    /// <summary>Marks the tags of V3.2's calls of tools.</summary>
    public const string Dsml = "\uFF5CDSML\uFF5C";

    /// <summary>Those that Fathom's own tokenizers have.</summary>
    public static IReadOnlyList<string> All { get; } = [BeginOfSentence, EndOfSentence, User, Assistant, ThinkStart, ThinkEnd];
}
