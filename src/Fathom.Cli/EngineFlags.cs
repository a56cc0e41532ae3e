// The options that say how the engine runs, the same in every verb that answers.
using System.CommandLine;
using Fathom.Inference;
using Fathom.Models.Layers;
using Fathom.Numerics.Formats;
using Fathom.Text.Tokenizers;

namespace Fathom.Cli;

/// <summary>Engine options of one verb.</summary>
sealed class EngineFlags
{
    const string ByPrediction = "mtp", ByLookup = "lookup";

    readonly Option<string?> _speculate = new("--speculate")
    {
        Description = $"Guess tokens ahead, for speed; the answer is the same. '{ByPrediction}': by the model's multi-token-prediction module; '{ByLookup}': from prompt and answer so far; else a smaller MODEL with the same tokenizer.",
        HelpName = "HOW",
    };

    readonly Option<int?> _draftTokens = new Option<int?>("--draft-tokens")
    {
        Description = $"Tokens to guess at a time. Default: 1 with {ByPrediction}, else 4.",
        HelpName = "N",
    }.Within(1, SpeculationOptions.MostTokens);

    /// <summary>Adds the options to a verb.</summary>
    public EngineFlags(Command verb)
    {
        verb.Options.Add(_speculate);
        verb.Options.Add(_draftTokens);
        verb.Options.Add(CommonOptions.CacheType);
    }

    /// <summary>Starts an engine as told.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="model">The model.</param>
    /// <param name="sequences">Sequences that run at once.</param>
    /// <exception cref="CommandException">The model cannot speculate so.</exception>
    public StartedEngine Start(ParseResult parsed, OpenModel model, int sequences)
    {
        string? how = parsed.GetValue(_speculate);
        int? tokens = parsed.GetValue(_draftTokens);
        OpenModel? draft = how is null or ByPrediction or ByLookup ? null : OpenModel.Load(how);
        try
        {
            if (draft is not null)
                RequireSameTokens(model, draft);
            var options = new EngineOptions
            {
                // A limit: memory is taken as it is used.
                CacheBytes = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 2,
                CacheType = CommonOptions.CacheTypeOf(parsed),
                MaxConcurrent = sequences,
                Speculation = how switch
                {
                    null => null,
                    ByPrediction => SpeculationOptions.ByPrediction(tokens ?? 1),
                    ByLookup => SpeculationOptions.ByLookup(tokens ?? 4),
                    _ => SpeculationOptions.ByModel(draft!.Model, tokens ?? 4),
                },
            };
            return new StartedEngine(new InferenceEngine(model.Model, model.Tokenizer, options), draft);
        }
        catch (Exception e)
        {
            draft?.Dispose();
            if (e is ArgumentException)
                throw CommandException.Failure(e.Message);
            throw;
        }
    }

    // A guess is a token id: it must mean the same to both.
    static void RequireSameTokens(OpenModel model, OpenModel draft)
    {
        Tokenizer own = model.Tokenizer, other = draft.Tokenizer;
        int count = Math.Max(own.VocabularySize, other.VocabularySize);
        for (int id = 0; id < count; id++)
        {
            string? mine = id < own.VocabularySize ? own.Decode([id]) : null, its = id < other.VocabularySize ? other.Decode([id]) : null;
            if (mine != its)
                throw CommandException.Failure($"token {id} is '{mine}' to the model and '{its}' to the draft model '{draft.Location.Path}': guesses need the same tokenizer.");
        }
    }
}

/// <summary>A running engine and the draft model it may have.</summary>
sealed class StartedEngine(InferenceEngine engine, OpenModel? draft) : IDisposable
{
    /// <summary>The engine.</summary>
    public InferenceEngine Engine => engine;

    public void Dispose()
    {
        engine.Dispose();
        draft?.Dispose();
    }
}
