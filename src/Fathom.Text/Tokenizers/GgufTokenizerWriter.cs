// A tokenizer as metadata of a GGUF file.

using System.Text;
using Fathom.Text.Tokenizers.Splitting;

namespace Fathom.Text.Tokenizers;

static class GgufTokenizerWriter
{
    public static Dictionary<string, object> Write(Tokenizer tokenizer, int rows)
    {
        if (rows < tokenizer.VocabularySize)
            throw new NotSupportedException($"the tokenizer has {tokenizer.VocabularySize} ids, the model only {rows} rows: they do not belong together.");
        BpeModel model = tokenizer.Model;
        bool sentencePiece = model.Symbols.IsOfCharacters;
        Dictionary<string, object> metadata = new()
        {
            [GgufKeys.Model] = sentencePiece ? GgufKeys.SentencePiece : GgufKeys.ByteLevel,
            [GgufKeys.Pre] = sentencePiece ? "default" : PreTokenizerFamily.Of(tokenizer.PreTokenizer.Stages, model.IgnoreMerges)?.Names[0]
                ?? throw new NotSupportedException("the tokenizer splits text in a way that has no name in GGUF files."),
        };
        AddTokens(metadata, tokenizer, rows, sentencePiece);
        if (sentencePiece)
        {
            metadata[GgufKeys.Scores] = ScoresOf(model, rows);
            metadata[GgufKeys.SetsSpacePrefix] = tokenizer.Normalizer.SetsPrefix;
            if (model.Symbols.Unknown >= 0)
                metadata[GgufKeys.UnknownId] = (uint)model.Symbols.Unknown;
        }
        else
            metadata[GgufKeys.Merges] = model.Merges
                .Select(m => $"{ByteAlphabet.Spell(model.Tokens[m.Left])} {ByteAlphabet.Spell(model.Tokens[m.Right])}").ToArray();
        AddId(GgufKeys.BosId, tokenizer.BosId);
        AddId(GgufKeys.EosId, tokenizer.EosId);
        AddId(GgufKeys.EndOfTurnId, tokenizer.EndOfTurnId);
        AddId(GgufKeys.PadId, tokenizer.Added.FirstOrDefault(t => t.Content == tokenizer.Extras.PadToken)?.Id);
        metadata[GgufKeys.AddsBos] = tokenizer.AddsBos;
        metadata[GgufKeys.AddsEos] = false;
        foreach ((string name, string template) in tokenizer.ChatTemplates)
            metadata[name == Tokenizer.DefaultTemplate ? GgufKeys.ChatTemplate : $"{GgufKeys.ChatTemplate}.{name}"] = template;
        string[] more = [.. tokenizer.ChatTemplates.Keys.Where(n => n != Tokenizer.DefaultTemplate).Order(StringComparer.Ordinal)];
        if (more.Length > 0)
            metadata[GgufKeys.ChatTemplateNames] = more;
        return metadata;

        void AddId(string key, int? id)
        {
            if (id is not null)
                metadata[key] = (uint)id;
        }
    }

    static void AddTokens(Dictionary<string, object> metadata, Tokenizer tokenizer, int rows, bool sentencePiece)
    {
        BpeModel model = tokenizer.Model;
        Dictionary<int, AddedToken> added = tokenizer.Added.ToDictionary(t => t.Id);
        string[] tokens = new string[rows];
        int[] types = new int[rows];
        for (int id = 0; id < rows; id++)
        {
            byte[]? bytes = id < model.Tokens.Length ? model.Tokens[id] : null;
            (tokens[id], GgufTokenType type) = bytes is null ? (GgufKeys.Padding(id), GgufTokenType.Unused)
                : added.TryGetValue(id, out AddedToken? token) ? (token.Content, TypeOf(token, model))
                : sentencePiece ? (SentencePiece.Spell(model, id), SentencePiece.IsByteId(model, id) ? GgufTokenType.Byte : GgufTokenType.Normal)
                : (ByteAlphabet.Spell(bytes), GgufTokenType.Normal);
            types[id] = (int)type;
        }
        metadata[GgufKeys.Tokens] = tokens;
        metadata[GgufKeys.TokenTypes] = types;
    }

    // llama.cpp finds user-defined tokens in any text, so what is a mark by its spelling (<｜User｜>) is written as control, as its own
    // converter does.
    static GgufTokenType TypeOf(AddedToken token, BpeModel model) => token.Id == model.Symbols.Unknown ? GgufTokenType.Unknown
        : token.Special || token.Content is ['<', '|' or '\uFF5C', .., '|' or '\uFF5C', '>'] ? GgufTokenType.Control
        : GgufTokenType.UserDefined;

    /// <summary>Scores that put tokens in the order in which the merges make them; what no merge makes is never compared.</summary>
    static float[] ScoresOf(BpeModel model, int rows)
    {
        float[] scores = new float[rows];
        HashSet<int> seen = [];
        for (int i = 0; i < model.MergedIds.Count; i++)
            if (seen.Add(model.MergedIds[i]))
                scores[model.MergedIds[i]] = -seen.Count;
        for (int id = 0; id < model.Tokens.Length; id++)
            if (model.Tokens[id] is not null && !seen.Contains(id) && !SentencePiece.IsByteId(model, id) && id != model.Symbols.Unknown)
                scores[id] = -(model.MergedIds.Count + 1 + id);
        return scores;
    }
}
