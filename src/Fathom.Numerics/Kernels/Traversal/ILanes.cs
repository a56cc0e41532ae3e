// A number of float lanes that are computed together: one kernel body, written against this, serves every rung of the ladder.
namespace Fathom.Numerics.Kernels;

/// <summary>
/// <see cref="Count"/> floats handled as one value. Every operation is the same correctly rounded arithmetic per lane whatever the
/// width, so a body written against it gives equal bits on every rung.
/// </summary>
internal unsafe interface ILanes<TSelf>
    where TSelf : struct, ILanes<TSelf>
{
    /// <summary>Lanes: 1, 8 or 16.</summary>
    static abstract int Count { get; }

    /// <summary>Reads <see cref="Count"/> floats; no alignment needed.</summary>
    static abstract TSelf Load(float* source);

    /// <summary>Reads <see cref="Count"/> bfloat16 patterns; no alignment needed.</summary>
    static abstract TSelf Load(ushort* source);

    /// <summary>Reads <see cref="Count"/> signed bytes; no alignment needed.</summary>
    static abstract TSelf Load(sbyte* source);

    /// <summary>The same value in every lane.</summary>
    static abstract TSelf Create(float value);

    /// <summary>Writes <see cref="Count"/> floats; no alignment needed.</summary>
    void Store(float* destination);

    static abstract TSelf operator +(TSelf a, TSelf b);

    static abstract TSelf operator -(TSelf a, TSelf b);

    static abstract TSelf operator *(TSelf a, TSelf b);

    static abstract TSelf operator /(TSelf a, TSelf b);

    static abstract TSelf operator -(TSelf a);

    /// <summary>a * b + c with one rounding.</summary>
    static abstract TSelf MultiplyAdd(TSelf a, TSelf b, TSelf c);

    /// <summary>The greater, lane by lane, as the processor's instruction has it: on x86, b where one is not a number.</summary>
    static abstract TSelf Max(TSelf a, TSelf b);

    /// <summary>The sum of the lanes, folded by halves: lane i and lane i + Count / 2 are added first.</summary>
    static abstract float Fold(TSelf a);

    /// <summary>The first <paramref name="count"/> lanes (none below 1, all from <see cref="Count"/> on) of a, the others of b.</summary>
    static abstract TSelf First(int count, TSelf a, TSelf b);

    /// <summary>The square root, correctly rounded.</summary>
    static abstract TSelf Sqrt(TSelf a);

    /// <summary>e to the power a.</summary>
    static abstract TSelf Exp(TSelf a);

    /// <summary>1 / (1 + exp(-a)).</summary>
    static abstract TSelf Sigmoid(TSelf a);

    /// <summary>Splits 2 * <see cref="Count"/> consecutive floats (a, then b) into those at even and those at odd places.</summary>
    static abstract void Deinterleave(TSelf a, TSelf b, out TSelf even, out TSelf odd);

    /// <summary>Undoes <see cref="Deinterleave"/>.</summary>
    static abstract void Interleave(TSelf even, TSelf odd, out TSelf a, out TSelf b);
}
