// Guessing tokens ahead. A guess costs a row in the next batch; what is drawn from the rows before it says whether it was right, so
// guesses change how fast tokens come and never which.
using Fathom.Inference.Scheduling;

namespace Fathom.Inference.Speculation;

/// <summary>Guesses the next tokens of sequences.</summary>
interface IDrafter : IDisposable
{
    /// <summary>Called behind every step, before its memory is given back.</summary>
    /// <param name="step">The step.</param>
    /// <param name="batch">The sequences that took part, those that end with it too. Guesses go to <see cref="ScheduledSequence.DraftRoom"/>.</param>
    void Draft(StepRunner step, List<ScheduledSequence> batch);

    /// <summary>Forgets a sequence that has ended or gave its blocks back.</summary>
    void Release(ScheduledSequence sequence);
}
