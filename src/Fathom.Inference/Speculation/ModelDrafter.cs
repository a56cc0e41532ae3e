// Guessing with a smaller model of the same vocabulary, which follows every sequence in a cache of its own.
using Fathom.Inference.Scheduling;
using Fathom.Models.Layers;
using Fathom.Numerics.Gradients;
using Fathom.Numerics.Tensors;

namespace Fathom.Inference.Speculation;

/// <summary>Takes guesses from another model.</summary>
/// <param name="model">The other model; it stays the caller's.</param>
/// <param name="cache">Its cache; owned. A sequence that finds no room there gets no guesses.</param>
/// <param name="tokens">Guesses per step at most.</param>
sealed unsafe class ModelDrafter(DecoderModel model, KvCache cache, int tokens) : IDrafter
{
    readonly Tape _tape = new();
    readonly PackedBatch _batch = new();
    readonly List<ScheduledSequence> _guessing = [];
    readonly List<int> _lastRows = [];

    /// <inheritdoc/>
    public void Draft(StepRunner step, List<ScheduledSequence> batch)
    {
        _tape.Reset();
        _batch.Clear(cache);
        _guessing.Clear();
        _lastRows.Clear();
        int budget = KvCache.PromptGrid;
        foreach (ScheduledSequence sequence in batch)
        {
            if (sequence.HasEnded || budget == 0)
                continue;
            CachedSequence cached = sequence.DraftCached ??= new CachedSequence();
            // Guesses that were not drawn are overwritten. What the model has not read yet it reads in pieces, as prompts are.
            cache.Rewind(cached, sequence.Length - 1);
            int known = sequence.IsDecoding ? sequence.Length : sequence.Cached.Length;
            int count = Math.Min(known - cached.Length, budget);
            if (count <= 0 || sequence.Length + tokens > model.Config.MaxPositionEmbeddings || !cache.TryReserve(cached, count + tokens))
                continue;
            budget -= count;
            _batch.Add(sequence.History.Slice(cached.Length, count), cached);
            cache.Advance(cached, count);
            if (sequence.IsDecoding && cached.Length == sequence.Length)
            {
                _guessing.Add(sequence);
                _lastRows.Add(_batch.TokenCount - 1);
            }
        }
        for (int ahead = 0; _batch.TokenCount > 0; ahead++)
        {
            Tensor hidden = model.Forward(_tape, _batch); // [T, H]
            int n = _guessing.Count;
            if (n == 0)
                return;
            int* rows = _tape.Scope.Rent<int>(n);
            for (int i = 0; i < n; i++)
                rows[i] = _lastRows[i];
            Guesses.Draw(_guessing, model.Logits(_tape, _tape.SelectRows(hidden, rows, n)), ahead);
            if (ahead + 1 == tokens)
                return;
            for (int i = n - 1; i >= 0; i--)
            {
                if (_guessing[i].DraftCount != ahead + 1)
                    _guessing.RemoveAt(i);
            }
            _batch.Clear(cache);
            for (int i = 0; i < _guessing.Count; i++)
            {
                ScheduledSequence sequence = _guessing[i];
                _batch.Add(sequence.DraftRoom(ahead + 1)[ahead..], sequence.DraftCached!);
                cache.Advance(sequence.DraftCached!, 1);
                _lastRows[i] = i;
            }
        }
    }

    /// <inheritdoc/>
    public void Release(ScheduledSequence sequence)
    {
        if (sequence.DraftCached is { } cached)
            cache.Release(cached);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _tape.Dispose();
        _batch.Dispose();
        cache.Dispose();
    }
}
