// `fathom tokenize`: the ids of a text.
using System.CommandLine;
using Fathom.Text.Tokenizers;
using Spectre.Console;

namespace Fathom.Cli.Verbs;

/// <summary>The verb <c>tokenize</c>.</summary>
static class TokenizeVerb
{
    static readonly Argument<string> s_tokenizer = new("MODEL|FILE") { Description = "A model, a run's folder, or a tokenizer.json or its folder." };

    static readonly Option<string?> s_text = new("--text") { Description = "The text.", HelpName = "TEXT" };

    static readonly Option<string?> s_file = new("--file") { Description = "A file with the text; its bytes are taken as they are.", HelpName = "FILE" };

    static readonly Option<bool> s_bos = new("--bos") { Description = "Begin with the token that begins every sequence." };

    public static Verb Create() => new Verb(
        "tokenize", "Shows how a tokenizer cuts a text. The spelling of a special token in the text is ordinary text.",
        "tokenize runs/nano-r1 --text \"What is 27+58?\"",
        "tokenize tokenizer.json --file README.md --json")
    {
        s_tokenizer, s_text, s_file, s_bos, CommonOptions.Store, CommonOptions.Json,
    }.Does(Run);

    static int Run(ParseResult parsed)
    {
        string name = parsed.GetValue(s_tokenizer)!;
        string? text = parsed.GetValue(s_text), file = parsed.GetValue(s_file);
        if (text is null == file is null)
            throw CommandException.Usage("give either --text or --file.");
        Tokenizer tokenizer = StoredTokenizer.Named(name);
        List<int> ids = [];
        if (parsed.GetValue(s_bos))
            ids.Add(tokenizer.BosId ?? throw CommandException.Failure($"the tokenizer of '{name}' names no token that begins a sequence."));
        ids.AddRange(text is not null ? tokenizer.Encode(text) : tokenizer.Encode(File.ReadAllBytes(file!)));

        if (parsed.GetValue(CommonOptions.Json))
        {
            Terminal.PrintJson(new { Ids = ids });
            return Endings.Fine;
        }
        Table table = Terminal.Table(">id", "token");
        foreach (int id in ids)
            table.Add(Terminal.Invariant($"{id}"), tokenizer.Decode([id]).Replace("\n", "\\n", StringComparison.Ordinal));
        Terminal.Write(table);
        Console.Out.WriteLine($"{ids.Count} tokens.");
        return Endings.Fine;
    }
}
