// Reads the model of a tokenizer.json: byte-level BPE, and SentencePiece's BPE of characters.

using System.Text;
using System.Text.Json;

namespace Fathom.Text.Tokenizers;

static class BpeModelReader
{
    // Ids index arrays: a forged one must not ask for gigabytes. The largest published vocabulary has about 262,000.
    public const int LargestId = (1 << 22) - 1;

    public static BpeModel Read(JsonField model, IReadOnlyList<AddedToken> added, bool sentencePiece)
    {
        if (model["type"].TextOrNull() is not (null or "BPE"))
            throw model["type"].Wrong("only \"BPE\" is supported");
        bool byteFallback = model["byte_fallback"].Flag(false);
        if (byteFallback && !sentencePiece)
            throw model["byte_fallback"].Wrong("true needs a normalizer or pre-tokenizer that writes spaces as ▁, as SentencePiece does");
        foreach (string name in new[] { "continuing_subword_prefix", "end_of_word_suffix" })
            if (model[name].TextOrNull() is not (null or ""))
                throw model[name].Wrong("only null is supported");

        JsonField vocab = model["vocab"];
        Dictionary<string, int> ids = ReadVocab(vocab);
        byte[]?[] tokens = new byte[]?[Math.Max(ids.Values.DefaultIfEmpty(-1).Max(), added.Select(t => t.Id).DefaultIfEmpty(-1).Max()) + 1];
        HashSet<string> spelledPlainly = [.. added.Select(t => t.Content)];
        int[] idOfByte = new int[256];
        Array.Fill(idOfByte, -1);
        foreach ((string spelling, int id) in ids)
        {
            if (tokens[id] is not null)
                throw new TokenizerFormatException(vocab.File, $"{vocab.Path}[\"{spelling}\"]", $"another token has the id {id} too; an id has one token");
            byte[]? bytes = sentencePiece ? SentencePiece.Read(spelling, byteFallback) : ByteAlphabet.Read(spelling);
            if (bytes is null && !spelledPlainly.Contains(spelling))
                throw new TokenizerFormatException(vocab.File, $"{vocab.Path}[\"{spelling}\"]",
                    "not spelled in the alphabet of byte-level BPE, and not among the added_tokens");
            tokens[id] = bytes ?? Encoding.UTF8.GetBytes(spelling);
            if (bytes is [byte single] && (!sentencePiece || SentencePiece.IsByte(spelling)))
                idOfByte[single] = id;
        }
        SymbolTable symbols = sentencePiece
            ? SentencePieceSymbols(model, ids, byteFallback ? idOfByte : null)
            : ByteSymbols(idOfByte, vocab);
        foreach (AddedToken token in added)
        {
            // Some files list their added tokens in the vocabulary as well.
            bool same = ids.TryGetValue(token.Content, out int listed) && listed == token.Id;
            if (!same && tokens[token.Id] is not null)
                throw new TokenizerFormatException(vocab.File, "added_tokens",
                    $"{token.Content} has the id {token.Id} of another token; an id has one token");
            tokens[token.Id] = Encoding.UTF8.GetBytes(token.Content);
        }

        // What a text merges to must never be a mark.
        HashSet<int> marks = [.. added.Where(t => t.IsMark).Select(t => t.Id)];
        List<TokenPair> ranked = [];
        List<int> results = [];
        foreach (JsonField merge in model["merges"].Items())
        {
            (string left, string right) = ReadMerge(merge);
            int result = IdOf(left + right);
            if (marks.Contains(result))
                continue;
            ranked.Add(new TokenPair(IdOf(left), IdOf(right)));
            results.Add(result);

            int IdOf(string token) => ids.TryGetValue(token, out int id) ? id : throw merge.Wrong($"{token} is not in the vocabulary");
        }
        IEnumerable<int>? wholeIds = model["ignore_merges"].Flag(false) ? ids.Values.Where(id => !marks.Contains(id)).Order() : null;
        return new BpeModel(tokens, symbols, ranked, results, wholeIds: wholeIds);
    }

    static Dictionary<string, int> ReadVocab(JsonField vocab)
    {
        vocab.Require(JsonValueKind.Object, "an object of tokens and ids");
        Dictionary<string, int> ids = [];
        foreach (JsonProperty entry in vocab.Element.EnumerateObject())
        {
            string name = NameOf(entry, vocab);
            JsonField id = new(vocab.File, $"{vocab.Path}[\"{name}\"]", entry.Value);
            if (!ids.TryAdd(name, id.Number(LargestId)))
                throw id.Wrong("each token may stand once");
        }
        return ids;
    }

    static string NameOf(JsonProperty entry, JsonField vocab)
    {
        try
        {
            return entry.Name;
        }
        catch (InvalidOperationException)
        {
            throw vocab.Wrong("tokens of valid Unicode are needed");
        }
    }

    /// <summary>A merge is written <c>"a b"</c> or, in newer files, <c>["a", "b"]</c>.</summary>
    static (string Left, string Right) ReadMerge(JsonField merge)
    {
        if (merge.Element.ValueKind == JsonValueKind.Array)
        {
            JsonField[] parts = [.. merge.Items()];
            if (parts.Length == 2)
                return (parts[0].Text(), parts[1].Text());
        }
        else if (merge.Element.ValueKind == JsonValueKind.String)
        {
            string[] parts = merge.Text().Split(' ');
            if (parts.Length == 2)
                return (parts[0], parts[1]);
        }
        throw merge.Wrong("two tokens are needed, as \"a b\" or [\"a\", \"b\"]");
    }

    /// <summary>Bytes that occur in no UTF-8 text may be missing (DeepSeek-LLM's file leaves them out); any other would lose text.</summary>
    static SymbolTable ByteSymbols(int[] idOfByte, JsonField vocab) => MissingByte(idOfByte) is { } b
        ? throw new TokenizerFormatException(vocab.File, vocab.Path,
            $"the byte 0x{b:X2} ({ByteAlphabet.Spell([b])}) has no token; byte-level BPE needs one for every byte of UTF-8")
        : new SymbolTable(idOfByte, null, -1, false);

    /// <summary>The first byte of UTF-8 texts that has no token, or null.</summary>
    public static byte? MissingByte(int[] idOfByte)
    {
        for (int b = 0; b < 0xF5; b++)
            if (idOfByte[b] < 0 && b is not (0xC0 or 0xC1))
                return (byte)b;
        return null;
    }

    static SymbolTable SentencePieceSymbols(JsonField model, Dictionary<string, int> ids, int[]? idOfByte)
    {
        int unknown = -1;
        if (model["unk_token"].TextOrNull() is { } name && !ids.TryGetValue(name, out unknown))
            throw model["unk_token"].Wrong("a token of the vocabulary is needed");
        if (idOfByte is not null && idOfByte.Contains(-1))
            throw model["byte_fallback"].Wrong($"the token <0x{Array.IndexOf(idOfByte, -1):X2}> is missing; all 256 are needed");
        if (idOfByte is null && unknown < 0)
            throw model["unk_token"].Wrong("without byte_fallback a token for unknown characters is needed");
        return SentencePiece.Symbols(ids, idOfByte, unknown, model["fuse_unk"].Flag(false));
    }
}
