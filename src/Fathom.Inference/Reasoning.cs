// One sequence's reasoning: whether it is in it, and which token must come.
namespace Fathom.Inference;

/// <summary>The state of one sequence under its <see cref="ReasoningOptions"/>.</summary>
sealed class Reasoning
{
    readonly ReasoningOptions _options;
    int _prolonged;
    int _prolonging; // of the tokens that come instead of the end, how many have come; 0: none is on its way

    public Reasoning(ReasoningOptions options, ReadOnlySpan<int> prompt)
    {
        _options = options;
        int last = prompt.LastIndexOfAny(options.StartId, options.EndId);
        IsOpen = last >= 0 && prompt[last] == options.StartId;
    }

    /// <summary>Whether the next token belongs to the reasoning, or ends it.</summary>
    public bool IsOpen { get; private set; }

    /// <summary>Tokens of the reasoning so far, without its marks.</summary>
    public int TokenCount { get; private set; }

    /// <summary>The token that must come next, or null.</summary>
    public int? Forced => !IsOpen ? null
        : TokenCount >= _options.Budget ? _options.EndId
        : _prolonging > 0 ? _options.ProlongingIds[_prolonging]
        : null;

    /// <summary>The token that comes where the model drew <paramref name="drawn"/>, or null where that one may come.</summary>
    public int? Instead(int drawn) => IsOpen && drawn == _options.EndId && _prolonged < _options.Prolongations ? _options.ProlongingIds[0] : null;

    /// <summary>Moves on.</summary>
    /// <param name="token">The token that came.</param>
    /// <param name="instead">Whether the last draw came instead of the end.</param>
    public void Accept(int token, bool instead)
    {
        if (!IsOpen)
        {
            IsOpen = token == _options.StartId;
            return;
        }
        if (token == _options.EndId)
        {
            IsOpen = false;
            return;
        }
        TokenCount++;
        instead = instead && token == _options.ProlongingIds[0];
        if (instead)
            _prolonged++;
        if (instead || _prolonging > 0)
            _prolonging = (_prolonging + 1) % _options.ProlongingIds.Count;
    }
}
