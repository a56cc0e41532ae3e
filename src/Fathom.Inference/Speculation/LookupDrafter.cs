// Guessing by looking back: where the last few tokens stood before, what followed them then may follow again. Good for answers that
// repeat their prompt: code, quotations, extracted data.
using Fathom.Inference.Scheduling;

namespace Fathom.Inference.Speculation;

/// <summary>Takes guesses from the sequence itself.</summary>
/// <param name="tokens">Guesses per step at most.</param>
sealed class LookupDrafter(int tokens) : IDrafter
{
    // The longest run of tokens that is looked for goes first; a single token says too little.
    const int LongestRun = 4, ShortestRun = 2;

    /// <inheritdoc/>
    public void Draft(StepRunner step, List<ScheduledSequence> batch)
    {
        foreach (ScheduledSequence sequence in batch)
        {
            if (!sequence.HasEnded && sequence.IsDecoding)
                sequence.DraftCount = Find(sequence.History, sequence.DraftRoom(tokens));
        }
    }

    /// <summary>The tokens that followed the latest earlier place of the last ones.</summary>
    /// <param name="history">The sequence.</param>
    /// <param name="guesses">Receives them.</param>
    /// <returns>How many there are.</returns>
    internal static int Find(ReadOnlySpan<int> history, Span<int> guesses)
    {
        for (int run = Math.Min(LongestRun, history.Length - 1); run >= ShortestRun; run--)
        {
            int at = history[..^1].LastIndexOf(history[^run..]);
            if (at < 0)
                continue;
            ReadOnlySpan<int> next = history[(at + run)..];
            int count = Math.Min(next.Length, guesses.Length);
            next[..count].CopyTo(guesses);
            return count;
        }
        return 0;
    }

    /// <inheritdoc/>
    public void Release(ScheduledSequence sequence)
    {
    }

    /// <inheritdoc/>
    public void Dispose()
    {
    }
}
