// `fathom verify`: a model against recorded results of reference code.
using System.CommandLine;
using Fathom.Models.Layers;
using Fathom.Models.Verification;
using Spectre.Console;

namespace Fathom.Cli.Verbs;

/// <summary>The verb <c>verify</c>.</summary>
static class VerifyVerb
{
    static readonly Argument<string> s_vectors = new("VECTORS") { Description = "A safetensors file with inputs and the results that the reference gives for them." };

    public static Verb Create() => new Verb(
        "verify", "Compares logits, hidden states, routing, cached decoding and, where recorded beside the file, every gradient with reference results. Exit code 1 when one differs.",
        "verify vectors/deepseek_v3 vectors/deepseek_v3/vectors.safetensors",
        "verify stories260k stories260k/expected.safetensors --json")
    {
        CommonOptions.Model, s_vectors, CommonOptions.Store, CommonOptions.Threads, CommonOptions.Json,
    }.Does(Run);

    static int Run(ParseResult parsed)
    {
        ModelLocation location = ModelLocator.Find(parsed.GetValue(CommonOptions.Model)!);
        string vectors = parsed.GetValue(s_vectors)!;
        if (!File.Exists(vectors))
            throw CommandException.Usage($"there is no file '{vectors}'.");
        var checks = new List<Check>();
        using (DecoderModel model = DecoderModel.Open(location.Path, exact: true))
            checks.AddRange(ModelVerifier.Run(model, vectors));
        // Gradients need the weights in memory, as FP32.
        if (ModelVerifier.HasTraining(vectors))
        {
            using DecoderModel model = DecoderModel.Load(location.Path);
            checks.AddRange(ModelVerifier.RunTraining(model, vectors));
        }
        bool passed = checks.All(check => check.Passed);
        if (parsed.GetValue(CommonOptions.Json))
            Terminal.PrintJson(new { Passed = passed, Checks = checks });
        else
            PrintTable(checks);
        return passed ? Endings.Fine : Endings.Failed;
    }

    static void PrintTable(List<Check> checks)
    {
        Table table = Terminal.Table("check", ">max abs", ">max rel", ">tolerance", "");
        foreach (Check check in checks)
        {
            table.Add(
                check.Name, Terminal.Invariant($"{check.MaxAbs:0.0e+00}"), Terminal.Invariant($"{check.MaxRel:0.0e+00}"), Terminal.Invariant($"{check.Tolerance:0.0e+00}"),
                check.Passed ? "ok" : "DIFFERS");
        }
        Terminal.Write(table);
        int failed = checks.Count(check => !check.Passed);
        Console.Out.WriteLine(failed == 0 ? $"All {checks.Count} checks passed." : $"{failed} of {checks.Count} checks differ.");
    }
}
