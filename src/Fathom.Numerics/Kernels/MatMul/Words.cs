// How the blocked product sees A and B alike: lanes (rows of A, columns of B) by steps along k, in 32-bit words.

namespace Fathom.Numerics.Kernels.MatMul;

/// <summary>How the words of a factor lie in memory.</summary>
enum WordLayout
{
    /// <summary>A lane's words follow each other: k is the fast index.</summary>
    StepsAdjacent,

    /// <summary>A step's words follow each other: the lane is the fast index.</summary>
    LanesAdjacent,

    /// <summary>BF16 with the lane as the fast index: a word is made of two numbers, a row of k apart.</summary>
    LanesAdjacentHalves,

    /// <summary>BF16 with k as the fast index, turned into FP32 words when packed.</summary>
    WidenedSteps,

    /// <summary>BF16 with the lane as the fast index, turned into FP32 words when packed.</summary>
    WidenedLanes,

    /// <summary>The last number of an odd k: the word's other half is zero.</summary>
    SingleHalf,
}

/// <summary>One factor. Strides in bytes.</summary>
readonly unsafe struct Words(byte* data, nint laneStride, nint stepStride, WordLayout layout)
{
    public readonly byte* Data = data;
    public readonly nint LaneStride = laneStride;
    public readonly nint StepStride = stepStride;
    public readonly WordLayout Layout = layout;

    /// <summary>FP32: a word is a number.</summary>
    public static Words Of(Operand<float> x)
        => new((byte*)x.Data, x.LaneStride * 4, x.StepStride * 4,
            x.StepStride == 1 ? WordLayout.StepsAdjacent : WordLayout.LanesAdjacent);

    /// <summary>BF16: a word is a pair of numbers, k even in its lower half.</summary>
    public static Words Pairs(Operand<ushort> x)
        => new((byte*)x.Data, x.LaneStride * 2, x.StepStride * 4,
            x.StepStride == 1 ? WordLayout.StepsAdjacent : WordLayout.LanesAdjacentHalves);

    /// <summary>BF16: the numbers of one k alone.</summary>
    public static Words Single(Operand<ushort> x, int k)
        => new((byte*)x.At(0, k).Data, x.LaneStride * 2, 0, WordLayout.SingleHalf);

    /// <summary>BF16 to be widened: a word is one number in FP32. Steps are taken from even ones on.</summary>
    public static Words Widened(Operand<ushort> x)
        => new((byte*)x.Data, x.LaneStride * 2, x.StepStride * 2,
            x.StepStride == 1 ? WordLayout.WidenedSteps : WordLayout.WidenedLanes);

    /// <summary>The part that begins at <paramref name="lane"/> and <paramref name="step"/>.</summary>
    public Words At(nint lane, nint step)
        => new(Data + lane * LaneStride + step * StepStride, LaneStride, StepStride, Layout);
}
