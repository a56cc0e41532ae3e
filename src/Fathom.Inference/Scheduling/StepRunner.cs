// One step of the model: a packed batch of many sequences' new tokens, logits behind those that draw, and the draws.
using Fathom.Models.Layers;
using Fathom.Numerics.Gradients;
using Fathom.Numerics.Tensors;
using Fathom.Numerics.Threading;

namespace Fathom.Inference.Scheduling;

/// <summary>Runs a batch and draws from its logits. Keeps its memory from step to step.</summary>
sealed unsafe class StepRunner(DecoderModel model, KvCache cache) : IDisposable
{
    readonly Tape _tape = new();
    readonly PackedBatch _batch = new();
    readonly List<int> _rows = [];
    readonly List<PendingDraw> _draws = [];
    Tensor? _logits; // [rows, V]

    /// <summary>Tokens in the batch.</summary>
    public int TokenCount => _batch.TokenCount;

    /// <summary>Memory of the present step.</summary>
    public Tape Tape => _tape;

    /// <summary>[T, H] what the model made of the batch, after its final norm.</summary>
    public Tensor Hidden { get; private set; } = null!;

    /// <summary>Begins an empty batch.</summary>
    public void Begin()
    {
        _batch.Clear(cache);
        _rows.Clear();
        _draws.Clear();
    }

    /// <summary>Adds the next tokens of a sequence.</summary>
    public void Add(ScheduledSequence sequence, ReadOnlySpan<int> tokens) => _batch.Add(tokens, sequence.Cached);

    /// <summary>Asks for logits behind the batch's last tokens and lets a sequence draw from them.</summary>
    /// <param name="sequence">Draws.</param>
    /// <param name="rows">Last tokens of the batch: one, and one for each guess.</param>
    /// <returns>The first of the rows, for <see cref="ShareDraw"/>.</returns>
    public int AddDraw(ScheduledSequence sequence, int rows)
    {
        int first = _rows.Count;
        for (int i = 0; i < rows; i++)
            _rows.Add(_batch.TokenCount - rows + i);
        _draws.Add(new PendingDraw(sequence, first));
        return first;
    }

    /// <summary>Lets another sequence draw from a row that is asked for.</summary>
    public void ShareDraw(ScheduledSequence sequence, int row) => _draws.Add(new PendingDraw(sequence, row));

    /// <summary>Runs the model over the batch.</summary>
    /// <param name="cancelled">Asked between layers; true ends the pass.</param>
    /// <exception cref="OperationCanceledException">The pass was ended; nothing has changed.</exception>
    public void Forward(Func<bool> cancelled)
    {
        _tape.Reset();
        Hidden = model.Forward(_tape, _batch, cancelled: cancelled);
        int count = _rows.Count;
        if (count == 0)
            return;
        int* rows = _tape.Scope.Rent<int>(count);
        for (int i = 0; i < count; i++)
            rows[i] = _rows[i];
        _logits = model.Logits(_tape, _tape.SelectRows(Hidden, rows, count)); // [rows, V]
    }

    /// <summary>Draws for all sequences that asked for it; each keeps what it drew.</summary>
    public void Draw()
    {
        var action = new DrawAction(this);
        ThreadTeam.Shared.Run(_draws.Count, ref action);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _tape.Dispose();
        _batch.Dispose();
    }

    readonly record struct PendingDraw(ScheduledSequence Sequence, int Row);

    readonly struct DrawAction(StepRunner runner) : IParallelAction
    {
        public void Run(int part)
        {
            (ScheduledSequence sequence, int row) = runner._draws[part];
            Tensor logits = runner._logits!;
            sequence.Draw(new ReadOnlySpan<float>(logits.Row(row), logits.Columns * (1 + sequence.DraftCount)), logits.Columns);
        }
    }
}
