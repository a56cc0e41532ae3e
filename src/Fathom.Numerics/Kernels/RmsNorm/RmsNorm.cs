// Root-mean-square normalisation of rows (Zhang and Sennrich 2019), forward.
namespace Fathom.Numerics.Kernels;

/// <summary>y = x / sqrt(mean(x²) + eps) * gain, per row of H elements.</summary>
public static unsafe partial class RmsNorm
{
    /// <summary>Normalises rows. y may be x.</summary>
    /// <param name="x">[T, H], rows <paramref name="ldx"/> floats apart.</param>
    /// <param name="ldx">Leading dimension of x.</param>
    /// <param name="gain">[H].</param>
    /// <param name="y">[T, H], rows <paramref name="ldy"/> floats apart.</param>
    /// <param name="ldy">Leading dimension of y.</param>
    /// <param name="inverseRms">[T], saved for the backward pass; null where there is none.</param>
    /// <param name="tokens">T.</param>
    /// <param name="width">H.</param>
    /// <param name="eps">Added to the mean square.</param>
    public static void Forward(
        float* x, int ldx, float* gain, float* y, int ldy, float* inverseRms, int tokens, int width, float eps)
    {
        var action = new ForwardRows
        {
            X = x,
            LdX = ldx,
            Gain = gain,
            Y = y,
            LdY = ldy,
            InverseRms = inverseRms,
            Width = width,
            Eps = eps,
        };
        Traversal.Run(tokens, 2L * width, 1, ref action);
    }

    struct ForwardRows : IRangeAction
    {
        public float* X, Gain, Y, InverseRms;
        public long LdX, LdY;
        public int Width;
        public float Eps;

        public readonly void Run<TLanes>(long start, long end)
            where TLanes : struct, ILanes<TLanes>
        {
            for (long t = start; t < end; t++)
            {
                float* x = X + t * LdX;
                double squares = Reduction.Sum<Square, TLanes>(new Square { X = x }, Width);
                float inverseRms = (float)(1 / Math.Sqrt(squares / Width + Eps));
                if (InverseRms != null)
                    InverseRms[t] = inverseRms;
                Traversal.Each<Normalise, TLanes>(
                    new Normalise { X = x, Gain = Gain, Y = Y + t * LdY, InverseRms = inverseRms }, 0, Width);
            }
        }
    }

    struct Square : ITerm
    {
        public float* X;

        public readonly TLanes AddTo<TLanes>(TLanes sum, long i)
            where TLanes : struct, ILanes<TLanes>
        {
            TLanes x = TLanes.Load(X + i);
            return TLanes.MultiplyAdd(x, x, sum);
        }
    }

    struct Normalise : IElementOperator
    {
        public float* X, Gain, Y;
        public float InverseRms;

        public readonly void At<TLanes>(long i)
            where TLanes : struct, ILanes<TLanes>
            => (TLanes.Load(X + i) * TLanes.Create(InverseRms) * TLanes.Load(Gain + i)).Store(Y + i);
    }
}
