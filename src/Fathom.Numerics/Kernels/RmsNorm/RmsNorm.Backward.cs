// Root-mean-square normalisation of rows, backward.
namespace Fathom.Numerics.Kernels;

public static unsafe partial class RmsNorm
{
    /// <summary>
    /// The gradient of the input: dx = r * gain * dy - x * r³ / H * sum(x * gain * dy), with r the saved inverse root mean square.
    /// dx may be dy where it is not accumulated.
    /// </summary>
    /// <param name="x">[T, H], the input of the forward pass.</param>
    /// <param name="ldx">Leading dimension of x.</param>
    /// <param name="gain">[H].</param>
    /// <param name="inverseRms">[T], as saved by <see cref="Forward"/>.</param>
    /// <param name="dy">[T, H].</param>
    /// <param name="lddy">Leading dimension of dy.</param>
    /// <param name="dx">[T, H].</param>
    /// <param name="lddx">Leading dimension of dx.</param>
    /// <param name="accumulateDx">Add to dx instead of writing it.</param>
    /// <param name="tokens">T.</param>
    /// <param name="width">H.</param>
    public static void Backward(
        float* x, int ldx, float* gain, float* inverseRms, float* dy, int lddy, float* dx, int lddx, bool accumulateDx, int tokens, int width)
    {
        var action = new BackwardRows
        {
            X = x,
            LdX = ldx,
            Gain = gain,
            InverseRms = inverseRms,
            DY = dy,
            LdDY = lddy,
            DX = dx,
            LdDX = lddx,
            Accumulate = accumulateDx,
            Width = width,
        };
        Traversal.Run(tokens, 3L * width, 1, ref action);
    }

    /// <summary>The gradient of the gain, added to dGain: sum over tokens, in token order, of dy * x * inverseRms.</summary>
    /// <param name="x">[T, H], the input of the forward pass.</param>
    /// <param name="ldx">Leading dimension of x.</param>
    /// <param name="inverseRms">[T], as saved by <see cref="Forward"/>.</param>
    /// <param name="dy">[T, H].</param>
    /// <param name="lddy">Leading dimension of dy.</param>
    /// <param name="dGain">[H].</param>
    /// <param name="tokens">T.</param>
    /// <param name="width">H.</param>
    public static void BackwardGain(float* x, int ldx, float* inverseRms, float* dy, int lddy, float* dGain, int tokens, int width)
    {
        var action = new GainColumns { X = x, LdX = ldx, InverseRms = inverseRms, DY = dy, LdDY = lddy, DGain = dGain, Tokens = tokens };
        Traversal.Run(width, tokens, Traversal.ElementGranule, ref action);
    }

    struct BackwardRows : IRangeAction
    {
        public float* X, Gain, InverseRms, DY, DX;
        public long LdX, LdDY, LdDX;
        public bool Accumulate;
        public int Width;

        public readonly void Run<TLanes>(long start, long end)
            where TLanes : struct, ILanes<TLanes>
        {
            for (long t = start; t < end; t++)
            {
                float* x = X + t * LdX, dy = DY + t * LdDY, dx = DX + t * LdDX;
                float r = InverseRms[t];
                double projection = Reduction.Sum<Projection, TLanes>(new Projection { X = x, Gain = Gain, DY = dy }, Width);
                float along = (float)(projection * r * r * r / Width);
                if (Accumulate)
                {
                    Traversal.Each<AddInputGradient, TLanes>(
                        new AddInputGradient { Value = new() { X = x, Gain = Gain, DY = dy, InverseRms = r, Along = along }, DX = dx }, 0, Width);
                }
                else
                {
                    Traversal.Each<SetInputGradient, TLanes>(
                        new SetInputGradient { Value = new() { X = x, Gain = Gain, DY = dy, InverseRms = r, Along = along }, DX = dx }, 0, Width);
                }
            }
        }
    }

    struct Projection : ITerm
    {
        public float* X, Gain, DY;

        public readonly TLanes AddTo<TLanes>(TLanes sum, long i)
            where TLanes : struct, ILanes<TLanes>
            => TLanes.MultiplyAdd(TLanes.Load(X + i), TLanes.Load(Gain + i) * TLanes.Load(DY + i), sum);
    }

    struct InputGradient
    {
        public float* X, Gain, DY;
        public float InverseRms, Along;

        public readonly TLanes At<TLanes>(long i)
            where TLanes : struct, ILanes<TLanes>
        {
            TLanes direct = TLanes.Load(Gain + i) * TLanes.Load(DY + i) * TLanes.Create(InverseRms);
            return TLanes.MultiplyAdd(TLanes.Load(X + i), TLanes.Create(-Along), direct);
        }
    }

    struct SetInputGradient : IElementOperator
    {
        public InputGradient Value;
        public float* DX;

        public readonly void At<TLanes>(long i)
            where TLanes : struct, ILanes<TLanes>
            => Value.At<TLanes>(i).Store(DX + i);
    }

    struct AddInputGradient : IElementOperator
    {
        public InputGradient Value;
        public float* DX;

        public readonly void At<TLanes>(long i)
            where TLanes : struct, ILanes<TLanes>
            => (TLanes.Load(DX + i) + Value.At<TLanes>(i)).Store(DX + i);
    }

    struct GainColumns : IRangeAction
    {
        public float* X, InverseRms, DY, DGain;
        public long LdX, LdDY;
        public int Tokens;

        public readonly void Run<TLanes>(long start, long end)
            where TLanes : struct, ILanes<TLanes>
        {
            for (long t = 0; t < Tokens; t++)
            {
                Traversal.Each<AddScaledProduct, TLanes>(
                    new AddScaledProduct { X = X + t * LdX, DY = DY + t * LdDY, Sum = DGain, Scale = InverseRms[t] }, start, end);
            }
        }
    }

    struct AddScaledProduct : IElementOperator
    {
        public float* X, DY, Sum;
        public float Scale;

        public readonly void At<TLanes>(long i)
            where TLanes : struct, ILanes<TLanes>
            => TLanes.MultiplyAdd(TLanes.Load(X + i) * TLanes.Create(Scale), TLanes.Load(DY + i), TLanes.Load(Sum + i)).Store(Sum + i);
    }
}
