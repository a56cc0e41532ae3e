// Writes a tokenizer as the two files Hugging Face's libraries read.

using System.Text.Encodings.Web;
using System.Text.Json;

namespace Fathom.Text.Tokenizers;

static class TokenizerWriter
{
    // Readable characters stand as they are; the file is no web page.
    static readonly JsonWriterOptions Format = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static void Write(Tokenizer tokenizer, string folder)
    {
        Directory.CreateDirectory(folder);
        WriteWhole(Path.Combine(folder, "tokenizer.json"), json => WriteTokenizer(json, tokenizer));
        WriteWhole(Path.Combine(folder, "tokenizer_config.json"), json => WriteConfig(json, tokenizer));
    }

    static void WriteTokenizer(Utf8JsonWriter json, Tokenizer tokenizer)
    {
        json.WriteString("version", "1.0");
        json.WriteNull("truncation");
        json.WriteNull("padding");
        json.WriteStartArray("added_tokens");
        foreach (AddedToken token in tokenizer.Added.OrderBy(t => t.Id))
        {
            json.WriteStartObject();
            json.WriteNumber("id", token.Id);
            json.WriteString("content", token.Content);
            json.WriteBoolean("single_word", token.SingleWord);
            json.WriteBoolean("lstrip", token.TakesLeft);
            json.WriteBoolean("rstrip", token.TakesRight);
            json.WriteBoolean("normalized", token.Normalized);
            json.WriteBoolean("special", token.Special);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        WriteRaw(json, "normalizer", tokenizer.Extras.NormalizerJson);
        WriteRaw(json, "pre_tokenizer", tokenizer.PreTokenizer.Json);
        WriteRaw(json, "post_processor", tokenizer.Extras.PostProcessorJson);
        WriteRaw(json, "decoder", tokenizer.Extras.DecoderJson);
        WriteModel(json, tokenizer);
    }

    static void WriteModel(Utf8JsonWriter json, Tokenizer tokenizer)
    {
        BpeModel model = tokenizer.Model;
        bool sentencePiece = model.Symbols.IsOfCharacters;
        int unknown = model.Symbols.Unknown;
        // SentencePiece's files list every token in the vocabulary, those of byte-level BPE what is not added.
        HashSet<int> added = [.. tokenizer.Added.Select(t => t.Id)];
        json.WriteStartObject("model");
        json.WriteString("type", "BPE");
        json.WriteNull("dropout");
        json.WriteString("unk_token", unknown < 0 ? null : Spell(unknown));
        json.WriteNull("continuing_subword_prefix");
        json.WriteNull("end_of_word_suffix");
        json.WriteBoolean("fuse_unk", model.Symbols.FusesUnknown);
        json.WriteBoolean("byte_fallback", sentencePiece && model.Symbols.HasAllBytes);
        json.WriteBoolean("ignore_merges", model.IgnoreMerges);
        json.WriteStartObject("vocab");
        for (int id = 0; id < model.Tokens.Length; id++)
            if (model.Tokens[id] is not null && (sentencePiece || !added.Contains(id)))
                json.WriteNumber(Spell(id), id);
        json.WriteEndObject();
        json.WriteStartArray("merges");
        foreach (TokenPair pair in model.Merges)
        {
            json.WriteStartArray();
            json.WriteStringValue(Spell(pair.Left));
            json.WriteStringValue(Spell(pair.Right));
            json.WriteEndArray();
        }
        json.WriteEndArray();
        json.WriteEndObject();

        string Spell(int id) => added.Contains(id) ? System.Text.Encoding.UTF8.GetString(model.Tokens[id]!)
            : sentencePiece ? SentencePiece.Spell(model, id) : ByteAlphabet.Spell(model.Tokens[id]);
    }

    static void WriteConfig(Utf8JsonWriter json, Tokenizer tokenizer)
    {
        TokenizerExtras extras = tokenizer.Extras;
        json.WriteBoolean("add_bos_token", extras.AddsBos);
        json.WriteBoolean("add_eos_token", false);
        json.WriteString("bos_token", extras.BosToken);
        json.WriteString("eos_token", extras.EosToken);
        json.WriteString("pad_token", extras.PadToken ?? extras.EosToken);
        json.WriteNull("unk_token");
        json.WriteBoolean("clean_up_tokenization_spaces", false);
        json.WriteString("tokenizer_class", "PreTrainedTokenizerFast");
        if (extras.ChatTemplates.Count == 1 && tokenizer.ChatTemplate is { } template)
            json.WriteString("chat_template", template);
        else if (extras.ChatTemplates.Count > 0)
        {
            json.WriteStartArray("chat_template");
            foreach ((string name, string text) in extras.ChatTemplates.OrderBy(t => t.Key, StringComparer.Ordinal))
            {
                json.WriteStartObject();
                json.WriteString("name", name);
                json.WriteString("template", text);
                json.WriteEndObject();
            }
            json.WriteEndArray();
        }
    }

    static void WriteRaw(Utf8JsonWriter json, string name, string value)
    {
        json.WritePropertyName(name);
        using JsonDocument document = JsonDocument.Parse(value);
        document.RootElement.WriteTo(json);
    }

    /// <summary>Writes beside the file, flushes to the disk and renames, so that a reader sees the old file or the new one.</summary>
    static void WriteWhole(string file, Action<Utf8JsonWriter> content)
    {
        string temporary = $"{file}.{Guid.NewGuid():N}.tmp";
        try
        {
            using (FileStream stream = new(temporary, FileMode.CreateNew, FileAccess.Write))
            {
                using (Utf8JsonWriter json = new(stream, Format))
                {
                    json.WriteStartObject();
                    content(json);
                    json.WriteEndObject();
                }
                stream.WriteByte((byte)'\n');
                stream.Flush(flushToDisk: true);
            }
            File.Move(temporary, file, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }
}
