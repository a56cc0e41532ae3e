// How SentencePiece spells its tokens.

using System.Globalization;
using System.Text;

namespace Fathom.Text.Tokenizers;

/// <summary>How SentencePiece spells its tokens: <c>▁</c> for a space, <c>&lt;0x0A&gt;</c> for a byte.</summary>
static class SentencePiece
{
    /// <summary>The bytes a token stands for.</summary>
    public static byte[] Read(string spelling, bool hasBytes) => hasBytes && IsByte(spelling)
        ? [byte.Parse(spelling.AsSpan(3, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture)]
        : Encoding.UTF8.GetBytes(spelling.Replace(Normalizer.SpaceMark, " ", StringComparison.Ordinal));

    /// <summary>Whether a token is spelled as one of a byte.</summary>
    public static bool IsByte(string spelling) =>
        spelling is ['<', '0', 'x', (>= '0' and <= '9') or (>= 'A' and <= 'F'), (>= '0' and <= '9') or (>= 'A' and <= 'F'), '>'];

    /// <summary>Whether a token is that of a byte.</summary>
    public static bool IsByteId(BpeModel model, int id) => model.Tokens[id] is [byte b] && model.Symbols.IdOfByte[b] == id;

    /// <summary>The spelling of a token.</summary>
    public static string Spell(BpeModel model, int id) => IsByteId(model, id)
        ? $"<0x{model.Tokens[id]![0]:X2}>"
        : Encoding.UTF8.GetString(model.Tokens[id]!).Replace(" ", Normalizer.SpaceMark, StringComparison.Ordinal);

    /// <summary>Llama 2's decoder as its tokenizer.json writes it.</summary>
    /// <param name="prefix">Whether a space in front is taken away again.</param>
    public static string DecoderJson(bool prefix) =>
        """{"type":"Sequence","decoders":[{"type":"Replace","pattern":{"String":"▁"},"content":" "},{"type":"ByteFallback"},{"type":"Fuse"}"""
        + (prefix ? """,{"type":"Strip","content":" ","start":1,"stop":0}]}""" : "]}");

    /// <summary>What pieces begin as, given the ids by spelling.</summary>
    public static SymbolTable Symbols(IEnumerable<KeyValuePair<string, int>> ids, int[]? idOfByte, int unknown, bool fusesUnknown)
    {
        Dictionary<Rune, int> characters = [];
        foreach ((string spelling, int id) in ids)
            if (spelling.Length > 0 && Rune.TryGetRuneAt(spelling, 0, out Rune rune) && rune.Utf16SequenceLength == spelling.Length)
                characters[rune.Value == Normalizer.SpaceMark[0] ? new Rune(' ') : rune] = id;
        return new SymbolTable(idOfByte ?? [.. Enumerable.Repeat(-1, 256)], characters, unknown, fusesUnknown);
    }
}
