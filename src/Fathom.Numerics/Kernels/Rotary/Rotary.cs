// Rotary position embedding (Su et al. 2021), in place; the inverse is its own backward pass.
namespace Fathom.Numerics.Kernels;

/// <summary>
/// Rotates pairs of elements by position-dependent angles: (a, b) becomes (a cos - b sin, a sin + b cos).
/// </summary>
public static unsafe class Rotary
{
    /// <summary>
    /// Rotates in place, or applies the transposed map, which is the backward pass. (The tables may carry a scale, as with YaRN:
    /// the transpose carries it too and is then not the inverse.)
    /// </summary>
    /// <param name="x">Element (t, head, i) of the rotated part is x[t * tokenStride + head * headStride + offset + i].</param>
    /// <param name="tokenStride">Floats from token to token.</param>
    /// <param name="headStride">Floats from head to head.</param>
    /// <param name="heads">Heads per token.</param>
    /// <param name="offset">The first rotated element of a head.</param>
    /// <param name="rotaryDim">Rotated elements per head; even.</param>
    /// <param name="positions">[T], rows of the tables.</param>
    /// <param name="cos">[positions, rotaryDim / 2].</param>
    /// <param name="sin">[positions, rotaryDim / 2].</param>
    /// <param name="interleaved">Pairs are neighbours (2i, 2i + 1) (DeepSeek V2 and V3), else halves (i, i + rotaryDim / 2).</param>
    /// <param name="inverse">The transposed map.</param>
    /// <param name="tokens">T.</param>
    public static void Apply(
        float* x, int tokenStride, int headStride, int heads, int offset, int rotaryDim, int* positions, float* cos, float* sin,
        bool interleaved, bool inverse, int tokens)
    {
        if (interleaved)
        {
            var action = new Tokens<Neighbours>();
            Run(ref action);
        }
        else
        {
            var action = new Tokens<Halves>();
            Run(ref action);
        }

        void Run<TPairs>(ref Tokens<TPairs> action)
            where TPairs : unmanaged, IPairs
        {
            action.X = x + offset;
            action.TokenStride = tokenStride;
            action.HeadStride = headStride;
            action.Heads = heads;
            action.Pairs = rotaryDim / 2;
            action.Positions = positions;
            action.Cos = cos;
            action.Sin = sin;
            action.SinSign = inverse ? -1 : 1;
            Traversal.Run(tokens, (long)heads * rotaryDim, 1, ref action);
        }
    }

    struct Tokens<TPairs> : IRangeAction
        where TPairs : unmanaged, IPairs
    {
        public float* X, Cos, Sin;
        public int* Positions;
        public long TokenStride, HeadStride;
        public int Heads, Pairs;
        public float SinSign;

        public readonly void Run<TLanes>(long start, long end)
            where TLanes : struct, ILanes<TLanes>
        {
            for (long t = start; t < end; t++)
            {
                long row = (long)Positions[t] * Pairs;
                for (int head = 0; head < Heads; head++)
                {
                    float* x = X + t * TokenStride + head * HeadStride;
                    Traversal.Each<Rotate<TPairs>, TLanes>(
                        new Rotate<TPairs> { X = x, Pairs = Pairs, Cos = Cos + row, Sin = Sin + row, SinSign = SinSign }, 0, Pairs);
                }
            }
        }
    }

    struct Rotate<TPairs> : IElementOperator
        where TPairs : unmanaged, IPairs
    {
        public float* X, Cos, Sin;
        public int Pairs;
        public float SinSign;

        public readonly void At<TLanes>(long i)
            where TLanes : struct, ILanes<TLanes>
        {
            TLanes cos = TLanes.Load(Cos + i), sin = TLanes.Load(Sin + i) * TLanes.Create(SinSign);
            TPairs.Load(X, Pairs, i, out TLanes a, out TLanes b);
            TPairs.Store(X, Pairs, i, TLanes.MultiplyAdd(a, cos, -(b * sin)), TLanes.MultiplyAdd(b, cos, a * sin));
        }
    }

    /// <summary>Which elements of a head form pair i.</summary>
    interface IPairs
    {
        static abstract void Load<TLanes>(float* x, int pairs, long i, out TLanes a, out TLanes b)
            where TLanes : struct, ILanes<TLanes>;

        static abstract void Store<TLanes>(float* x, int pairs, long i, TLanes a, TLanes b)
            where TLanes : struct, ILanes<TLanes>;
    }

    readonly struct Neighbours : IPairs
    {
        public static void Load<TLanes>(float* x, int pairs, long i, out TLanes a, out TLanes b)
            where TLanes : struct, ILanes<TLanes>
            => TLanes.Deinterleave(TLanes.Load(x + 2 * i), TLanes.Load(x + 2 * i + TLanes.Count), out a, out b);

        public static void Store<TLanes>(float* x, int pairs, long i, TLanes a, TLanes b)
            where TLanes : struct, ILanes<TLanes>
        {
            TLanes.Interleave(a, b, out TLanes first, out TLanes second);
            first.Store(x + 2 * i);
            second.Store(x + 2 * i + TLanes.Count);
        }
    }

    readonly struct Halves : IPairs
    {
        public static void Load<TLanes>(float* x, int pairs, long i, out TLanes a, out TLanes b)
            where TLanes : struct, ILanes<TLanes>
        {
            a = TLanes.Load(x + i);
            b = TLanes.Load(x + i + pairs);
        }

        public static void Store<TLanes>(float* x, int pairs, long i, TLanes a, TLanes b)
            where TLanes : struct, ILanes<TLanes>
        {
            a.Store(x + i);
            b.Store(x + i + pairs);
        }
    }
}
