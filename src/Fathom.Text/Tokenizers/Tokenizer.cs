// The tokenizer: text to token ids and back. Reading and writing files is TokenizerReader's and TokenizerWriter's, metadata of GGUF
// files GgufTokenizer's, training BpeTrainer's.

using System.Runtime.InteropServices;
using System.Text;
using System.Text.Unicode;
using Fathom.Text.Tokenizers.Splitting;

namespace Fathom.Text.Tokenizers;

/// <summary>A stretch of a prompt.</summary>
/// <param name="Text">The text.</param>
/// <param name="IsTemplate">Whether it was written by us (a template), so that the spelling of a special token in it is that token.</param>
public readonly record struct PromptSegment(string Text, bool IsTemplate);

/// <summary>
/// A BPE tokenizer, byte-level or SentencePiece's, as Hugging Face's <c>tokenizer.json</c> or the metadata of a GGUF file describe it. Any
/// text can be encoded, and decoding gives it back (form C of it, where the tokenizer composes characters; SentencePiece's <c>▁</c> as a space).
/// A user's text never turns into a special token: <see cref="Encode(string)"/> takes the spelling of one as ordinary characters;
/// only template text (<see cref="EncodeWithSpecials"/>, <see cref="EncodePrompt"/>) has it recognised. Immutable and safe
/// for many threads.
/// </summary>
public sealed class Tokenizer
{
    readonly AddedTokenFinder marks, rawTokens, normalizedTokens;
    readonly bool[] skipped;

    internal Tokenizer(BpeModel model, Normalizer normalizer, PreTokenizer preTokenizer, IReadOnlyList<AddedToken> added, TokenizerExtras extras)
    {
        Model = model;
        Normalizer = normalizer;
        PreTokenizer = preTokenizer;
        Added = added;
        Extras = extras;
        marks = new AddedTokenFinder(added.Where(t => t.IsMark || !t.Normalized));
        rawTokens = new AddedTokenFinder(added.Where(t => !t.IsMark && !t.Normalized));
        normalizedTokens = new AddedTokenFinder(added.Where(t => !t.IsMark && t.Normalized),
            content => normalizer.Apply(Encoding.UTF8.GetBytes(content), first: true).ToArray());
        skipped = new bool[model.Tokens.Length];
        foreach (AddedToken token in added)
            skipped[token.Id] = token.Special;
        SpecialTokens = added.Where(t => t.IsMark).ToDictionary(t => t.Content, t => t.Id);
        BosId = Find(extras.BosToken);
        EosId = Find(extras.EosToken);
        EndOfTurnId = Find(extras.EndOfTurnToken);

        int? Find(string? content) => content is null ? null : added.FirstOrDefault(t => t.Content == content)?.Id;
    }

    internal BpeModel Model { get; }
    internal Normalizer Normalizer { get; }
    internal PreTokenizer PreTokenizer { get; }
    internal IReadOnlyList<AddedToken> Added { get; }
    internal TokenizerExtras Extras { get; }

    /// <summary>One more than the largest id, special tokens included.</summary>
    public int VocabularySize => Model.Tokens.Length;

    /// <summary>Id of the beginning-of-sentence token (<c>bos_token</c> of tokenizer_config.json), or null.</summary>
    public int? BosId { get; }

    /// <summary>Id of the end-of-sentence token (<c>eos_token</c> of tokenizer_config.json), or null.</summary>
    public int? EosId { get; }

    /// <summary>Id of the token that ends a turn where that is another (<c>tokenizer.ggml.eot_token_id</c>), or null.</summary>
    public int? EndOfTurnId { get; }

    /// <summary>Whether the model expects <see cref="BosId"/> before a text that no template wraps (<c>add_bos_token</c> or the post-processor).</summary>
    public bool AddsBos => Extras.AddsBos && BosId is not null;

    /// <summary>The tokens that mark structure, by spelling: all added tokens but those that are plain letters.</summary>
    public IReadOnlyDictionary<string, int> SpecialTokens { get; }

    /// <summary>The chat template in Jinja that is called <c>default</c>, or null.</summary>
    public string? ChatTemplate => Extras.ChatTemplates.GetValueOrDefault(DefaultTemplate);

    /// <summary>All chat templates by name (<c>chat_template</c> of tokenizer_config.json, <c>chat_template.jinja</c>, or the GGUF file).</summary>
    public IReadOnlyDictionary<string, string> ChatTemplates => Extras.ChatTemplates;

    internal const string DefaultTemplate = "default";

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
        Encode(utf8, first: true, ids);
        return [.. ids];
    }

    /// <summary>Appends the ids of a text by anyone.</summary>
    public void Encode(string text, List<int> into) => Encode(Encoding.UTF8.GetBytes(text), first: true, into);

    /// <summary>Ids of a text written by us: the spelling of any added token in it becomes its id.</summary>
    public int[] EncodeWithSpecials(string template) => EncodePrompt([new PromptSegment(template, IsTemplate: true)]);

    /// <summary>
    /// Ids of a prompt. Special tokens are looked for in template segments only, never in other text and never across a border; the text
    /// between two of them is encoded as a whole, so that the ids are those of the prompt in one piece.
    /// </summary>
    public int[] EncodePrompt(IEnumerable<PromptSegment> prompt)
    {
        List<int> ids = [];
        List<byte> pending = [];
        bool first = true;
        foreach (PromptSegment segment in prompt)
        {
            ReadOnlySpan<byte> text = Encoding.UTF8.GetBytes(segment.Text);
            int at = 0;
            while (segment.IsTemplate && marks.Find(text, at, out FoundToken found))
            {
                pending.AddRange(text[at..found.Start]);
                Flush();
                ids.Add(found.Id);
                first = false;
                at = found.End;
            }
            pending.AddRange(text[at..]);
        }
        Flush();
        return [.. ids];

        void Flush()
        {
            Encode(CollectionsMarshal.AsSpan(pending), first, ids);
            first &= pending.Count == 0;
            pending.Clear();
        }
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
        return Normalizer.SetsPrefix && bytes is [(byte)' ', ..] ? bytes[1..] : bytes;
    }

    /// <summary>Whether decoding drops a space at the beginning of a text: SentencePiece set it there, not the text.</summary>
    public bool DropsFirstSpace => Normalizer.SetsPrefix;

    /// <summary>The bytes that one id stands for within a text; empty where it has no token.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The id is negative.</exception>
    public ReadOnlySpan<byte> TokenBytes(int id) => BytesOf(id, skipSpecials: false);

    /// <summary>The bytes of one id; empty where it is skipped or has no token.</summary>
    internal ReadOnlySpan<byte> BytesOf(int id, bool skipSpecials)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(id);
        return id >= VocabularySize || skipSpecials && skipped[id] ? default : Model.Tokens[id];
    }

    /// <summary>Reads a tokenizer.</summary>
    /// <param name="fileOrFolder">
    /// A <c>tokenizer.json</c> or its folder; <c>tokenizer_config.json</c> and <c>chat_template.jinja</c> beside it are read where present.
    /// </param>
    /// <exception cref="TokenizerFormatException">A file is malformed or describes what is not supported.</exception>
    /// <exception cref="IOException">A file is missing or unreadable.</exception>
    public static Tokenizer Load(string fileOrFolder) => TokenizerReader.Read(fileOrFolder);

    /// <summary>Reads a tokenizer from the metadata of a GGUF file.</summary>
    /// <param name="file">Path of the file, for messages.</param>
    /// <param name="metadata">
    /// The file's metadata by key; those that begin with <c>tokenizer.</c> are read. Values are <see cref="string"/>, <see cref="bool"/>, any
    /// integer or floating-point type, and arrays of strings, integers or floats.
    /// </param>
    /// <exception cref="TokenizerFormatException">A value is missing, malformed or describes what is not supported.</exception>
    public static Tokenizer FromGguf(string file, IReadOnlyDictionary<string, object> metadata) => GgufTokenizerReader.Read(file, metadata);

    /// <summary>The tokenizer as metadata of a GGUF file, chat templates included.</summary>
    /// <param name="rows">Rows of the model's embedding: ids without a token are padded up to it.</param>
    /// <returns>Values by key: <see cref="string"/>, <see cref="bool"/>, <see cref="uint"/>, and arrays of <see cref="string"/>, <see cref="int"/> and <see cref="float"/>.</returns>
    /// <exception cref="NotSupportedException">The pre-tokenizer has no name in GGUF files, or there are fewer rows than tokens.</exception>
    public IReadOnlyDictionary<string, object> ToGguf(int rows) => GgufTokenizerWriter.Write(this, rows);

    /// <summary>Writes <c>tokenizer.json</c> and <c>tokenizer_config.json</c>, each whole or not at all.</summary>
    /// <param name="folder">The folder, made if missing.</param>
    public void Save(string folder) => TokenizerWriter.Write(this, folder);

    void Encode(ReadOnlySpan<byte> text, bool first, List<int> into)
    {
        if (!Model.Symbols.HasAllBytes && !Utf8.IsValid(text))
            text = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(text));
        int at = 0;
        while (rawTokens.Find(text, at, out FoundToken found))
        {
            EncodeRun(text[at..found.Start], first && at == 0, into);
            into.Add(found.Id);
            at = found.End;
        }
        EncodeRun(text[at..], first && at == 0, into);
    }

    void EncodeRun(ReadOnlySpan<byte> run, bool first, List<int> into)
    {
        if (run.IsEmpty)
            return;
        run = Normalizer.Apply(run, first);
        ModelSink sink = new(Model, into);
        int at = 0;
        while (normalizedTokens.Find(run, at, out FoundToken found))
        {
            PreTokenizer.Split(run[at..found.Start], ref sink);
            into.Add(found.Id);
            at = found.End;
        }
        PreTokenizer.Split(run[at..], ref sink);
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
    public string? EndOfTurnToken { get; init; }
    public string? PadToken { get; init; }
    public bool AddsBos { get; init; }
    public IReadOnlyDictionary<string, string> ChatTemplates { get; init; } = new Dictionary<string, string>();
    public string NormalizerJson { get; init; } = "null";
    public string PostProcessorJson { get; init; } = "null";
    public string DecoderJson { get; init; } =
        """{"type":"ByteLevel","add_prefix_space":true,"trim_offsets":true,"use_regex":true}""";
}
