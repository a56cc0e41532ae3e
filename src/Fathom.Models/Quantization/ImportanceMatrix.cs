// Which columns of each matrix matter: the mean square of what they are multiplied with on a text. Quantisation weighs its errors by it.
using Fathom.Models.Checkpoints;
using Fathom.Models.Layers;
using Fathom.Numerics.Gradients;
using Fathom.Numerics.Tensors;

namespace Fathom.Models.Quantization;

/// <summary>Weights of squared errors by matrix and column.</summary>
public static class ImportanceMatrix
{
    /// <summary>Runs a model over token windows and returns, by official name, one weight per column of each matrix that met any.</summary>
    /// <param name="model">A model opened with <see cref="DecoderModel.Open"/>.</param>
    /// <param name="windows">Token windows; each is a sequence of its own.</param>
    /// <param name="progress">Told after every window how many are done.</param>
    /// <exception cref="InvalidOperationException">The model was not opened from its files.</exception>
    public static Dictionary<string, float[]> Measure(DecoderModel model, IEnumerable<int[]> windows, Action<int>? progress = null)
    {
        var statistics = new InputStatistics();
        using var tape = new Tape { Statistics = statistics };
        using var batch = new PackedBatch();
        int done = 0;
        foreach (int[] window in windows)
        {
            tape.Reset();
            batch.Clear();
            batch.Add(window);
            Tensor hidden = model.Forward(tape, batch);
            unsafe
            {
                statistics.Add(model.Head, hidden.Data, hidden.Rows);
            }
            progress?.Invoke(++done);
        }
        var importance = new Dictionary<string, float[]>();
        foreach (TensorSpec spec in TensorNames.Own(model.Config).Where(spec => spec.Shape.Length > 1))
        {
            if (statistics.MeanSquares(model.MatrixOf(spec.Name)) is { } squares)
                importance.Add(spec.Name, squares);
        }
        return importance;
    }
}
