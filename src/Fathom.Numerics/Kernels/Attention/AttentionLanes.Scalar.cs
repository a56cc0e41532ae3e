// One float at a time: the truth for the wider lanes.
namespace Fathom.Numerics.Kernels;

/// <summary>A width of one float.</summary>
readonly unsafe struct AttentionScalarLanes : IAttentionLanes<float>
{
    public static int Count => 1;

    public static int TileRows => 4;

    public static float Load(float* source) => *source;

    public static void Store(float value, float* destination) => *destination = value;

    public static float Broadcast(float value) => value;

    public static float MultiplyAdd(float a, float b, float c) => MathF.FusedMultiplyAdd(a, b, c);

    public static float Max(float* row, int count)
    {
        float max = row[0];
        for (int i = 1; i < count; i++)
            max = row[i] > max ? row[i] : max;
        return max;
    }

    public static float Exponentials(float* row, int count, float scale, float shift)
    {
        float* lanes = stackalloc float[16];
        new Span<float>(lanes, 16).Clear();
        int padded = (count + 15) & ~15;
        for (int i = 0; i < padded; i++)
        {
            row[i] = i < count ? Exponential.Exp(MathF.FusedMultiplyAdd(row[i], scale, -shift)) : 0f;
            lanes[i & 15] += row[i];
        }
        return Fold(lanes);
    }

    public static float Dot(float* a, float* b, int count)
    {
        float* lanes = stackalloc float[16];
        new Span<float>(lanes, 16).Clear();
        for (int i = 0; i < count; i++)
            lanes[i & 15] = MathF.FusedMultiplyAdd(a[i], b[i], lanes[i & 15]);
        return Fold(lanes);
    }

    public static void SoftmaxBackward(float* p, float* gradient, int count, float delta, float scale)
    {
        for (int i = 0; i < count; i++)
            gradient[i] = p[i] * (gradient[i] - delta) * scale;
    }

    static float Fold(float* lanes)
    {
        for (int half = 8; half > 0; half /= 2)
        {
            for (int i = 0; i < half; i++)
                lanes[i] += lanes[i + half];
        }
        return lanes[0];
    }
}
