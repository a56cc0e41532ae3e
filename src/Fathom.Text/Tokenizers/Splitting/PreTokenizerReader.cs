// From the pre_tokenizer of a tokenizer.json to scanners, and Fathom's own pre-tokenizer.

using System.Text.Json;

namespace Fathom.Text.Tokenizers.Splitting;

static class PreTokenizerReader
{
    const int MostStages = 16;

    /// <summary>
    /// Fathom's own: digits one by one, so that place value can be learned; CJK and kana apart from other text; words and signs with
    /// the space before them; line ends in runs of their own.
    /// </summary>
    public static PreTokenizer Fathom { get; } = BuildFathom();

    /// <summary>Reads a <c>pre_tokenizer</c>.</summary>
    public static PreTokenizer Read(JsonField field)
    {
        List<Scanner> stages = [];
        bool byteLevel = false;
        AddStages(field, stages, ref byteLevel);
        if (!byteLevel)
            throw field.Wrong("a stage ByteLevel is needed: only byte-level BPE is supported");
        return new PreTokenizer([.. stages], field.Element.GetRawText());
    }

    static void AddStages(JsonField field, List<Scanner> stages, ref bool byteLevel)
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
                stages.Add(Patterns.Find(pattern.Text()) ?? throw pattern.Wrong(
                    "patterns are matched by hand-written scanners: those of GPT-2, Llama 3, Qwen2, DeepSeek LLM, Coder and V3 and Fathom are known"));
                break;
            case "Digits":
                stages.Add(field["individual_digits"].Flag(false) ? Patterns.Find(Patterns.Number)! : Patterns.MatchNumbers);
                break;
            case "ByteLevel":
                if (field["add_prefix_space"].Flag(true))
                    throw field["add_prefix_space"].Wrong("only false is supported");
                if (field["use_regex"].Flag(true))
                    stages.Add(Patterns.MatchGpt2);
                byteLevel = true;
                break;
            default:
                throw field["type"].Wrong("Sequence, Split, Digits and ByteLevel are supported");
        }
    }

    static PreTokenizer BuildFathom()
    {
        string[] patterns = [Patterns.Number, Patterns.CjkAndKana, Patterns.FathomWords];
        string splits = string.Concat(patterns.Select(p =>
            $$"""{"type":"Split","pattern":{"Regex":"{{JsonEncodedText.Encode(p)}}"},"behavior":"Isolated","invert":false},"""));
        return new PreTokenizer([.. patterns.Select(p => Patterns.Find(p)!)],
            $$"""{"type":"Sequence","pretokenizers":[{{splits}}{"type":"ByteLevel","add_prefix_space":false,"trim_offsets":true,"use_regex":false}]}""");
    }
}
