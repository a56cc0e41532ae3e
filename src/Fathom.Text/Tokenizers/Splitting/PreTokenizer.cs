// The pre-tokenizer: cuts text into the pieces that BPE may not merge across.

using System.Text.Json;

namespace Fathom.Text.Tokenizers.Splitting;

/// <summary>
/// Looks for one match of a pattern at a position of UTF-8 text: a positive result is the match's length in bytes, a negative one
/// says that no match begins in that many bytes. A scanner looks at no more than a constant times what its result skips,
/// which makes splitting linear on any text.
/// </summary>
delegate int Scanner(ReadOnlySpan<byte> text, int at);

/// <summary>Takes the pieces, in order.</summary>
interface IPieceSink
{
    /// <summary>Takes one piece, never empty.</summary>
    void Take(ReadOnlySpan<byte> piece);
}

/// <summary>What bytes a text holds; a byte beyond ASCII can be part of anything.</summary>
[Flags]
enum Contents : byte
{
    /// <summary>Line ends.</summary>
    Newline = 1,
    /// <summary>Other white space.</summary>
    Space = 2,
    /// <summary>Letters.</summary>
    Letter = 4,
    /// <summary>Digits.</summary>
    Digit = 8,
    /// <summary>Punctuation and symbols.</summary>
    Sign = 16,
    /// <summary>Control characters.</summary>
    Control = 32,
    /// <summary>Bytes beyond ASCII.</summary>
    BeyondAscii = 64,
    /// <summary>Any of them.</summary>
    Anything = 127,
}

/// <summary>
/// Stages applied one after the other, each to every piece of the one before: a match is a piece, and so is what lies between
/// matches (<c>Split</c> with behaviour <c>Isolated</c> of a tokenizer.json).
/// </summary>
sealed class PreTokenizer
{
    static readonly Contents[] ContentsOfByte = [.. Enumerable.Range(0, 256).Select(ContentsOf)];

    readonly (Scanner Scanner, Contents Needs)[] scanners;

    /// <param name="stages">The known pattern of each stage.</param>
    /// <param name="json">The <c>pre_tokenizer</c> of the tokenizer.json that says the same; null to write it here.</param>
    public PreTokenizer(IReadOnlyList<string> stages, string? json = null)
    {
        Stages = stages;
        scanners = [.. stages.Select(p => Patterns.Find(p))];
        Json = json ?? WriteJson(stages);
    }

    /// <summary>The known pattern of each stage.</summary>
    public IReadOnlyList<string> Stages { get; }

    /// <summary>The <c>pre_tokenizer</c> of the tokenizer.json that says the same.</summary>
    public string Json { get; }

    /// <summary>Gives the pieces of a text to the sink.</summary>
    public void Split<TSink>(ReadOnlySpan<byte> text, ref TSink sink)
        where TSink : struct, IPieceSink
    {
        if (!text.IsEmpty)
            Split(text, Contents.Anything, 0, ref sink);
    }

    void Split<TSink>(ReadOnlySpan<byte> text, Contents contents, int stage, ref TSink sink)
        where TSink : struct, IPieceSink
    {
        // Most pieces are words, in which the stages after the one for words find nothing.
        while (stage < scanners.Length && (contents & scanners[stage].Needs) == 0)
            stage++;
        if (stage == scanners.Length)
        {
            sink.Take(text);
            return;
        }
        Scanner scanner = scanners[stage].Scanner;
        int done = 0, at = 0;
        while (at < text.Length)
        {
            int length = scanner(text, at);
            if (length > 0)
            {
                if (at > done)
                    SplitPart(text[done..at], stage, ref sink);
                SplitPart(text.Slice(at, length), stage, ref sink);
                done = at + length;
            }
            at += Math.Abs(length);
        }
        if (done == 0)
            Split(text, contents, stage + 1, ref sink);
        else if (done < text.Length)
            SplitPart(text[done..], stage, ref sink);
    }

    void SplitPart<TSink>(ReadOnlySpan<byte> part, int stage, ref TSink sink)
        where TSink : struct, IPieceSink
    {
        if (stage + 1 == scanners.Length)
        {
            sink.Take(part);
            return;
        }
        Contents contents = 0;
        foreach (byte b in part)
            contents |= ContentsOfByte[b];
        Split(part, contents, stage + 1, ref sink);
    }

    static Contents ContentsOf(int b)
    {
        if (b >= 0x80)
            return Contents.Anything;
        return Characters.At([(byte)b], 0, out _) switch
        {
            CharacterClass.Newline => Contents.Newline,
            CharacterClass.Blank => Contents.Space,
            CharacterClass.Letter => Contents.Letter,
            CharacterClass.Number => Contents.Digit,
            CharacterClass.Punctuation or CharacterClass.Symbol => Contents.Sign,
            _ => Contents.Control,
        };
    }

    static string WriteJson(IReadOnlyList<string> stages)
    {
        string splits = string.Concat(stages.Select(p =>
            $$"""{"type":"Split","pattern":{"Regex":"{{JsonEncodedText.Encode(p)}}"},"behavior":"Isolated","invert":false},"""));
        return $$"""{"type":"Sequence","pretokenizers":[{{splits}}{"type":"ByteLevel","add_prefix_space":false,"trim_offsets":true,"use_regex":false}]}""";
    }
}
