// What passes of a model must read and multiply at least, counted from its tensors and from the experts that were chosen.
using Fathom.Models.Checkpoints;
using Fathom.Models.Configs;
using Fathom.Models.Counts;
using Fathom.Models.Layers;
using Fathom.Numerics.Formats;
using Fathom.Numerics.Kernels.MachineLimits;
using Fathom.Numerics.Tensors;

namespace Fathom.Cli.Measurements;

/// <summary>Bytes, operations, and the seconds these would take at a machine's peak.</summary>
/// <param name="Bytes">Bytes read.</param>
/// <param name="Operations">Multiplications and additions.</param>
/// <param name="PeakSeconds">Seconds at the peak of each matrix's format.</param>
readonly record struct Work(double Bytes, double Operations, double PeakSeconds)
{
    public static Work operator +(Work a, Work b) => new(a.Bytes + b.Bytes, a.Operations + b.Operations, a.PeakSeconds + b.PeakSeconds);
}

/// <summary>Counts the work of a model's passes. Embedding rows, norms and activations are left out (below one percent).</summary>
sealed unsafe class InferenceWork
{
    readonly DecoderModel _model;
    readonly ModelCounts _counts;
    readonly MachineLimits _limits;
    readonly Work _dense, _head;
    // By layer with experts: one expert's matrices.
    readonly Work[] _expert;

    /// <summary>Looks a model's matrices up.</summary>
    public InferenceWork(DecoderModel model, MachineLimits limits)
    {
        (_model, _counts, _limits) = (model, new ModelCounts(model.Config), limits);
        ModelConfig config = model.Config;
        int dense = config.Experts?.FirstDenseLayerCount ?? config.LayerCount;
        _expert = new Work[config.LayerCount - dense];
        foreach (TensorSpec spec in TensorNames.Own(config).Where(spec => spec.Shape.Length > 1 && spec.Layer < config.LayerCount))
        {
            if (spec.Role == TensorRole.Embedding)
                continue;
            Work one = OneToken(model.MatrixOf(spec.Name));
            if (spec.Role == TensorRole.Head)
                continue;
            if (spec.Role != TensorRole.RoutedExpert)
                _dense += one;
            else if (spec.Name.Contains(".experts.0.", StringComparison.Ordinal))
                _expert[spec.Layer - dense] += one;
        }
        _head = OneToken(model.Head);
    }

    /// <summary>The work of the pass that the model just made.</summary>
    /// <param name="batch">Its batch.</param>
    /// <param name="logitRows">Rows that went through the head.</param>
    /// <param name="isDecode">Whether every sequence brought one token.</param>
    /// <param name="cacheBytes">Bytes of a token in the cache.</param>
    public Work LastPass(PackedBatch batch, int logitRows, bool isDecode, long cacheBytes)
    {
        int tokens = batch.TokenCount;
        Work work = Times(_dense, 1, tokens) + Times(_head, Math.Min(logitRows, 1), logitRows);
        for (int layer = 0; layer < _expert.Length; layer++)
            work += Times(_expert[layer], _model.ExpertLayers[layer].ActiveExpertCount, (double)tokens * _model.Config.Experts!.ExpertsPerToken);
        double attention = 0, cached = 0;
        for (int s = 0; s < batch.SequenceCount; s++)
        {
            double past = batch.PastLengths[s], length = batch.SequenceStarts[s + 1] - batch.SequenceStarts[s];
            // Token i of the piece sees the past, its predecessors and itself.
            double context = past + (length + 1) / 2;
            attention += length * ((isDecode ? _counts.DecodeFlopsPerToken(context) : _counts.ForwardFlopsPerToken(context)) - 2.0 * _counts.MatrixParametersPerToken);
            cached += past * cacheBytes;
        }
        return work + new Work(cached, attention, attention / (_limits.Single * 1e9));
    }

    Work OneToken(Weight weight)
    {
        double operations = 2.0 * weight.Rows * weight.Columns;
        double peak = weight.Type.IsBlock() && _limits.Int8 > 0 ? _limits.Int8
            : weight.Type is ElementType.BF16 or ElementType.F8E4M3 ? _limits.BFloat
            : _limits.Single;
        return new Work(weight.ByteLength, operations, operations / (peak * 1e9));
    }

    static Work Times(Work work, double reads, double tokens) => new(work.Bytes * reads, work.Operations * tokens, work.PeakSeconds * tokens);
}
