// What softmax attention does with one row of scores. Rows lie in scratch with room up to the next multiple of 16, and sums run in
// 16 chains by place that are folded by halves, so every width gives the same bits. Shorter than Reduction's chains: rows of a block are short.
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace Fathom.Numerics.Kernels;

static unsafe class AttentionRow<TLanes>
    where TLanes : struct, ILanes<TLanes>
{
    const int Chains = 16;

    /// <summary><paramref name="length"/> rounded up to a multiple of 16.</summary>
    public static int Padded(int length) => (length + Chains - 1) & -Chains;

    /// <summary>The distance between rows of <paramref name="length"/> floats in scratch: padded, and off the multiples of 512 bytes that crowd into few cache sets.</summary>
    public static int Stride(int length) => Padded(length) + (Padded(length) % 128 == 0 ? Chains : 0);

    /// <summary>Copies a row and fills it up with zeros to <paramref name="padded"/> floats.</summary>
    public static void Copy(float* source, int length, float* destination, int padded)
    {
        int i = 0;
        for (; i <= length - TLanes.Count; i += TLanes.Count)
            TLanes.Load(source + i).Store(destination + i);
        for (; i < length; i++)
            destination[i] = source[i];
        for (; i < padded; i++)
            destination[i] = 0f;
    }

    /// <summary>Asks for the cache lines of a row; harmless where there is none.</summary>
    public static void Prefetch(float* row, int length)
    {
        if (!Sse.IsSupported)
            return;
        for (int i = 0; i < length; i += 16)
            Sse.Prefetch0(row + i);
    }

    /// <summary>Zeros from <paramref name="start"/> to <paramref name="end"/>, both multiples of 16.</summary>
    public static void Clear(float* row, int start, int end)
    {
        for (int i = start; i < end; i += TLanes.Count)
            TLanes.Create(0).Store(row + i);
    }

    /// <summary>The largest of <paramref name="count"/> (at least 1) values.</summary>
    [SkipLocalsInit]
    public static float Max(float* row, int count)
    {
        float* chains = stackalloc float[Chains];
        TLanes max = TLanes.Create(row[0]);
        int i = 0;
        for (; i <= count - TLanes.Count; i += TLanes.Count)
            max = TLanes.Max(TLanes.Load(row + i), max);
        if (i < count)
            max = TLanes.Max(TLanes.First(count - i, TLanes.Load(row + i), max), max);
        max.Store(chains);
        if (TLanes.Count == 1)
            return chains[0];
        if (TLanes.Count == 16)
            Lanes8.Max(Lanes8.Load(chains), Lanes8.Load(chains + 8)).Store(chains);
        return Larger(
            Larger(Larger(chains[0], chains[4]), Larger(chains[2], chains[6])), Larger(Larger(chains[1], chains[5]), Larger(chains[3], chains[7])));

        static float Larger(float a, float b) => a > b ? a : b;
    }

    /// <summary>row[i] = exp(row[i] * scale - shift) over <paramref name="count"/> values, 0 from there to the next multiple of 16; returns the sum.</summary>
    [SkipLocalsInit]
    public static float Exponentials(float* row, int count, float scale, float shift)
    {
        float* chains = stackalloc float[Chains];
        TLanes factor = TLanes.Create(scale), minusShift = TLanes.Create(-shift);
        int i = 0;
        if (TLanes.Count == 16)
        {
            TLanes sum = TLanes.Create(0);
            for (; i <= count - 16; i += 16)
                sum += ExponentialAt(row + i, factor, minusShift);
            if (i < count)
                sum += ExponentialAt(row + i, count - i, factor, minusShift);
            return TLanes.Fold(sum);
        }
        else if (TLanes.Count == 8)
        {
            TLanes low = TLanes.Create(0), high = low;
            for (; i <= count - 16; i += 16)
            {
                low += ExponentialAt(row + i, factor, minusShift);
                high += ExponentialAt(row + i + 8, factor, minusShift);
            }
            if (i < count)
            {
                low += ExponentialAt(row + i, count - i, factor, minusShift);
                high += ExponentialAt(row + i + 8, count - i - 8, factor, minusShift);
            }
            return TLanes.Fold(low + high);
        }
        else
        {
            new Span<float>(chains, Chains).Clear();
            for (; i < Padded(count); i++)
                (TLanes.Load(chains + (i % Chains)) + ExponentialAt(row + i, count - i, factor, minusShift)).Store(chains + (i % Chains));
        }
        return Fold(chains);
    }

    /// <summary>The sum of a[i] * b[i] over <paramref name="count"/> entries.</summary>
    [SkipLocalsInit]
    public static float Dot(float* a, float* b, int count)
    {
        float* chains = stackalloc float[Chains];
        int i = 0, whole = count & -Chains;
        for (int chain = 0; chain < Chains; chain += TLanes.Count)
        {
            TLanes sum = TLanes.Create(0);
            for (i = 0; i < whole; i += Chains)
                sum = TLanes.MultiplyAdd(TLanes.Load(a + i + chain), TLanes.Load(b + i + chain), sum);
            sum.Store(chains + chain);
        }
        for (; i < count; i++)
            chains[i - whole] = MathF.FusedMultiplyAdd(a[i], b[i], chains[i - whole]);
        return Fold(chains);
    }

    /// <summary>gradient[i] = p[i] * (gradient[i] - delta) * scale over <paramref name="count"/> entries, a multiple of 16: back through the softmax.</summary>
    public static void SoftmaxBackward(float* p, float* gradient, int count, float delta, float scale)
    {
        TLanes subtrahend = TLanes.Create(delta), factor = TLanes.Create(scale);
        for (int i = 0; i < count; i += TLanes.Count)
            (TLanes.Load(p + i) * (TLanes.Load(gradient + i) - subtrahend) * factor).Store(gradient + i);
    }

    /// <summary>sum[i] += factor * values[i] over <paramref name="count"/> entries, a multiple of 16, each rounded once: one more link of a product's chains.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AddScaled(float* sum, float factor, float* values, int count)
    {
        TLanes lanes = TLanes.Create(factor);
        for (int i = 0; i < count; i += TLanes.Count)
            TLanes.MultiplyAdd(lanes, TLanes.Load(values + i), TLanes.Load(sum + i)).Store(sum + i);
    }

    /// <summary>sum[i] = sum[i] * factor + other[i] * otherFactor over <paramref name="count"/> entries, a multiple of 16: two parts of a row under one maximum.</summary>
    public static void Merge(float* sum, float factor, float* other, float otherFactor, int count)
    {
        TLanes first = TLanes.Create(factor), second = TLanes.Create(otherFactor);
        for (int i = 0; i < count; i += TLanes.Count)
            TLanes.MultiplyAdd(TLanes.Load(other + i), second, TLanes.Load(sum + i) * first).Store(sum + i);
    }

    /// <summary>destination[i] = source[i] * factor over <paramref name="count"/> entries.</summary>
    public static void Scale(float* source, float factor, float* destination, int count)
    {
        TLanes lanes = TLanes.Create(factor);
        int i = 0;
        for (; i <= count - TLanes.Count; i += TLanes.Count)
            (TLanes.Load(source + i) * lanes).Store(destination + i);
        for (; i < count; i++)
            destination[i] = source[i] * factor;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static TLanes ExponentialAt(float* place, TLanes factor, TLanes minusShift)
    {
        TLanes e = TLanes.Exp(TLanes.MultiplyAdd(TLanes.Load(place), factor, minusShift));
        e.Store(place);
        return e;
    }

    // Lanes from count on hold no score: they take a harmless value first and become 0 after.
    static TLanes ExponentialAt(float* place, int count, TLanes factor, TLanes minusShift)
    {
        TLanes zero = TLanes.Create(0);
        TLanes e = TLanes.First(count, TLanes.Exp(TLanes.First(count, TLanes.MultiplyAdd(TLanes.Load(place), factor, minusShift), zero)), zero);
        e.Store(place);
        return e;
    }

    static float Fold(float* chains)
    {
        for (int half = Chains / 2; half > 0; half /= 2)
        {
            for (int i = 0; i < half; i++)
                chains[i] += chains[i + half];
        }
        return chains[0];
    }
}
