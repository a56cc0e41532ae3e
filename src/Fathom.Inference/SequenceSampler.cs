// One sequence's draws: options, seed and what was accepted so far.
using Fathom.Inference.Constraints;
using Fathom.Numerics.Random;

namespace Fathom.Inference;

/// <summary>
/// Draws the tokens of one sequence. A draw is a function of the logits, the options, the seed and the accepted tokens alone: it can be
/// repeated, and it does not depend on what else runs. Different sequences may draw on different threads at the same time.
/// </summary>
/// <remarks>
/// The order: penalties (repetition, presence, frequency) and biases change the logits; the constraint takes tokens out; the temperature
/// divides; min-p, then top-k, then top-p cut; what is left is drawn from. A reasoning budget goes before all of it.
/// </remarks>
public sealed class SequenceSampler
{
    // The stream of draws under a sequence's seed.
    const ulong DrawStream = 0x5A3F;

    [ThreadStatic]
    static Sampler? t_sampler;

    readonly SamplingOptions _options;
    readonly CounterRandom _random;
    readonly TokenPenalties? _penalties;
    readonly Reasoning? _reasoning;
    readonly ConstraintState? _constraint;
    // The position at which the last draw came instead of the end of the reasoning, or -1.
    int _insteadAt = -1;

    /// <summary>Prepares a sequence's draws.</summary>
    /// <param name="options">How to draw.</param>
    /// <param name="seed">The only randomness.</param>
    /// <param name="prompt">The prompt's token ids: repetition is counted from there, and it says whether the completion begins inside its reasoning.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range; it is named.</exception>
    public SequenceSampler(SamplingOptions options, ulong seed, ReadOnlySpan<int> prompt)
    {
        options.Validate();
        (_options, _random) = (options, new CounterRandom(seed, DrawStream));
        _penalties = TokenPenalties.Of(options, prompt);
        _reasoning = options.Reasoning is { } reasoning ? new Reasoning(reasoning, prompt) : null;
        _constraint = options.Constraint?.Start();
    }

    /// <summary>Tokens accepted so far: the position of the next draw.</summary>
    public int Position { get; private set; }

    /// <summary>Whether the next token belongs to the reasoning, or ends it; false without <see cref="SamplingOptions.Reasoning"/>.</summary>
    public bool IsReasoning => _reasoning is { IsOpen: true };

    /// <summary>Tokens of the reasoning so far, without its marks.</summary>
    public int ReasoningTokenCount => _reasoning?.TokenCount ?? 0;

    /// <summary>Draws the token at <see cref="Position"/>; may be repeated.</summary>
    /// <param name="logits">Scores [V]; left unchanged.</param>
    /// <param name="logProbability">
    /// Receives the token's log-probability under softmax(logits / temperature), of the logits after penalties, biases and constraint and before the
    /// cuts; temperature 1 for greedy. That is what a policy gradient needs; <see cref="Explain"/> gives what a model thought by itself.
    /// </param>
    /// <exception cref="InvalidDataException">A logit is no number, or infinite.</exception>
    /// <exception cref="ConstraintException">The vocabulary cannot spell what the constraint asks for.</exception>
    public int Draw(ReadOnlySpan<float> logits, out float logProbability)
    {
        Sampler sampler = t_sampler ??= new Sampler();
        ReadOnlySpan<float> row = logits;
        bool isConstrained = _constraint is not null && !IsReasoning;
        if (_penalties is not null || isConstrained)
        {
            Span<float> changed = sampler.Copy(logits);
            _penalties?.Apply(changed);
            if (isConstrained)
                Sampler.Mask(changed, _constraint!.AllowedTokens);
            row = changed;
        }
        _insteadAt = -1;
        int? other = _reasoning?.Forced;
        if (other is null)
        {
            int drawn = sampler.Draw(row, _options, _random.Double((ulong)Position), out logProbability);
            other = _reasoning?.Instead(drawn);
            if (other is null)
                return drawn;
            _insteadAt = Position;
        }
        logProbability = sampler.LogProbability(row, _options.Temperature, other.Value);
        return other.Value;
    }

    /// <summary>The token at <see cref="Position"/> beside the likeliest ones, as many as <see cref="SamplingOptions.Alternatives"/>.</summary>
    /// <param name="logits">Scores [V], as the model gave them.</param>
    /// <param name="token">The token that was drawn.</param>
    /// <returns>Null where no alternatives are asked for.</returns>
    /// <exception cref="InvalidDataException">A logit is no number, or infinite.</exception>
    public TokenAlternatives? Explain(ReadOnlySpan<float> logits, int token)
    {
        if (_options.Alternatives is not { } count)
            return null;
        var likeliest = new TokenLogProbability[Math.Min(count, logits.Length)];
        return new TokenAlternatives((t_sampler ??= new Sampler()).LogProbabilities(logits, token, likeliest), likeliest);
    }

    /// <summary>Moves on behind <paramref name="token"/>, drawn or not.</summary>
    /// <exception cref="ArgumentException">The constraint does not allow the token here.</exception>
    public void Accept(int token)
    {
        if (_constraint is not null && !IsReasoning && !_constraint.Accept(token))
            throw new ArgumentException($"Token {token} at position {Position} is not what the constraint allows.", nameof(token));
        _reasoning?.Accept(token, _insteadAt == Position);
        _penalties?.Accept(token);
        _insteadAt = -1;
        Position++;
    }

    /// <summary>Guesses a draw of the near future from the logits of a smaller model: with the same random number, so that it is often right.</summary>
    /// <param name="logits">Scores [V]; left unchanged.</param>
    /// <param name="ahead">Draws that come before it.</param>
    /// <returns>The token, or -1 where the scores are no numbers.</returns>
    internal int Guess(ReadOnlySpan<float> logits, int ahead)
    {
        try
        {
            return (t_sampler ??= new Sampler()).Draw(logits, _options, _random.Double((ulong)(Position + ahead)), out _);
        }
        catch (InvalidDataException)
        {
            return -1;
        }
    }
}
