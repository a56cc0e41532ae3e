// The one error of a bad tokenizer file.

namespace Fathom.Text.Tokenizers;

/// <summary>A tokenizer file does not say what a byte-level BPE tokenizer needs. The message names file, field, value and what is allowed.</summary>
/// <param name="file">Path of the file.</param>
/// <param name="field">The place in it, such as <c>model.merges[12]</c>; empty for the file as a whole.</param>
/// <param name="problem">What stands there and what is allowed.</param>
public sealed class TokenizerFormatException(string file, string field, string problem)
    : FormatException($"{file}: {(field.Length == 0 ? "" : field + ": ")}{problem}")
{
    /// <summary>Path of the file.</summary>
    public string File { get; } = file;

    /// <summary>The place in the file; empty for the file as a whole.</summary>
    public string Field { get; } = field;
}
