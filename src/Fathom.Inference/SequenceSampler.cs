// One sequence's draws: options, seed and what was accepted so far.
using Fathom.Numerics.Random;

namespace Fathom.Inference;

/// <summary>
/// Draws the tokens of one sequence. A draw is a function of the logits, the options, the seed and the accepted tokens alone: it can be
/// repeated, and it does not depend on what else runs. Different sequences may draw on different threads at the same time.
/// </summary>
public sealed class SequenceSampler
{
    // The stream of draws under a sequence's seed.
    const ulong DrawStream = 0x5A3F;

    [ThreadStatic]
    static Sampler? t_sampler;

    readonly SamplingOptions _options;
    readonly CounterRandom _random;

    /// <summary>Prepares a sequence's draws.</summary>
    /// <param name="options">How to draw.</param>
    /// <param name="seed">The only randomness.</param>
    /// <param name="prompt">The prompt's token ids: penalties count them.</param>
    public SequenceSampler(SamplingOptions options, ulong seed, ReadOnlySpan<int> prompt)
    {
        options.Validate();
        (_options, _random) = (options, new CounterRandom(seed, DrawStream));
    }

    /// <summary>Tokens accepted so far: the position of the next draw.</summary>
    public int Position { get; private set; }

    /// <summary>Draws the token at <see cref="Position"/>; changes nothing.</summary>
    /// <param name="logits">Scores [V]; left unchanged.</param>
    /// <param name="logProbability">Receives the token's log-probability under softmax(logits / temperature); temperature 1 for greedy.</param>
    /// <exception cref="InvalidDataException">A logit is no number, or infinite.</exception>
    public int Draw(ReadOnlySpan<float> logits, out float logProbability)
        => (t_sampler ??= new Sampler()).Draw(logits, _options, _random.Double((ulong)Position), out logProbability);

    /// <summary>Moves on behind <paramref name="token"/>, drawn or forced.</summary>
    public void Accept(int token) => Position++;
}
