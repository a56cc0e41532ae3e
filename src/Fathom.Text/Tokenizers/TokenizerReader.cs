// Reads a folder's tokenizer: Hugging Face's tokenizer.json and what stands beside it. What is read must be understood: anything that
// would make the ids differ from those of the original tokenizer is refused with its place.

using System.Text.Json;
using System.Text.Unicode;
using Fathom.Text.Tokenizers.Splitting;

namespace Fathom.Text.Tokenizers;

static class TokenizerReader
{
    const long LargestFile = 256L << 20;
    const long LargestTemplate = 4L << 20;

    static readonly JsonDocumentOptions Options = new() { AllowDuplicateProperties = false };

    /// <summary>Spellings of the beginning token, for files that do not say which it is.</summary>
    static readonly string[] UsualBosTokens = [DeepSeekTokens.BeginOfSentence, "<|begin_of_text|>", "<s>"];

    public static Tokenizer Read(string fileOrFolder)
    {
        string file = Directory.Exists(fileOrFolder) ? Path.Combine(fileOrFolder, "tokenizer.json") : fileOrFolder;
        string folder = Path.GetDirectoryName(Path.GetFullPath(file))!, config = Path.Combine(folder, "tokenizer_config.json");
        return Parse(file, ReadBytes(file, LargestFile), config, File.Exists(config) ? ReadBytes(config, LargestFile) : null,
            TemplateFiles(folder).ToDictionary(t => t.Name, t => ReadText(t.Path)));
    }

    /// <summary>A tokenizer from the contents of its files.</summary>
    /// <param name="file">Path of tokenizer.json, for messages.</param>
    /// <param name="json">Its bytes.</param>
    /// <param name="configFile">Path of tokenizer_config.json, for messages.</param>
    /// <param name="config">Its bytes; null where there is none.</param>
    /// <param name="templates">Templates in files of their own, by name.</param>
    public static Tokenizer Parse(string file, byte[] json, string configFile, byte[]? config, IReadOnlyDictionary<string, string> templates)
    {
        using JsonDocument document = Parse(file, json);
        JsonField root = new(file, "", document.RootElement);
        List<AddedToken> added = ReadAdded(root);
        Normalizer normalizer = NormalizerReader.Read(root["normalizer"], root["pre_tokenizer"]);
        PreTokenizer preTokenizer = PreTokenizerReader.Read(root["pre_tokenizer"], normalizer.MarksSpaces);
        BpeModel model = BpeModelReader.Read(root["model"], added, normalizer.MarksSpaces);
        string? firstToken = FirstToken(root["post_processor"]);
        TokenizerExtras extras = new()
        {
            NormalizerJson = Raw(root["normalizer"]),
            PostProcessorJson = Raw(root["post_processor"]),
            DecoderJson = Raw(root["decoder"]),
            BosToken = added.FirstOrDefault(t => t.Content == firstToken)?.Content
                ?? UsualBosTokens.FirstOrDefault(name => added.Any(t => t.Content == name)),
            AddsBos = firstToken is not null,
        };
        Dictionary<string, string> named = [];
        if (config is not null)
            extras = WithConfig(extras, configFile, config, added, named);
        // Newer folders keep templates in files of their own; where both exist the file holds.
        foreach ((string name, string template) in templates)
            named[name] = template;
        return new Tokenizer(model, normalizer, preTokenizer, added, extras with { ChatTemplates = named });
    }

    static JsonDocument Parse(string file, byte[] json)
    {
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

    static byte[] ReadBytes(string file, long most)
    {
        if (new FileInfo(file).Length is long length && length > most)
            throw new TokenizerFormatException(file, "", $"{length} bytes; at most {most} are read");
        return File.ReadAllBytes(file);
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
            bool special = item["special"].Flag(false);
            AddedToken token = new(item["id"].Number(BpeModelReader.LargestId), item["content"].Text(), special, item["normalized"].Flag(!special),
                item["single_word"].Flag(false), item["lstrip"].Flag(false), item["rstrip"].Flag(false));
            if (token.Content.Length is 0 or > AddedToken.LongestContent)
                throw item["content"].Wrong($"an added token needs a spelling of 1 to {AddedToken.LongestContent} characters");
            if (!ids.Add(token.Id))
                throw item["id"].Wrong("each id may stand once");
            if (!contents.Add(token.Content))
                throw item["content"].Wrong("each spelling may stand once");
            added.Add(token);
        }
        return added;
    }

    /// <summary>The special token that a <c>TemplateProcessing</c> sets before a single text, or null.</summary>
    static string? FirstToken(JsonField processor)
    {
        if (processor.IsNull)
            return null;
        switch (processor["type"].Text())
        {
            case "Sequence":
                return processor["processors"].Items().Select(FirstToken).FirstOrDefault(t => t is not null);
            case "TemplateProcessing":
                JsonField first = processor["single"].Items().FirstOrDefault();
                return first.File is null || first["SpecialToken"].IsNull ? null : first["SpecialToken"]["id"].Text();
            default:
                return null;
        }
    }

    static TokenizerExtras WithConfig(TokenizerExtras extras, string file, byte[] json, List<AddedToken> added, Dictionary<string, string> templates)
    {
        using JsonDocument document = Parse(file, json);
        JsonField config = new(file, "", document.RootElement);
        ReadTemplates(config["chat_template"], templates);
        string? pad = TokenName(config["pad_token"]);
        return extras with
        {
            BosToken = ReadToken(config["bos_token"], added) ?? (config["bos_token"].Element.ValueKind == JsonValueKind.Null ? null : extras.BosToken),
            EosToken = ReadToken(config["eos_token"], added),
            PadToken = added.Any(t => t.Content == pad) ? pad : null,
            AddsBos = config["add_bos_token"].Flag(extras.AddsBos),
        };
    }

    /// <summary>One template, or a list of named ones (for tools, for retrieval).</summary>
    static void ReadTemplates(JsonField field, Dictionary<string, string> templates)
    {
        if (field.Element.ValueKind != JsonValueKind.Array)
        {
            if (field.TextOrNull() is { } template)
                templates[Tokenizer.DefaultTemplate] = template;
            return;
        }
        foreach (JsonField item in field.Items())
            if (!templates.TryAdd(item["name"].Text(), item["template"].Text()))
                throw item["name"].Wrong("each name may stand once");
    }

    static IEnumerable<(string Name, string Path)> TemplateFiles(string folder)
    {
        string single = Path.Combine(folder, "chat_template.jinja"), more = Path.Combine(folder, "additional_chat_templates");
        if (Directory.Exists(more))
            foreach (string path in Directory.GetFiles(more, "*.jinja").Order(StringComparer.Ordinal))
                yield return (Path.GetFileNameWithoutExtension(path), path);
        if (File.Exists(single))
            yield return (Tokenizer.DefaultTemplate, single);
    }

    static string ReadText(string file)
    {
        byte[] text = ReadBytes(file, LargestTemplate);
        return Utf8.IsValid(text) ? System.Text.Encoding.UTF8.GetString(text) : throw new TokenizerFormatException(file, "", "not valid UTF-8");
    }

    /// <summary>A special token is written as its spelling or as an object with <c>content</c>.</summary>
    static string? TokenName(JsonField field) => (field.Element.ValueKind == JsonValueKind.Object ? field["content"] : field).TextOrNull();

    static string? ReadToken(JsonField field, List<AddedToken> added) => TokenName(field) is not { } token ? null
        : added.Any(t => t.Content == token) ? token
        : throw field.Wrong("it has to be among the added_tokens of tokenizer.json");
}
