// How tokens are guessed ahead.
using Fathom.Inference.Speculation;
using Fathom.Models.Layers;

namespace Fathom.Inference;

/// <summary>
/// Speculation: tokens are guessed, checked all at once by the model, and kept as far as they are the ones it draws. The result is the
/// same to the bit with and without; only the speed differs.
/// </summary>
public sealed record SpeculationOptions
{
    /// <summary>Most guesses per step.</summary>
    public const int MostTokens = 16;

    SpeculationOptions(int tokens, bool byPrediction, DecoderModel? draft)
    {
        if (tokens is < 1 or > MostTokens)
            throw new ArgumentOutOfRangeException(nameof(tokens), tokens, $"1 to {MostTokens} tokens may be guessed per step.");
        (Tokens, UsesPrediction, Draft) = (tokens, byPrediction, draft);
    }

    /// <summary>Guesses per step at most.</summary>
    public int Tokens { get; }

    /// <summary>Whether the model's multi-token-prediction module guesses.</summary>
    public bool UsesPrediction { get; }

    /// <summary>The model that guesses, or null.</summary>
    public DecoderModel? Draft { get; }

    /// <summary>Guesses by the model's multi-token-prediction module.</summary>
    /// <param name="tokens">Guesses per step; the module was trained for the first.</param>
    public static SpeculationOptions ByPrediction(int tokens = 1) => new(tokens, true, null);

    /// <summary>Guesses what followed the last tokens when they stood in prompt or answer before.</summary>
    /// <param name="tokens">Guesses per step at most.</param>
    public static SpeculationOptions ByLookup(int tokens = 4) => new(tokens, false, null);

    /// <summary>Guesses by another model with the same vocabulary.</summary>
    /// <param name="draft">The other model, used by one engine alone; it stays the caller's.</param>
    /// <param name="tokens">Guesses per step.</param>
    public static SpeculationOptions ByModel(DecoderModel draft, int tokens = 4) => new(tokens, false, draft);

    /// <summary>Throws when a model cannot be served so.</summary>
    /// <exception cref="ArgumentException">The model has no such module, or another vocabulary than the draft model.</exception>
    internal void CheckAgainst(DecoderModel model)
    {
        if (UsesPrediction && model.Mtp is null)
            throw new ArgumentException("The model has no multi-token-prediction module to guess with.");
        if (Draft is not null && Draft.Config.VocabularySize != model.Config.VocabularySize)
            throw new ArgumentException($"The draft model has a vocabulary of {Draft.Config.VocabularySize} ids, the model one of {model.Config.VocabularySize}; they must be the same.");
    }

    /// <summary>Makes the guesser.</summary>
    /// <param name="model">The model that is served.</param>
    /// <param name="cache">Its cache.</param>
    /// <param name="draftCache">The draft model's; not null when there is one.</param>
    internal IDrafter CreateDrafter(DecoderModel model, KvCache cache, KvCache? draftCache)
        => UsesPrediction ? new PredictionDrafter(model, cache, Tokens)
            : Draft is not null ? new ModelDrafter(Draft, draftCache!, Tokens)
            : new LookupDrafter(Tokens);
}
