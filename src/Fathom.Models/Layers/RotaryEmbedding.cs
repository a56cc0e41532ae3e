// Angles of rotary embedding for a model, grown to the positions asked for.
using Fathom.Models.Configs;
using Fathom.Numerics.Gradients;
using Fathom.Numerics.Tensors;

namespace Fathom.Models.Layers;

/// <summary>Builds <see cref="RotaryTable"/>s from a config's frequencies; a longer one replaces a shorter when a batch needs it.</summary>
public sealed unsafe class RotaryEmbedding : IDisposable
{
    readonly RotaryFrequencies _frequencies;
    readonly bool _interleaved;
    readonly MemoryScope _scope = new();
    RotaryTable? _table;

    /// <summary>Takes the frequencies of a model.</summary>
    public RotaryEmbedding(ModelConfig config)
    {
        _frequencies = RotaryFrequencies.Of(config.Rotary, config.Attention.RotaryDim);
        SoftmaxScale = RotaryFrequencies.SoftmaxScale(config);
        _interleaved = config.Rotary.Interleaved;
    }

    /// <summary>Factor on attention scores: head size^-0.5, times YaRN's squared temperature where the model has it.</summary>
    public float SoftmaxScale { get; }

    /// <summary>A table that covers every position of <paramref name="batch"/>.</summary>
    public RotaryTable TableFor(PackedBatch batch)
    {
        int needed = 1;
        for (int s = 0; s < batch.SequenceCount; s++)
            needed = Math.Max(needed, batch.PastLengths[s] + batch.SequenceStarts[s + 1] - batch.SequenceStarts[s]);
        if (_table is null || _table.MaxPositions < needed)
            _table = Build(Math.Max(256, (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)needed)));
        return _table;
    }

    RotaryTable Build(int positions)
    {
        int pairs = _frequencies.Inverse.Length;
        Tensor cos = _scope.Rent(positions, pairs), sin = _scope.Rent(positions, pairs);
        _frequencies.FillTable(0, cos.Span, sin.Span);
        return new RotaryTable(cos, sin, _interleaved);
    }

    /// <inheritdoc/>
    public void Dispose() => _scope.Dispose();
}
