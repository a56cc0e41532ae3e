// Guessing with the model's own multi-token-prediction module (V3 section 2.2, inference): it sees the main model's state at a position
// and the token behind it, and predicts the one after. Its rows stand in the same cache, one layer further; it runs behind every
// step over what the step computed. More than one guess: the module goes on from its own state.
using Fathom.Inference.Scheduling;
using Fathom.Models.Layers;
using Fathom.Numerics.Gradients;
using Fathom.Numerics.Tensors;

namespace Fathom.Inference.Speculation;

/// <summary>Takes guesses from the multi-token-prediction module.</summary>
/// <param name="model">Has the module.</param>
/// <param name="cache">The main model's cache, with the module's rows.</param>
/// <param name="tokens">Guesses per step at most.</param>
sealed unsafe class PredictionDrafter(DecoderModel model, KvCache cache, int tokens) : IDrafter
{
    readonly MultiTokenPrediction _module = model.Mtp!;
    readonly PackedBatch _shifted = new();
    readonly List<ScheduledSequence> _guessing = [];
    readonly List<int> _lastRows = [];

    /// <inheritdoc/>
    public void Draft(StepRunner step, List<ScheduledSequence> batch)
    {
        _shifted.Clear(cache);
        _guessing.Clear();
        _lastRows.Clear();
        int* rows = step.Tape.Scope.Rent<int>(step.Hidden.Rows + batch.Count * KvCache.BlockLength);
        int count = 0;
        foreach (ScheduledSequence sequence in batch)
        {
            // Position i needs the token at i + 1: all are known, the last one was just drawn.
            int past = sequence.Cached.Length - sequence.Advanced;
            if (sequence.Failure is not null || sequence.Advanced == 0)
                continue;
            for (int i = 0; i < sequence.Advanced; i++)
                rows[count++] = sequence.FirstRow + i;
            _shifted.Add(sequence.History.Slice(past + 1, sequence.Advanced), sequence.Cached, past);
            if (!sequence.HasEnded && sequence.IsDecoding)
            {
                _guessing.Add(sequence);
                _lastRows.Add(count - 1);
            }
        }
        if (count == 0)
            return;
        Tensor states = _module.Forward(step.Tape, step.Tape.SelectRows(step.Hidden, rows, count), _shifted, null, out Tensor previous); // [T', H]
        for (int ahead = 0; _guessing.Count > 0; ahead++)
        {
            int n = _guessing.Count;
            for (int i = 0; i < n; i++)
                rows[i] = _lastRows[i];
            Guesses.Draw(_guessing, model.Logits(step.Tape, step.Tape.SelectRows(states, rows, n)), ahead);
            if (ahead + 1 == tokens)
                return;
            // The next position: the module's own state, and the guess as the token behind it.
            _shifted.Clear(cache);
            count = 0;
            for (int i = 0; i < n; i++)
            {
                ScheduledSequence sequence = _guessing[i];
                if (sequence.DraftCount != ahead + 1 || !cache.TryReserve(sequence.Cached, ahead + 1))
                    continue;
                rows[count] = _lastRows[i];
                _lastRows[count] = count;
                _guessing[count++] = sequence;
                _shifted.Add(sequence.DraftRoom(ahead + 1)[ahead..], sequence.Cached, sequence.Cached.Length + ahead);
            }
            _guessing.RemoveRange(count, n - count);
            if (count > 0)
                states = _module.Forward(step.Tape, step.Tape.SelectRows(previous, rows, count), _shifted, null, out previous);
        }
    }

    /// <inheritdoc/>
    public void Release(ScheduledSequence sequence)
    {
    }

    /// <inheritdoc/>
    public void Dispose() => _shifted.Dispose();
}
