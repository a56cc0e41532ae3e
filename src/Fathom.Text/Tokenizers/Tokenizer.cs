// The tokenizer: text to token ids and back. Reading and writing files is TokenizerFile's, training BpeTrainer's.

using System.Text;
using System.Text.Unicode;
using Fathom.Text.Tokenizers.Splitting;

namespace Fathom.Text.Tokenizers;

/// <summary>
/// A byte-level BPE tokenizer as Hugging Face's <c>tokenizer.json</c> describes it. Any text can be encoded, and decoding gives it back.
/// A user's text never turns into a special token: <see cref="Encode(string)"/> takes the spelling of one as ordinary characters;
/// only <see cref="EncodeWithSpecials"/>, for text written by us, recognises it. Immutable and safe for many threads.
/// </summary>
public sealed class Tokenizer
{
    readonly AddedTokenFinder anyAdded, plainAdded;
    readonly bool[] skipped;

    internal Tokenizer(BpeModel model, PreTokenizer preTokenizer, IReadOnlyList<AddedToken> added, TokenizerExtras extras)
    {
        Model = model;
        PreTokenizer = preTokenizer;
        Added = added;
        Extras = extras;
        anyAdded = new AddedTokenFinder(added);
        plainAdded = new AddedTokenFinder(added.Where(t => !t.IsMark));
        skipped = new bool[model.Tokens.Length];
        foreach (AddedToken token in added)
            skipped[token.Id] = token.Special;
        SpecialTokens = added.Where(t => t.IsMark).ToDictionary(t => t.Content, t => t.Id);
        BosId = Find(extras.BosToken);
        EosId = Find(extras.EosToken);

        int? Find(string? content) => content is null ? null : added.FirstOrDefault(t => t.Content == content)?.Id;
    }

    internal BpeModel Model { get; }
    internal PreTokenizer PreTokenizer { get; }
    internal IReadOnlyList<AddedToken> Added { get; }
    internal TokenizerExtras Extras { get; }

    /// <summary>One more than the largest id, special tokens included.</summary>
    public int VocabularySize => Model.Tokens.Length;

    /// <summary>Id of the beginning-of-sentence token (<c>bos_token</c> of tokenizer_config.json), or null.</summary>
    public int? BosId { get; }

    /// <summary>Id of the end-of-sentence token (<c>eos_token</c> of tokenizer_config.json), or null.</summary>
    public int? EosId { get; }

    /// <summary>The tokens that mark structure, by spelling: all added tokens but those that are plain letters.</summary>
    public IReadOnlyDictionary<string, int> SpecialTokens { get; }

    /// <summary>The chat template in Jinja (<c>chat_template</c> of tokenizer_config.json), or null.</summary>
    public string? ChatTemplate => Extras.ChatTemplate;

    /// <summary>Ids of a text by anyone: the spelling of a special token in it is ordinary text. A lone surrogate becomes U+FFFD.</summary>
    public int[] Encode(string text)
    {
        List<int> ids = [];
        Encode(text, ids);
        return [.. ids];
    }

    /// <summary>The same of UTF-8. Bytes that are not valid UTF-8 survive where the vocabulary has all 256 bytes, else they become U+FFFD.</summary>
    public int[] Encode(ReadOnlySpan<byte> utf8)
    {
        List<int> ids = [];
        Encode(utf8, plainAdded, ids);
        return [.. ids];
    }

    /// <summary>Appends the ids of a text by anyone.</summary>
    public void Encode(string text, List<int> into) => Encode(Encoding.UTF8.GetBytes(text), plainAdded, into);

    /// <summary>Ids of a text written by us: the spelling of any added token in it becomes its id.</summary>
    public int[] EncodeWithSpecials(string template)
    {
        List<int> ids = [];
        Encode(Encoding.UTF8.GetBytes(template), anyAdded, ids);
        return [.. ids];
    }

    /// <summary>The text of ids; bytes that are not UTF-8 become U+FFFD.</summary>
    /// <param name="ids">Token ids. One without a token (padding of the embedding) has no text.</param>
    /// <param name="skipSpecials">Leave out the tokens flagged <c>special</c>: begin, end and turn marks, but not <c>&lt;think&gt;</c>.</param>
    /// <exception cref="ArgumentOutOfRangeException">An id is negative.</exception>
    public string Decode(ReadOnlySpan<int> ids, bool skipSpecials = false) => Encoding.UTF8.GetString(DecodeBytes(ids, skipSpecials));

    /// <summary>The bytes of ids.</summary>
    /// <inheritdoc cref="Decode"/>
    public byte[] DecodeBytes(ReadOnlySpan<int> ids, bool skipSpecials = false)
    {
        int length = 0;
        foreach (int id in ids)
            length = checked(length + BytesOf(id, skipSpecials).Length);
        byte[] bytes = new byte[length];
        Span<byte> rest = bytes;
        foreach (int id in ids)
        {
            ReadOnlySpan<byte> token = BytesOf(id, skipSpecials);
            token.CopyTo(rest);
            rest = rest[token.Length..];
        }
        return bytes;
    }

    /// <summary>The bytes of one id; empty where it is skipped or has no token.</summary>
    internal ReadOnlySpan<byte> BytesOf(int id, bool skipSpecials)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(id);
        return id >= VocabularySize || skipSpecials && skipped[id] ? default : Model.Tokens[id];
    }

    /// <summary>Reads a tokenizer.</summary>
    /// <param name="fileOrFolder">A <c>tokenizer.json</c> or its folder; <c>tokenizer_config.json</c> beside it is read where present.</param>
    /// <exception cref="TokenizerFormatException">A file is malformed or describes what is not supported.</exception>
    /// <exception cref="IOException">A file is missing or unreadable.</exception>
    public static Tokenizer Load(string fileOrFolder) => TokenizerReader.Read(fileOrFolder);

    /// <summary>Writes <c>tokenizer.json</c> and <c>tokenizer_config.json</c>, each whole or not at all.</summary>
    /// <param name="folder">The folder, made if missing.</param>
    public void Save(string folder) => TokenizerWriter.Write(this, folder);

    void Encode(ReadOnlySpan<byte> text, AddedTokenFinder finder, List<int> into)
    {
        if (!Model.HasAllBytes && !Utf8.IsValid(text))
            text = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(text));
        ModelSink sink = new(Model, into);
        int at = 0;
        while (finder.Find(text, at, out int found, out int length, out int id))
        {
            PreTokenizer.Split(text[at..found], ref sink);
            into.Add(id);
            at = found + length;
        }
        PreTokenizer.Split(text[at..], ref sink);
    }

    readonly struct ModelSink(BpeModel model, List<int> into) : IPieceSink
    {
        public void Take(ReadOnlySpan<byte> piece) => model.Encode(piece, into);
    }
}

/// <summary>What a tokenizer's files hold besides the vocabulary and the pre-tokenizer; JSON values are kept as they were read.</summary>
sealed record TokenizerExtras
{
    public string? BosToken { get; init; }
    public string? EosToken { get; init; }
    public string? ChatTemplate { get; init; }
    public string NormalizerJson { get; init; } = "null";
    public string PostProcessorJson { get; init; } = "null";
    public string DecoderJson { get; init; } =
        """{"type":"ByteLevel","add_prefix_space":true,"trim_offsets":true,"use_regex":true}""";
}
