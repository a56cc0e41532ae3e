// How large the inputs of each linear map are, column by column: what an importance matrix is made of.
using Fathom.Numerics.Tensors;

namespace Fathom.Numerics.Gradients;

/// <summary>Mean squares of what each weight's columns are multiplied with. Not made for hot paths.</summary>
public sealed unsafe class InputStatistics
{
    readonly Dictionary<Weight, (double[] Sums, long Rows)> _byWeight = [];

    /// <summary>Counts inputs of a weight.</summary>
    /// <param name="weight">[N, H].</param>
    /// <param name="x">[rows, H].</param>
    /// <param name="rows">0 or more.</param>
    public void Add(Weight weight, float* x, int rows)
    {
        int columns = weight.Columns;
        (double[] sums, long before) = _byWeight.TryGetValue(weight, out var known) ? known : (new double[columns], 0);
        for (int row = 0; row < rows; row++)
        {
            for (int i = 0; i < columns; i++)
                sums[i] += (double)x[(long)row * columns + i] * x[(long)row * columns + i];
        }
        _byWeight[weight] = (sums, before + rows);
    }

    /// <summary>[H] mean squares of a weight's inputs; null where it met none.</summary>
    public float[]? MeanSquares(Weight weight)
        => _byWeight.TryGetValue(weight, out var known) && known.Rows > 0 ? [.. known.Sums.Select(sum => (float)(sum / known.Rows))] : null;
}
