// Penalties on tokens that have come before, and biases that a request gives: what is added to logits before anything else.
namespace Fathom.Inference;

/// <summary>Counts one sequence's tokens and changes its logits.</summary>
sealed class TokenPenalties
{
    readonly SamplingOptions _options;
    // By token: whether the prompt has it, and how often it was generated.
    readonly Dictionary<int, int> _generated = [];
    readonly HashSet<int> _seen = [];

    TokenPenalties(SamplingOptions options, ReadOnlySpan<int> prompt)
    {
        _options = options;
        if (options.RepetitionPenalty != 1)
        {
            foreach (int token in prompt)
                _seen.Add(token);
        }
    }

    /// <summary>The penalties of a sequence, or null where there are neither penalties nor biases.</summary>
    public static TokenPenalties? Of(SamplingOptions options, ReadOnlySpan<int> prompt) =>
        options.RepetitionPenalty == 1 && options.PresencePenalty == 0 && options.FrequencyPenalty == 0 && options.LogitBias.Count == 0
            ? null
            : new TokenPenalties(options, prompt);

    /// <summary>Changes logits [V]: repetition first, as it depends on their sign, then presence and frequency, then biases.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A bias is for a token that the vocabulary does not have.</exception>
    public void Apply(Span<float> logits)
    {
        foreach (int token in _seen)
            logits[token] = logits[token] > 0 ? logits[token] / _options.RepetitionPenalty : logits[token] * _options.RepetitionPenalty;
        foreach ((int token, int count) in _generated)
            logits[token] -= _options.PresencePenalty + _options.FrequencyPenalty * count;
        foreach ((int token, float bias) in _options.LogitBias)
        {
            if (token >= logits.Length)
                throw new ArgumentOutOfRangeException(nameof(SamplingOptions.LogitBias), token, $"there is a bias for token {token}; the vocabulary has ids 0 to {logits.Length - 1}.");
            logits[token] += bias;
        }
    }

    /// <summary>Counts a generated token.</summary>
    public void Accept(int token)
    {
        if (_options.RepetitionPenalty != 1)
            _seen.Add(token);
        if (_options.PresencePenalty != 0 || _options.FrequencyPenalty != 0)
            _generated[token] = _generated.GetValueOrDefault(token) + 1;
    }
}
