// From the pre_tokenizer of a tokenizer.json to known patterns.

namespace Fathom.Text.Tokenizers.Splitting;

static class PreTokenizerReader
{
    const int MostStages = 16;

    /// <summary>Reads a <c>pre_tokenizer</c>.</summary>
    /// <param name="field">The field.</param>
    /// <param name="sentencePiece">Whether the model is SentencePiece's, which merges over the whole text.</param>
    public static PreTokenizer Read(JsonField field, bool sentencePiece)
    {
        if (sentencePiece)
            return field.IsNull || field["type"].Text() == "Metaspace"
                ? new PreTokenizer([], field.IsNull ? "null" : field.Element.GetRawText())
                : throw field["type"].Wrong("with SentencePiece's spaces only Metaspace or null is supported");
        List<string> stages = [];
        bool byteLevel = false;
        AddStages(field, stages, ref byteLevel);
        if (!byteLevel)
            throw field.Wrong("a stage ByteLevel is needed: only byte-level BPE is supported");
        return new PreTokenizer(stages, field.Element.GetRawText());
    }

    static void AddStages(JsonField field, List<string> stages, ref bool byteLevel)
    {
        if (byteLevel)
            throw field.Wrong("ByteLevel has to be the last stage");
        if (stages.Count == MostStages)
            throw field.Wrong($"at most {MostStages} stages are supported");
        switch (field["type"].Text())
        {
            case "Sequence":
                foreach (JsonField stage in field["pretokenizers"].Items())
                    AddStages(stage, stages, ref byteLevel);
                break;
            case "Split":
                if (field["behavior"].Text() != "Isolated")
                    throw field["behavior"].Wrong("only \"Isolated\" is supported");
                if (field["invert"].Flag(false))
                    throw field["invert"].Wrong("only false is supported");
                JsonField pattern = field["pattern"]["Regex"];
                stages.Add(Patterns.Canonical(pattern.Text()) ?? throw pattern.Wrong(
                    "patterns are matched by hand-written scanners: those of GPT-2, Llama 3, Qwen2, DeepSeek LLM, Coder and V3 and Fathom are known"));
                break;
            case "Digits":
                stages.Add(field["individual_digits"].Flag(false) ? Patterns.Number : Patterns.Numbers);
                break;
            case "ByteLevel":
                if (field["add_prefix_space"].Flag(true))
                    throw field["add_prefix_space"].Wrong("only false is supported");
                if (field["use_regex"].Flag(true))
                    stages.Add(Patterns.Gpt2);
                byteLevel = true;
                break;
            default:
                throw field["type"].Wrong("Sequence, Split, Digits and ByteLevel are supported");
        }
    }
}
