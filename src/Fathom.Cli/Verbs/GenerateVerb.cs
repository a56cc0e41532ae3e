// `fathom generate`: one prompt, one or several answers.
using System.CommandLine;
using System.Diagnostics;
using Fathom.Inference;
using Fathom.Text.Templates;
using Fathom.Text.Tokenizers;
using Spectre.Console;

namespace Fathom.Cli.Verbs;

/// <summary>The verb <c>generate</c>.</summary>
static class GenerateVerb
{
    static readonly Option<string> s_prompt = new("--prompt", "-p") { Description = "What the model is asked.", HelpName = "TEXT", Required = true };

    static readonly Option<int> s_samples = new Option<int>("--samples", "-n") { Description = "Answers to sample, all at once.", HelpName = "N", DefaultValueFactory = _ => 1 }.Within(1, 4096);

    static readonly Option<bool> s_raw = new("--raw") { Description = "Continue the text as it stands, without chat marks." };

    static readonly Option<bool> s_logprobs = new("--logprobs") { Description = "Show each token with the logarithm of its probability." };

    static readonly Option<long> s_seed = CommonOptions.Seed("of the sampling");

    public static Verb Create()
    {
        Verb verb = new(
            "generate", "Answers one prompt.",
            "generate runs/nano-r1 -p \"What is 27+58?\"",
            "generate runs/nano-r1 -p \"What is 27+58?\" -n 4 --temperature 1 --json",
            "generate runs/nano-r1 -p \"What is 27+58?\" --speculate mtp --json",
            "generate runs/nano-r1 --raw -p \"The quick\" --temperature 0 --max-tokens 32")
        {
            CommonOptions.Model, s_prompt, s_samples, s_raw, s_logprobs, s_seed, CommonOptions.Store, CommonOptions.Threads, CommonOptions.Json,
        };
        var sampling = new SamplingFlags(verb, topP: 0.95f, maxTokens: 256);
        var engine = new EngineFlags(verb);
        return verb.Does(parsed => Run(parsed, sampling, engine));
    }

    static int Run(ParseResult parsed, SamplingFlags flags, EngineFlags engineFlags)
    {
        using OpenModel model = OpenModel.Load(parsed.GetValue(CommonOptions.Model)!);
        bool raw = parsed.GetValue(s_raw), json = parsed.GetValue(CommonOptions.Json);
        string text = parsed.GetValue(s_prompt)!;
        (int[] prompt, bool reasons) = raw
            ? new ModelPrompt([.. model.Tokenizer.BosId is { } bos ? [bos] : Array.Empty<int>(), .. model.Tokenizer.Encode(text)], OpensReasoning: false)
            : model.Prompt([new ChatMessage(ChatRole.User, text)]);
        SamplingOptions options = flags.Read(parsed, model);
        int samples = parsed.GetValue(s_samples);
        ulong seed = (ulong)parsed.GetValue(s_seed);
        GenerationRequest[] requests = [.. Enumerable.Range(0, samples).Select(i => new GenerationRequest(prompt, options, SampleSeed.Of(seed, 0, i)))];

        using StartedEngine started = engineFlags.Start(parsed, model, samples);
        InferenceEngine engine = started.Engine;
        var clock = Stopwatch.StartNew();
        if (!json && samples == 1)
        {
            Completion completion = AnswerStream.Write(engine, requests[0], model, reasons, () => true);
            if (parsed.GetValue(s_logprobs))
                PrintTokens(completion, model.Tokenizer);
            return Endings.Fine;
        }
        TokenStream[] streams = [.. requests.Select(request => engine.Submit(request))];
        Completion[] completions = [.. streams.Select(stream => stream.Finished.GetAwaiter().GetResult())];
        if (json)
            PrintJson(text, prompt, completions, model, clock.Elapsed, engine.Statistics, parsed.GetValue(s_logprobs));
        else
            PrintAll(completions, model, reasons, parsed.GetValue(s_logprobs));
        return Endings.Fine;
    }

    static void PrintAll(Completion[] completions, OpenModel model, bool reasons, bool logprobs)
    {
        for (int i = 0; i < completions.Length; i++)
        {
            Console.Out.WriteLine($"[{i + 1} of {completions.Length}]");
            new AnswerWriter(Console.Out, Terminal.HasStyles, reasons, []).Finish(completions[i].Text(model.Tokenizer, model.StopIds));
            if (logprobs)
                PrintTokens(completions[i], model.Tokenizer);
        }
    }

    static void PrintTokens(Completion completion, Tokenizer tokenizer)
    {
        Table table = Terminal.Table(">id", "token", ">log-probability");
        for (int i = 0; i < completion.Tokens.Count; i++)
        {
            string token = tokenizer.Decode([completion.Tokens[i]]).Replace("\n", "\\n", StringComparison.Ordinal);
            table.Add(Terminal.Invariant($"{completion.Tokens[i]}"), token, Terminal.Invariant($"{completion.LogProbabilities[i]:0.0000}"));
        }
        Terminal.Write(table);
    }

    static void PrintJson(string text, int[] prompt, Completion[] completions, OpenModel model, TimeSpan elapsed, EngineStatistics statistics, bool logprobs) => Terminal.PrintJson(new
    {
        Prompt = text,
        PromptTokens = prompt.Length,
        Samples = completions.Select(completion => new
        {
            Text = completion.Text(model.Tokenizer, model.StopIds),
            FinishReason = completion.FinishReason == FinishReason.Stop ? "stop" : "length",
            CachedPromptTokens = completion.CachedPromptTokens,
            Tokens = completion.Tokens,
            LogProbabilities = logprobs ? completion.LogProbabilities : null,
        }),
        Seconds = elapsed.TotalSeconds,
        Statistics = new
        {
            statistics.PromptTokens,
            statistics.CachedPromptTokens,
            statistics.GeneratedTokens,
            statistics.Steps,
            statistics.DraftedTokens,
            statistics.AcceptedTokens,
            statistics.TokensPerSecond,
        },
    });
}
