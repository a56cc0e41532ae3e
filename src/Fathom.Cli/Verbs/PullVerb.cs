// `fathom pull`: a model from the Hugging Face hub into the local store.
using System.CommandLine;
using System.Diagnostics;
using Fathom.Models.Hub;

namespace Fathom.Cli.Verbs;

/// <summary>The verb <c>pull</c>.</summary>
static class PullVerb
{
    static readonly Argument<string> s_name = new("NAME[@REVISION]")
    {
        Description = $"A model of the hub, as in deepseek-ai/DeepSeek-V2-Lite, at a branch, tag or commit (default {ModelReference.DefaultRevision}).",
    };

    static readonly Option<string?> s_file = new("--file")
    {
        Description = "Which GGUF file, where a model has several: its name, a part of it as in Q4_K_M, or a pattern with * and ?. All parts of a split file are fetched.",
        HelpName = "PATTERN",
    };

    static readonly Option<bool> s_offline = new("--offline") { Description = $"Use the network in no case; fails when the store lacks the model. {HubOptions.OfflineVariable}=1 does the same." };

    public static Verb Create() => new Verb(
        "pull", $"Fetches a model from the Hugging Face hub into the local store, or what it still lacks there: only the files that are needed, in parallel, each checked. "
            + $"A pull that was broken off goes on where it was. {HubOptions.EndpointVariable} names another hub, {HubOptions.TokenVariable} an access token.",
        "pull deepseek-ai/DeepSeek-V2-Lite",
        "pull deepseek-ai/DeepSeek-R1-Distill-Qwen-1.5B@main --store /data/models",
        "pull unsloth/DeepSeek-R1-Distill-Qwen-1.5B-GGUF --file Q4_K_M")
    {
        s_name, s_file, s_offline, CommonOptions.Store, CommonOptions.Json,
    }.Does(Run);

    static int Run(ParseResult parsed)
    {
        ModelReference reference = ModelReference.Parse(parsed.GetValue(s_name)!);
        HubOptions options = HubOptions.FromEnvironment(Environment.GetEnvironmentVariable);
        options = options with { Offline = options.Offline || parsed.GetValue(s_offline) };
        var clock = Stopwatch.StartNew();
        PullResult result = Pull(new ModelPull(options, ModelLocator.Store), reference, parsed);
        if (parsed.GetValue(CommonOptions.Json))
            PrintJson(result, clock.Elapsed);
        else
            Print(result, clock.Elapsed);
        return Endings.Fine;
    }

    static PullResult Pull(ModelPull pull, ModelReference reference, ParseResult parsed)
    {
        using var cancel = new CancellationTokenSource();
        using var interruption = new Interruption(cancel.Cancel);
        try
        {
            return PullDisplay.Show($"{reference}", parsed.GetValue(CommonOptions.Json),
                report => pull.RunAsync(reference, parsed.GetValue(s_file), report, cancel.Token).GetAwaiter().GetResult());
        }
        catch (OperationCanceledException)
        {
            throw CommandException.Failure($"stopped. What was fetched of {reference} is kept; pull it again to go on.");
        }
    }

    static void Print(PullResult result, TimeSpan elapsed)
    {
        StoredModel model = result.Model;
        string fetched = result.Transferred == 0
            ? "was in the store already"
            : Terminal.Invariant($"{Terminal.Scaled(result.Transferred)}B fetched in {PullDisplay.Duration(elapsed)}");
        Console.Out.WriteLine(Terminal.Invariant($"{model.Name}@{result.Revision}: {model.Files.Count} files, {Terminal.Scaled(model.Bytes)}B, {fetched}."));
        Console.Out.WriteLine(model.Folder);
    }

    static void PrintJson(PullResult result, TimeSpan elapsed) => Terminal.PrintJson(new
    {
        result.Model.Name,
        result.Revision,
        result.Model.Commit,
        result.Model.Folder,
        result.Model.Format,
        result.Model.Bytes,
        result.Transferred,
        Seconds = elapsed.TotalSeconds,
        Files = result.Model.Files.Select(file => new { file.Path, file.Size, Checksum = $"{file.Checksum}" }),
    });
}
