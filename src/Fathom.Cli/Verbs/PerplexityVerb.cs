// `fathom perplexity`: how well a model predicts a text file.
using System.CommandLine;
using Fathom.Evaluation.Benchmarks;

namespace Fathom.Cli.Verbs;

/// <summary>The verb <c>perplexity</c>.</summary>
static class PerplexityVerb
{
    const int DefaultWindow = 2048;

    static readonly Argument<string> s_file = new("FILE") { Description = "A text file; its bytes are taken as they are." };

    static readonly Option<int?> s_window = new Option<int?>("--window")
    {
        Description = $"Tokens of a window; each window is predicted by itself. Default: {DefaultWindow}, or the model's context where that is shorter.",
        HelpName = "N",
    }.AtLeast(2);

    public static Verb Create() => new Verb(
        "perplexity", "Measures how well a model predicts a text: perplexity per token, and bits per byte, which compares models of different tokenizers.",
        "perplexity runs/nano-r1 text.txt",
        "perplexity model.gguf text.txt --window 512 --json")
    {
        CommonOptions.Model, s_file, s_window, CommonOptions.Store, CommonOptions.Threads, CommonOptions.Json,
    }.Does(Run);

    static int Run(ParseResult parsed)
    {
        string file = parsed.GetValue(s_file)!;
        if (!File.Exists(file))
            throw CommandException.Usage($"there is no file '{file}'.");
        byte[] text = File.ReadAllBytes(file);
        using OpenModel model = OpenModel.Load(parsed.GetValue(CommonOptions.Model)!);
        int context = model.Model.Config.MaxPositionEmbeddings, window = parsed.GetValue(s_window) ?? Math.Min(DefaultWindow, context);
        if (window > context)
            throw CommandException.Usage($"--window is {window}; the model's context holds {context} tokens.");
        Perplexity perplexity;
        try
        {
            perplexity = WorkDisplay.Show("perplexity", "tokens", report => Perplexity.Measure(model.Model, model.Tokenizer, text, window, report));
        }
        catch (ArgumentException error)
        {
            throw CommandException.Failure($"'{file}': {error.Message}");
        }
        if (parsed.GetValue(CommonOptions.Json))
            Terminal.PrintJson(new { perplexity.Tokens, Perplexity = perplexity.Value, perplexity.BitsPerByte });
        else
            Console.Out.WriteLine(Terminal.Invariant($"Perplexity {perplexity.Value:0.0000} over {perplexity.Tokens:N0} tokens; {perplexity.BitsPerByte:0.0000} bits per byte."));
        return Endings.Fine;
    }
}
