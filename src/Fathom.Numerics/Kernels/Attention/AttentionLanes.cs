// What the attention kernels ask of a vector width. Each width does the same IEEE operations in the same order per element,
// and row sums always run in 16 lanes that are folded in halves, so all widths give the same bits.
namespace Fathom.Numerics.Kernels;

/// <summary>A vector width, as the few operations attention is made of.</summary>
unsafe interface IAttentionLanes<TVector>
{
    /// <summary>Floats per vector; divides 16.</summary>
    static abstract int Count { get; }

    /// <summary>Rows of the largest register tile: 8 where there are 32 registers, else 4.</summary>
    static abstract int TileRows { get; }

    static abstract TVector Load(float* source);

    static abstract void Store(TVector value, float* destination);

    static abstract TVector Broadcast(float value);

    /// <summary>a * b + c, rounded once.</summary>
    static abstract TVector MultiplyAdd(TVector a, TVector b, TVector c);

    /// <summary>The largest of <paramref name="count"/> (at least 1) values.</summary>
    static abstract float Max(float* row, int count);

    /// <summary>row[i] = exp(row[i] * scale - shift); entries from <paramref name="count"/> up to the next multiple of 16 become 0. Returns the sum.</summary>
    static abstract float Exponentials(float* row, int count, float scale, float shift);

    /// <summary>The sum of a[i] * b[i], in 16 lanes.</summary>
    static abstract float Dot(float* a, float* b, int count);

    /// <summary>gradient[i] = p[i] * (gradient[i] - delta) * scale, over <paramref name="count"/> (a multiple of 16) entries: the softmax backward.</summary>
    static abstract void SoftmaxBackward(float* p, float* gradient, int count, float delta, float scale);
}
