// Reads Hugging Face's tokenizer.json and tokenizer_config.json. What is read must be understood: anything that would make the ids
// differ from those of the original tokenizer is refused with its place.

using System.Text;
using System.Text.Json;
using System.Text.Unicode;
using Fathom.Text.Tokenizers.Splitting;

namespace Fathom.Text.Tokenizers;

static class TokenizerReader
{
    // Ids index arrays: a forged one must not ask for gigabytes. The largest published vocabulary has about 262,000.
    const int LargestId = (1 << 22) - 1;
    const long LargestFile = 256L << 20;

    static readonly JsonDocumentOptions Options = new() { AllowDuplicateProperties = false };

    public static Tokenizer Read(string fileOrFolder)
    {
        string file = Directory.Exists(fileOrFolder) ? Path.Combine(fileOrFolder, "tokenizer.json") : fileOrFolder;
        using JsonDocument document = Parse(file);
        JsonField root = new(file, "", document.RootElement);

        List<AddedToken> added = ReadAdded(root);
        BpeModel model = ReadModel(root["model"], added);
        PreTokenizer preTokenizer = PreTokenizerReader.Read(root["pre_tokenizer"]);
        RequireNoNormalizer(root["normalizer"]);
        TokenizerExtras extras = new()
        {
            NormalizerJson = Raw(root["normalizer"]),
            PostProcessorJson = Raw(root["post_processor"]),
            DecoderJson = Raw(root["decoder"]),
        };
        string config = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(file))!, "tokenizer_config.json");
        return new Tokenizer(model, preTokenizer, added, File.Exists(config) ? ReadConfig(config, added, extras) : extras);
    }

    static JsonDocument Parse(string file)
    {
        if (new FileInfo(file).Length is > LargestFile and long length)
            throw new TokenizerFormatException(file, "", $"{length} bytes; at most {LargestFile} are read");
        byte[] json = File.ReadAllBytes(file);
        if (!Utf8.IsValid(json))
            throw new TokenizerFormatException(file, "", "not valid UTF-8");
        try
        {
            return JsonDocument.Parse(json, Options);
        }
        catch (JsonException e)
        {
            throw new TokenizerFormatException(file, "", $"not valid JSON: {e.Message}");
        }
    }

    static string Raw(JsonField field) => field.IsNull ? "null" : field.Element.GetRawText();

    static List<AddedToken> ReadAdded(JsonField root)
    {
        List<AddedToken> added = [];
        if (root["added_tokens"].IsNull)
            return added;
        HashSet<int> ids = [];
        HashSet<string> contents = [];
        foreach (JsonField item in root["added_tokens"].Items())
        {
            foreach (string flag in new[] { "single_word", "lstrip", "rstrip" })
                if (item[flag].Flag(false))
                    throw item[flag].Wrong("only false is supported");
            AddedToken token = new(item["id"].Number(LargestId), item["content"].Text(),
                item["special"].Flag(false), item["normalized"].Flag(false));
            if (token.Content.Length == 0)
                throw item["content"].Wrong("an added token needs a spelling");
            if (!ids.Add(token.Id))
                throw item["id"].Wrong("each id may stand once");
            if (!contents.Add(token.Content))
                throw item["content"].Wrong("each spelling may stand once");
            added.Add(token);
        }
        return added;
    }

    static BpeModel ReadModel(JsonField model, List<AddedToken> added)
    {
        if (model["type"].TextOrNull() is not (null or "BPE"))
            throw model["type"].Wrong("only \"BPE\" is supported");
        if (model["byte_fallback"].Flag(false))
            throw model["byte_fallback"].Wrong("only byte-level BPE is supported, not SentencePiece's");
        foreach (string name in new[] { "continuing_subword_prefix", "end_of_word_suffix" })
            if (model[name].TextOrNull() is not (null or ""))
                throw model[name].Wrong("only null is supported");

        JsonField vocab = model["vocab"];
        vocab.Require(JsonValueKind.Object, "an object of tokens and ids");
        Dictionary<string, int> ids = [];
        foreach (JsonProperty entry in vocab.Element.EnumerateObject())
        {
            string name = NameOf(entry, vocab);
            JsonField id = new(vocab.File, $"{vocab.Path}[\"{name}\"]", entry.Value);
            if (!ids.TryAdd(name, id.Number(LargestId)))
                throw id.Wrong("each token may stand once");
        }

        int largest = Math.Max(ids.Values.DefaultIfEmpty(-1).Max(), added.Select(t => t.Id).DefaultIfEmpty(-1).Max());
        byte[]?[] tokens = new byte[]?[largest + 1];
        int[] idOfByte = new int[256];
        Array.Fill(idOfByte, -1);
        HashSet<string> spelledPlainly = [.. added.Select(t => t.Content)];
        foreach ((string spelling, int id) in ids)
        {
            if (tokens[id] is not null)
                throw new TokenizerFormatException(vocab.File, $"{vocab.Path}[\"{spelling}\"]", $"another token has the id {id} too; an id has one token");
            byte[]? bytes = ByteAlphabet.Read(spelling);
            if (bytes is null && !spelledPlainly.Contains(spelling))
                throw new TokenizerFormatException(vocab.File, $"{vocab.Path}[\"{spelling}\"]",
                    "not spelled in the alphabet of byte-level BPE, and not among the added_tokens");
            tokens[id] = bytes ?? Encoding.UTF8.GetBytes(spelling);
            if (bytes is [byte single])
                idOfByte[single] = id;
        }
        RequireBytesOfUtf8(idOfByte, vocab);
        foreach (AddedToken token in added)
        {
            // Some files list their added tokens in the vocabulary as well.
            bool same = ids.TryGetValue(token.Content, out int listed) && listed == token.Id;
            if (!same && tokens[token.Id] is not null)
                throw new TokenizerFormatException(vocab.File, "added_tokens",
                    $"{token.Content} has the id {token.Id} of another token; an id has one token");
            tokens[token.Id] = Encoding.UTF8.GetBytes(token.Content);
        }

        List<TokenPair> ranked = [];
        List<int> results = [];
        foreach (JsonField merge in model["merges"].Items())
        {
            (string left, string right) = ReadMerge(merge);
            ranked.Add(new TokenPair(IdOf(left), IdOf(right)));
            results.Add(IdOf(left + right));

            int IdOf(string token) => ids.TryGetValue(token, out int id) ? id : throw merge.Wrong($"{token} is not in the vocabulary");
        }
        return new BpeModel(tokens, idOfByte, ranked, results, model["ignore_merges"].Flag(false));
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
    static void RequireBytesOfUtf8(int[] idOfByte, JsonField vocab)
    {
        for (int b = 0; b < 0xF5; b++)
            if (idOfByte[b] < 0 && b is not (0xC0 or 0xC1))
                throw new TokenizerFormatException(vocab.File, vocab.Path,
                    $"the byte 0x{b:X2} ({ByteAlphabet.Spell([(byte)b])}) has no token; byte-level BPE needs one for every byte of UTF-8");
    }

    static void RequireNoNormalizer(JsonField normalizer)
    {
        if (normalizer.IsNull)
            return;
        if (normalizer["type"].Text() != "Sequence")
            throw normalizer["type"].Wrong("only an empty Sequence or null is supported");
        foreach (JsonField item in normalizer["normalizers"].Items())
            RequireNoNormalizer(item);
    }

    static TokenizerExtras ReadConfig(string file, List<AddedToken> added, TokenizerExtras extras)
    {
        using JsonDocument document = Parse(file);
        JsonField config = new(file, "", document.RootElement);
        // A list of named templates (for tools, for retrieval) has no single one; the plain one is called default.
        JsonField template = config["chat_template"];
        if (template.Element.ValueKind == JsonValueKind.Array)
            template = template.Items().FirstOrDefault(t => t["name"].TextOrNull() == "default", template)["template"];
        return extras with
        {
            BosToken = ReadToken(config["bos_token"], added),
            EosToken = ReadToken(config["eos_token"], added),
            ChatTemplate = template.TextOrNull(),
        };
    }

    /// <summary>A special token is written as its spelling or as an object with <c>content</c>.</summary>
    static string? ReadToken(JsonField field, List<AddedToken> added)
    {
        JsonField content = field.Element.ValueKind == JsonValueKind.Object ? field["content"] : field;
        if (content.TextOrNull() is not { } token)
            return null;
        return added.Any(t => t.Content == token) ? token : throw content.Wrong("it has to be among the added_tokens of tokenizer.json");
    }
}
