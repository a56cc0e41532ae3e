// One guess for each of several sequences from rows of logits.
using Fathom.Inference.Scheduling;
using Fathom.Numerics.Tensors;
using Fathom.Numerics.Threading;

namespace Fathom.Inference.Speculation;

/// <summary>Draws guesses in parallel.</summary>
static unsafe class Guesses
{
    /// <summary>Lets each sequence guess from its row.</summary>
    /// <param name="sequences">Which have <paramref name="ahead"/> guesses; each gets one more unless its row holds no numbers.</param>
    /// <param name="logits">[sequences, V].</param>
    /// <param name="ahead">Guesses before this one.</param>
    public static void Draw(List<ScheduledSequence> sequences, Tensor logits, int ahead)
    {
        var action = new GuessAction(sequences, logits, ahead);
        ThreadTeam.Shared.Run(sequences.Count, ref action);
    }

    readonly struct GuessAction(List<ScheduledSequence> sequences, Tensor logits, int ahead) : IParallelAction
    {
        public void Run(int part)
        {
            ScheduledSequence sequence = sequences[part];
            int guess = sequence.Sampler.Guess(new ReadOnlySpan<float>(logits.Row(part), logits.Columns), ahead);
            if (guess < 0)
                return;
            sequence.DraftRoom(ahead + 1)[ahead] = guess;
            sequence.DraftCount = ahead + 1;
        }
    }
}
