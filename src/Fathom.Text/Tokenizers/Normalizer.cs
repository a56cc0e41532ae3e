// What a tokenizer does to text before it looks for pieces: Unicode composition, and SentencePiece's treatment of spaces.

using Fathom.Text.Normalization;

namespace Fathom.Text.Tokenizers;

/// <summary>Where SentencePiece tokenizers set a space in front of text, so that a word begins alike at the start and inside.</summary>
enum SpacePrefix
{
    /// <summary>Nowhere.</summary>
    Never,
    /// <summary>At the beginning of the whole text, unless a space stands there (Metaspace, <c>first</c>).</summary>
    AtBeginning,
    /// <summary>At the beginning and behind every added token, unless a space stands there (Metaspace, <c>always</c>).</summary>
    WhereMissing,
    /// <summary>At the beginning and behind every added token (the normalizer <c>Prepend</c>; GGUF's <c>add_space_prefix</c>).</summary>
    Always,
}

/// <summary>A tokenizer's normalizer, over the runs of text between added tokens.</summary>
/// <param name="Composes">Unicode form C.</param>
/// <param name="MarksSpaces">
/// SentencePiece's <c>▁</c> stands for a space. Fathom keeps the space itself in tokens and texts, so only a <c>▁</c> that a text holds
/// changes: it becomes a space, as it does in the original.
/// </param>
/// <param name="Prefix">Where a space is set in front.</param>
sealed record Normalizer(bool Composes, bool MarksSpaces, SpacePrefix Prefix)
{
    /// <summary>Leaves text as it is.</summary>
    public static Normalizer None { get; } = new(false, false, SpacePrefix.Never);

    /// <summary>SentencePiece's space in a file's spelling.</summary>
    public const string SpaceMark = "\u2581";

    /// <summary>Whether a decoded text begins with a space that is not its own.</summary>
    public bool SetsPrefix => Prefix != SpacePrefix.Never;

    /// <summary>The normalized run: the run itself where nothing changes.</summary>
    /// <param name="run">UTF-8, not empty.</param>
    /// <param name="first">Whether the run begins the whole text.</param>
    public ReadOnlySpan<byte> Apply(ReadOnlySpan<byte> run, bool first)
    {
        if (Composes)
            run = Nfc.Compose(run);
        if (!MarksSpaces)
            return run;
        if (run.IndexOf(SpaceMarkUtf8) >= 0)
            run = WithSpaces(run);
        bool set = Prefix switch
        {
            SpacePrefix.AtBeginning => first && run[0] != ' ',
            SpacePrefix.WhereMissing => run[0] != ' ',
            SpacePrefix.Always => true,
            _ => false,
        };
        if (!set)
            return run;
        byte[] prefixed = [(byte)' ', .. run];
        return prefixed;
    }

    static ReadOnlySpan<byte> SpaceMarkUtf8 => "\u2581"u8;

    static byte[] WithSpaces(ReadOnlySpan<byte> run)
    {
        byte[] result = new byte[run.Length];
        int length = 0;
        for (int at = run.IndexOf(SpaceMarkUtf8); at >= 0; at = run.IndexOf(SpaceMarkUtf8))
        {
            run[..at].CopyTo(result.AsSpan(length));
            length += at;
            result[length++] = (byte)' ';
            run = run[(at + SpaceMarkUtf8.Length)..];
        }
        run.CopyTo(result.AsSpan(length));
        return result[..(length + run.Length)];
    }
}

/// <summary>Reads the <c>normalizer</c> and, for SentencePiece, the <c>pre_tokenizer</c> of a tokenizer.json.</summary>
static class NormalizerReader
{
    /// <summary>Llama 2's normalizer and decoder as its tokenizer.json writes them.</summary>
    public const string SentencePieceJson =
        """{"type":"Sequence","normalizers":[{"type":"Prepend","prepend":"▁"},{"type":"Replace","pattern":{"String":" "},"content":"▁"}]}""";

    /// <summary>The same without a space in front.</summary>
    public const string UnprefixedSentencePieceJson = """{"type":"Replace","pattern":{"String":" "},"content":"▁"}""";

    const int MostSteps = 16;

    public static Normalizer Read(JsonField normalizer, JsonField preTokenizer)
    {
        int steps = 0;
        Normalizer result = AddStep(Normalizer.None, normalizer, ref steps);
        if (!preTokenizer.IsNull && preTokenizer["type"].TextOrNull() == "Metaspace")
            result = AddMetaspace(result, preTokenizer);
        return result;
    }

    static Normalizer AddStep(Normalizer sofar, JsonField step, ref int steps)
    {
        if (step.IsNull)
            return sofar;
        if (++steps > MostSteps)
            throw step.Wrong($"at most {MostSteps} steps are supported");
        switch (step["type"].Text())
        {
            case "Sequence":
                foreach (JsonField item in step["normalizers"].Items())
                    sofar = AddStep(sofar, item, ref steps);
                return sofar;
            case "NFC":
                return sofar with { Composes = true };
            case "Prepend":
                if (step["prepend"].Text() != Normalizer.SpaceMark)
                    throw step["prepend"].Wrong("only \"▁\" is supported");
                return sofar with { Prefix = SpacePrefix.Always };
            case "Replace":
                if (step["pattern"]["String"].Text() != " ")
                    throw step["pattern"].Wrong("only the replacement of \" \" by \"▁\" is supported");
                if (step["content"].Text() != Normalizer.SpaceMark)
                    throw step["content"].Wrong("only the replacement of \" \" by \"▁\" is supported");
                return sofar with { MarksSpaces = true };
            default:
                throw step["type"].Wrong("NFC, Prepend, Replace and Sequence are supported");
        }
    }

    static Normalizer AddMetaspace(Normalizer sofar, JsonField field)
    {
        if (field["replacement"].Text() != Normalizer.SpaceMark)
            throw field["replacement"].Wrong("only \"▁\" is supported");
        // Left out, it means true.
        if (field["split"].Flag(true))
            throw field["split"].Wrong("only false is supported");
        // Files from before prepend_scheme say add_prefix_space.
        SpacePrefix prefix = field["prepend_scheme"].TextOrNull() switch
        {
            null => field["add_prefix_space"].Flag(true) ? SpacePrefix.WhereMissing : SpacePrefix.Never,
            "always" => SpacePrefix.WhereMissing,
            "first" => SpacePrefix.AtBeginning,
            "never" => SpacePrefix.Never,
            _ => throw field["prepend_scheme"].Wrong("\"always\", \"first\" and \"never\" are supported"),
        };
        // A Prepend before it has set the space already.
        return sofar with { MarksSpaces = true, Prefix = sofar.Prefix == SpacePrefix.Always ? SpacePrefix.Always : prefix };
    }
}
