// The options that say who is asked, a model here or a server elsewhere, and how.
using System.CommandLine;
using Fathom.Evaluation.Runs;
using Fathom.Inference;
using Fathom.Models.Counts;
using Fathom.Training.Recipes;

namespace Fathom.Cli.Evaluations;

/// <summary>Who is asked.</summary>
/// <param name="Respondent">Answers; null where choices are scored by likelihood.</param>
/// <param name="Model">A local model.</param>
/// <param name="ModelHash">Hash of a local model.</param>
/// <param name="Endpoint">Address of a server.</param>
/// <param name="Prompting">How prompts are made, as manifests call it.</param>
/// <param name="Concurrency">Responses asked for at once.</param>
/// <param name="Owned">To be disposed at the end, in this order.</param>
sealed record Asked(IRespondent? Respondent, OpenModel? Model, string? ModelHash, string? Endpoint, string Prompting, int Concurrency, IDisposable[] Owned) : IDisposable
{
    public void Dispose()
    {
        foreach (IDisposable owned in Owned)
            owned.Dispose();
    }
}

/// <summary>The options and whom they start.</summary>
static class RespondentFlags
{
    // R1's limit (arXiv 2501.12948, section 3); a model's context may be shorter.
    const int DefaultMaxTokens = 32_768;
    const int SmallModelConcurrency = 256, LargeModelConcurrency = 16, EndpointConcurrency = 8;
    const long SmallModelParameters = 200_000_000;

    const string DefaultKeyVariable = "OPENAI_API_KEY";

    static readonly Option<Uri?> s_endpoint = new("--endpoint")
    {
        Description = "Ask a server that speaks OpenAI's chat completions; MODEL is then its name for the model.",
        HelpName = "URL",
        CustomParser = result => Uri.TryCreate(result.Tokens[0].Value, UriKind.Absolute, out Uri? uri) && uri.Scheme is "http" or "https" ? uri : Error(result),
    };

    static readonly Option<string> s_keyVariable = new("--api-key-env")
    {
        Description = "The environment variable with the server's key.",
        HelpName = "NAME",
        DefaultValueFactory = _ => DefaultKeyVariable,
    };

    static readonly Option<bool> s_raw = new("--raw") { Description = "Let the model continue the problem's text as it is, without its chat format: for base models." };

    static readonly Option<bool> s_likelihood = new("--likelihood") { Description = "Multiple choice without generating: the likeliest choice behind the question counts; accNorm is the likeliest per byte." };

    static readonly Option<float> s_temperature = new Option<float>("--temperature") { Description = "Sampling temperature; 0 always takes the likeliest token.", HelpName = "T", DefaultValueFactory = _ => 0.6f }.Within(0, 100);

    static readonly Option<float> s_topP = new Option<float>("--top-p") { Description = "Keep the fewest tokens whose probability reaches this; 1 keeps all.", HelpName = "P", DefaultValueFactory = _ => 0.95f }.Above(0, 1);

    static readonly Option<int?> s_maxTokens = new Option<int?>("--max-tokens") { Description = $"Longest response, in tokens. Default: the recipe's, or {DefaultMaxTokens:N0}; never more than the model's context holds.", HelpName = "N" }.AtLeast(1);

    static readonly Option<int?> s_concurrency = new Option<int?>("--concurrency")
    {
        Description = $"Responses asked for at once; they do not depend on it. Default: {SmallModelConcurrency} of a small model, {LargeModelConcurrency} of a large one, {EndpointConcurrency} of a server.",
        HelpName = "N",
    }.Within(1, 4096);

    /// <summary>Adds the options to a verb.</summary>
    public static void AddTo(Command verb)
    {
        foreach (Option option in new Option[] { s_endpoint, s_keyVariable, s_raw, s_likelihood, s_temperature, s_topP, s_maxTokens, s_concurrency })
            verb.Options.Add(option);
    }

    /// <summary>Whether a server is asked.</summary>
    public static bool IsEndpoint(ParseResult parsed) => parsed.GetValue(s_endpoint) is not null;

    /// <summary>Whether choices are scored by likelihood.</summary>
    public static bool IsLikelihood(ParseResult parsed) => parsed.GetValue(s_likelihood);

    /// <summary>Sampling temperature.</summary>
    public static float Temperature(ParseResult parsed) => parsed.GetValue(s_temperature);

    /// <summary>Nucleus.</summary>
    public static float TopP(ParseResult parsed) => parsed.GetValue(s_topP);

    /// <summary>Longest response.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="recipe">The recipe of the model's run, or null.</param>
    public static int MaxTokens(ParseResult parsed, Recipe? recipe) =>
        parsed.GetValue(s_maxTokens) ?? recipe?.Stages.OfType<EvaluateOptions>().LastOrDefault()?.MaxNewTokens ?? DefaultMaxTokens;

    /// <summary>Starts who is asked.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="name">The model.</param>
    /// <param name="maxTokens">Longest response.</param>
    /// <exception cref="CommandException">There is no such model, or it cannot be asked so.</exception>
    public static Asked Start(ParseResult parsed, string name, int maxTokens)
    {
        if (parsed.GetValue(s_endpoint) is { } endpoint)
        {
            if (parsed.GetValue(s_raw) || IsLikelihood(parsed))
                throw CommandException.Usage("--raw and --likelihood are for a model here; a server's chat completions have the server's chat format and no likelihoods of given texts.");
            string? key = Environment.GetEnvironmentVariable(parsed.GetValue(s_keyVariable)!);
            if (key is null && parsed.GetResult(s_keyVariable) is { Implicit: false })
                throw CommandException.Usage($"the environment variable {parsed.GetValue(s_keyVariable)} is not set.");
            var server = new EndpointRespondent(endpoint, key, name, Temperature(parsed), TopP(parsed), maxTokens);
            return new Asked(server, null, null, server.Address.ToString(), "endpoint", parsed.GetValue(s_concurrency) ?? EndpointConcurrency, [server]);
        }
        OpenModel model = OpenModel.Load(name);
        try
        {
            string hash = WorkDisplay.Show("hashing the model", "bytes", report => ModelDigest.Of(model.Location.Path, report));
            if (IsLikelihood(parsed))
                return new Asked(null, model, hash, null, "likelihood", 1, [model]);
            Prompting prompting = parsed.GetValue(s_raw) ? Prompting.Raw : Prompting.Chat;
            if (prompting == Prompting.Chat && model.Chat.Format is null)
                throw CommandException.Failure($"the model '{model.Location.Path}' has no chat template, and its tokenizer lacks the marks of DeepSeek's chat format; --raw lets it continue the problems' texts.");
            if (model.StopIds.Count == 0)
                throw CommandException.Failure($"neither the configuration nor the tokenizer of '{model.Location.Path}' names a token that ends an answer, so answers would never end.");
            int concurrency = parsed.GetValue(s_concurrency)
                ?? (new ModelCounts(model.Model.Config).Parameters < SmallModelParameters ? SmallModelConcurrency : LargeModelConcurrency);
            var engine = new InferenceEngine(model.Model, model.Tokenizer, new EngineOptions
            {
                // A limit: memory is taken as it is used.
                CacheBytes = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 2,
                MaxConcurrent = concurrency,
            });
            SamplingOptions sampling = model.Chat.Options with { Temperature = Temperature(parsed), TopP = TopP(parsed), MaxNewTokens = maxTokens };
            return new Asked(
                new EngineRespondent(model.Chat, engine, sampling, prompting), model, hash, null, prompting == Prompting.Raw ? "raw" : "chat", concurrency, [engine, model]);
        }
        catch
        {
            model.Dispose();
            throw;
        }
    }

    static Uri? Error(System.CommandLine.Parsing.ArgumentResult result)
    {
        result.AddError($"--endpoint is '{result.Tokens[0].Value}'; an address that begins with http:// or https:// is allowed");
        return null;
    }
}
