// A tokenizer from the metadata of a GGUF file.

using System.Text;
using Fathom.Text.Tokenizers.Splitting;

namespace Fathom.Text.Tokenizers;

/// <summary>Keys and codes of tokenizers in GGUF files (the GGUF specification, "Tokenizer", and llama.cpp's use of it).</summary>
static class GgufKeys
{
    public const string Model = "tokenizer.ggml.model";
    public const string Pre = "tokenizer.ggml.pre";
    public const string Tokens = "tokenizer.ggml.tokens";
    public const string TokenTypes = "tokenizer.ggml.token_type";
    public const string Scores = "tokenizer.ggml.scores";
    public const string Merges = "tokenizer.ggml.merges";
    public const string BosId = "tokenizer.ggml.bos_token_id";
    public const string EosId = "tokenizer.ggml.eos_token_id";
    public const string EndOfTurnId = "tokenizer.ggml.eot_token_id";
    public const string PadId = "tokenizer.ggml.padding_token_id";
    public const string UnknownId = "tokenizer.ggml.unknown_token_id";
    public const string AddsBos = "tokenizer.ggml.add_bos_token";
    public const string AddsEos = "tokenizer.ggml.add_eos_token";
    public const string SetsSpacePrefix = "tokenizer.ggml.add_space_prefix";
    public const string ChatTemplate = "tokenizer.chat_template";
    public const string ChatTemplateNames = "tokenizer.chat_templates";

    public const string ByteLevel = "gpt2", SentencePiece = "llama";

    /// <summary>The name that converters give an id without a token.</summary>
    public static string Padding(int id) => $"[PAD{id}]";
}

/// <summary>What a token of a GGUF file is (<c>token_type</c>).</summary>
enum GgufTokenType
{
    Normal = 1,
    Unknown = 2,
    Control = 3,
    UserDefined = 4,
    Unused = 5,
    Byte = 6,
}

static class GgufTokenizerReader
{
    // Llama's longest token has 16 characters; every way to cut one in two is looked at.
    const int LongestMerged = 128;

    public static Tokenizer Read(string file, IReadOnlyDictionary<string, object> metadata)
    {
        GgufMetadata values = new(file, metadata);
        string model = values.Text(GgufKeys.Model) ?? throw values.Missing(GgufKeys.Model);
        IReadOnlyList<string> spellings = values.Texts(GgufKeys.Tokens) ?? throw values.Missing(GgufKeys.Tokens);
        if (spellings.Count is 0 or > BpeModelReader.LargestId + 1)
            throw values.Wrong(GgufKeys.Tokens, $"{spellings.Count} tokens; 1 to {BpeModelReader.LargestId + 1} are allowed");
        GgufTokenType[] types = ReadTypes(values, spellings);
        return model switch
        {
            GgufKeys.ByteLevel => ReadByteLevel(values, spellings, types),
            GgufKeys.SentencePiece => ReadSentencePiece(values, spellings, types),
            _ => throw values.Wrong(GgufKeys.Model, $"found \"{model}\"; gpt2 (byte-level BPE) and llama (SentencePiece) are supported"),
        };
    }

    static GgufTokenType[] ReadTypes(GgufMetadata values, IReadOnlyList<string> spellings)
    {
        GgufTokenType[] types = new GgufTokenType[spellings.Count];
        Array.Fill(types, GgufTokenType.Normal);
        if (values.Integers(GgufKeys.TokenTypes) is { } codes)
        {
            if (codes.Count != types.Length)
                throw values.Wrong(GgufKeys.TokenTypes, $"{codes.Count} types for {types.Length} tokens");
            for (int id = 0; id < types.Length; id++)
                types[id] = codes[id] is >= 1 and <= 6 ? (GgufTokenType)codes[id]
                    : throw values.Wrong($"{GgufKeys.TokenTypes}[{id}]", $"found {codes[id]}; 1 to 6 are allowed");
        }
        // What is named as the begin or end of something is a control token even where the file does not say so.
        foreach (string key in new[] { GgufKeys.BosId, GgufKeys.EosId, GgufKeys.EndOfTurnId })
            if (values.Id(key, spellings.Count) is { } id && types[id] is GgufTokenType.Normal or GgufTokenType.UserDefined)
                types[id] = GgufTokenType.Control;
        for (int id = 0; id < types.Length; id++)
            if (types[id] == GgufTokenType.UserDefined && spellings[id] == GgufKeys.Padding(id))
                types[id] = GgufTokenType.Unused;
        return types;
    }

    static Tokenizer ReadByteLevel(GgufMetadata values, IReadOnlyList<string> spellings, GgufTokenType[] types)
    {
        string pre = values.Text(GgufKeys.Pre) ?? throw values.Wrong(GgufKeys.Pre,
            $"missing, so it is not known how the text is split. Known names: {PreTokenizerFamily.AllNames}");
        PreTokenizerFamily family = PreTokenizerFamily.Named(pre)
            ?? throw values.Wrong(GgufKeys.Pre, $"found \"{pre}\"; known names: {PreTokenizerFamily.AllNames}");

        byte[]?[] tokens = new byte[]?[spellings.Count];
        int[] idOfByte = new int[256];
        Array.Fill(idOfByte, -1);
        Dictionary<string, int> ids = [];
        List<AddedToken> added = [];
        for (int id = 0; id < tokens.Length; id++)
        {
            byte[]? bytes = types[id] is GgufTokenType.Normal or GgufTokenType.Byte ? ByteAlphabet.Read(spellings[id]) : null;
            if (types[id] == GgufTokenType.Unused || spellings[id].Length == 0)
                continue;
            if (bytes is null)
                added.Add(Added(values, spellings, id, types[id]));
            else if (!ids.TryAdd(spellings[id], id))
                throw values.Wrong($"{GgufKeys.Tokens}[{id}]", $"found {spellings[id]} again; each token may stand once");
            else if (bytes.Length == 1)
                idOfByte[bytes[0]] = id;
            tokens[id] = bytes ?? Encoding.UTF8.GetBytes(spellings[id]);
        }
        if (BpeModelReader.MissingByte(idOfByte) is { } missing)
            throw values.Wrong(GgufKeys.Tokens, $"the byte 0x{missing:X2} ({ByteAlphabet.Spell([missing])}) has no token; byte-level BPE needs one for every byte of UTF-8");
        RequireDistinct(values, added);

        IReadOnlyList<string> merges = values.Texts(GgufKeys.Merges) ?? throw values.Missing(GgufKeys.Merges);
        TokenPair[] pairs = new TokenPair[merges.Count];
        int[] results = new int[merges.Count];
        for (int i = 0; i < pairs.Length; i++)
        {
            string[] parts = merges[i].Split(' ');
            if (parts.Length != 2 || !ids.TryGetValue(parts[0], out int left) || !ids.TryGetValue(parts[1], out int right)
                || !ids.TryGetValue(parts[0] + parts[1], out results[i]))
                throw values.Wrong($"{GgufKeys.Merges}[{i}]", $"found \"{merges[i]}\"; two tokens of the vocabulary that join to a third are needed");
            pairs[i] = new TokenPair(left, right);
        }
        SymbolTable symbols = new(idOfByte, null, -1, false);
        BpeModel model = new(tokens, symbols, pairs, results, wholeIds: family.IgnoresMerges ? ids.Values.Order() : null);
        TokenizerExtras extras = ReadExtras(values, spellings, addsBos: family.IgnoresMerges) with
        {
            NormalizerJson = family.Composes ? """{"type":"NFC"}""" : "null",
        };
        return new Tokenizer(model, Normalizer.None with { Composes = family.Composes }, new PreTokenizer(family.Stages), added, extras);
    }

    static Tokenizer ReadSentencePiece(GgufMetadata values, IReadOnlyList<string> spellings, GgufTokenType[] types)
    {
        IReadOnlyList<float> scores = values.Floats(GgufKeys.Scores) ?? throw values.Missing(GgufKeys.Scores);
        if (scores.Count != spellings.Count)
            throw values.Wrong(GgufKeys.Scores, $"{scores.Count} scores for {spellings.Count} tokens");
        byte[]?[] tokens = new byte[]?[spellings.Count];
        int[] idOfByte = new int[256];
        Array.Fill(idOfByte, -1);
        Dictionary<string, int> normal = [];
        List<AddedToken> added = [];
        int unknown = values.Id(GgufKeys.UnknownId, spellings.Count) ?? Array.IndexOf(types, GgufTokenType.Unknown);
        for (int id = 0; id < tokens.Length; id++)
        {
            string spelling = spellings[id];
            if (float.IsNaN(scores[id]))
                throw values.Wrong($"{GgufKeys.Scores}[{id}]", "found NaN; a number is needed");
            if (types[id] == GgufTokenType.Unused || spelling.Length == 0 || types[id] == GgufTokenType.Unknown && spelling == GgufKeys.Padding(id))
                continue;
            tokens[id] = SentencePiece.Read(spelling, types[id] == GgufTokenType.Byte);
            if (types[id] == GgufTokenType.Byte)
            {
                if (!SentencePiece.IsByte(spelling) || idOfByte[tokens[id]![0]] >= 0)
                    throw values.Wrong($"{GgufKeys.Tokens}[{id}]", $"found {spelling}, a byte; <0x00> to <0xFF>, each once, are allowed");
                idOfByte[tokens[id]![0]] = id;
            }
            else if (types[id] != GgufTokenType.Normal)
            {
                added.Add(Added(values, spellings, id, types[id]));
                tokens[id] = Encoding.UTF8.GetBytes(spelling);
            }
            else if (!normal.TryAdd(spelling, id))
                throw values.Wrong($"{GgufKeys.Tokens}[{id}]", $"found {spelling} again; each token may stand once");
        }
        RequireDistinct(values, added);
        bool hasBytes = !idOfByte.Contains(-1);
        if (!hasBytes && unknown < 0)
            throw values.Wrong(GgufKeys.UnknownId, "missing; without a token for every byte, one for unknown characters is needed");

        (TokenPair[] pairs, int[] results, int[] ranks) = MergesOfScores(values, normal, scores);
        SymbolTable symbols = SentencePiece.Symbols(normal, hasBytes ? idOfByte : null, unknown, fusesUnknown: true);
        bool prefix = values.Flag(GgufKeys.SetsSpacePrefix) ?? true;
        Normalizer normalizer = new(false, true, prefix ? SpacePrefix.Always : SpacePrefix.Never);
        TokenizerExtras extras = ReadExtras(values, spellings, addsBos: true) with
        {
            NormalizerJson = prefix ? NormalizerReader.SentencePieceJson : NormalizerReader.UnprefixedSentencePieceJson,
            DecoderJson = SentencePiece.DecoderJson(prefix),
        };
        return new Tokenizer(new BpeModel(tokens, symbols, pairs, results, ranks), normalizer, new PreTokenizer([], "null"), added, extras);
    }

    /// <summary>
    /// SentencePiece keeps no list of merges: any two neighbours that join to a token are merged, the token with the highest score first.
    /// So every way to cut a token into two is a merge, and tokens of one score share a rank.
    /// </summary>
    static (TokenPair[] Pairs, int[] Results, int[] Ranks) MergesOfScores(GgufMetadata values, Dictionary<string, int> normal, IReadOnlyList<float> scores)
    {
        List<(float Score, TokenPair Pair, int Result)> merges = [];
        var byText = normal.GetAlternateLookup<ReadOnlySpan<char>>();
        foreach ((string token, int id) in normal)
        {
            if (token.Length > LongestMerged)
                throw values.Wrong($"{GgufKeys.Tokens}[{id}]", $"{token.Length} characters; at most {LongestMerged} are supported");
            for (int cut = 1; cut < token.Length; cut++)
                if (byText.TryGetValue(token.AsSpan(0, cut), out int left) && byText.TryGetValue(token.AsSpan(cut), out int right))
                    merges.Add((scores[id], new TokenPair(left, right), id));
        }
        merges.Sort((a, b) => (-a.Score, a.Pair.Left, a.Pair.Right).CompareTo((-b.Score, b.Pair.Left, b.Pair.Right)));
        int[] ranks = new int[merges.Count];
        for (int i = 1; i < ranks.Length; i++)
            ranks[i] = ranks[i - 1] + (merges[i].Score != merges[i - 1].Score ? 1 : 0);
        return ([.. merges.Select(m => m.Pair)], [.. merges.Select(m => m.Result)], ranks);
    }

    static AddedToken Added(GgufMetadata values, IReadOnlyList<string> spellings, int id, GgufTokenType type)
    {
        if (spellings[id].Length > AddedToken.LongestContent)
            throw values.Wrong($"{GgufKeys.Tokens}[{id}]", $"{spellings[id].Length} characters; at most {AddedToken.LongestContent} are supported");
        // Found in the text as it is, as llama.cpp does.
        return new AddedToken(id, spellings[id], Special: type is GgufTokenType.Control or GgufTokenType.Unknown);
    }

    static void RequireDistinct(GgufMetadata values, List<AddedToken> added)
    {
        HashSet<string> contents = [];
        foreach (AddedToken token in added)
            if (!contents.Add(token.Content))
                throw values.Wrong($"{GgufKeys.Tokens}[{token.Id}]", $"found {token.Content} again; each token may stand once");
    }

    static TokenizerExtras ReadExtras(GgufMetadata values, IReadOnlyList<string> spellings, bool addsBos)
    {
        Dictionary<string, string> templates = [];
        if (values.Text(GgufKeys.ChatTemplate) is { } template)
            templates[Tokenizer.DefaultTemplate] = template;
        foreach (string name in values.Texts(GgufKeys.ChatTemplateNames) ?? [])
            if (values.Text($"{GgufKeys.ChatTemplate}.{name}") is { } named)
                templates[name] = named;
        return new TokenizerExtras
        {
            BosToken = Name(GgufKeys.BosId),
            EosToken = Name(GgufKeys.EosId),
            EndOfTurnToken = Name(GgufKeys.EndOfTurnId),
            PadToken = Name(GgufKeys.PadId),
            AddsBos = values.Flag(GgufKeys.AddsBos) ?? addsBos,
            ChatTemplates = templates,
        };

        string? Name(string key) => values.Id(key, spellings.Count) is { } id ? spellings[id] : null;
    }
}
