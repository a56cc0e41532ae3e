// The way of gradients through gather and weighted sum.
namespace Fathom.Numerics.Kernels;

public static unsafe partial class Dispatch
{
    /// <summary>dx[t] += the sum over j, in that order, of dxs[slotOf[t, j]].</summary>
    /// <param name="dxs">[slots, H].</param>
    /// <param name="slotOf">[T, k].</param>
    /// <param name="dx">[T, H], rows <paramref name="lddx"/> floats apart.</param>
    /// <param name="lddx">Leading dimension of dx.</param>
    /// <param name="tokens">T.</param>
    /// <param name="expertsPerToken">k.</param>
    /// <param name="width">H.</param>
    public static void GatherBackward(float* dxs, int* slotOf, float* dx, int lddx, int tokens, int expertsPerToken, int width)
    {
        var action = new ScatterRows { DXs = dxs, SlotOf = slotOf, DX = dx, LdDX = lddx, K = expertsPerToken, Width = width };
        Traversal.Run(tokens, (long)expertsPerToken * width, 1, ref action);
    }

    /// <summary>dys[slot] = weight * dy[t] and dWeights[t, j] = dot(dy[t], ys[slot]) for slot = slotOf[t, j]. dys may be ys.</summary>
    /// <param name="ys">[slots, H], as given to <see cref="Combine"/>.</param>
    /// <param name="slotOf">[T, k].</param>
    /// <param name="weights">[T, k].</param>
    /// <param name="dy">[T, H], rows <paramref name="lddy"/> floats apart.</param>
    /// <param name="lddy">Leading dimension of dy.</param>
    /// <param name="dys">[slots, H].</param>
    /// <param name="dWeights">[T, k].</param>
    /// <param name="tokens">T.</param>
    /// <param name="expertsPerToken">k.</param>
    /// <param name="width">H.</param>
    public static void CombineBackward(
        float* ys, int* slotOf, float* weights, float* dy, int lddy, float* dys, float* dWeights, int tokens, int expertsPerToken, int width)
    {
        var action = new CombineBackwardRows
        {
            Ys = ys,
            SlotOf = slotOf,
            Weights = weights,
            DY = dy,
            LdDY = lddy,
            DYs = dys,
            DWeights = dWeights,
            K = expertsPerToken,
            Width = width,
        };
        Traversal.Run(tokens, 2L * expertsPerToken * width, 1, ref action);
    }

    struct ScatterRows : IRangeAction
    {
        public float* DXs, DX;
        public int* SlotOf;
        public long LdDX, Width;
        public int K;

        public readonly void Run<TLanes>(long start, long end)
            where TLanes : struct, ILanes<TLanes>
        {
            for (long t = start; t < end; t++)
            {
                float* dx = DX + t * LdDX;
                for (long pair = t * K; pair < (t + 1) * K; pair++)
                    Traversal.Each<Elementwise.Sum, TLanes>(new Elementwise.Sum { X = dx, Y = DXs + SlotOf[pair] * Width, Z = dx }, 0, Width);
            }
        }
    }

    struct CombineBackwardRows : IRangeAction
    {
        public float* Ys, Weights, DY, DYs, DWeights;
        public int* SlotOf;
        public long LdDY, Width;
        public int K;

        public readonly void Run<TLanes>(long start, long end)
            where TLanes : struct, ILanes<TLanes>
        {
            for (long t = start; t < end; t++)
            {
                float* dy = DY + t * LdDY;
                for (long pair = t * K; pair < (t + 1) * K; pair++)
                {
                    long slot = SlotOf[pair] * Width;
                    DWeights[pair] = (float)Reduction.Sum<DotTerm, TLanes>(new DotTerm { X = dy, Y = Ys + slot }, Width);
                    Traversal.Each<Elementwise.Product, TLanes>(
                        new Elementwise.Product { X = dy, Factor = Weights[pair], Y = DYs + slot }, 0, Width);
                }
            }
        }
    }
}
