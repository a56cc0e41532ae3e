// Moves tokens to their experts and the results back: a stable sort by expert, a gather and a weighted sum. No token is dropped.
using System.Runtime.CompilerServices;

namespace Fathom.Numerics.Kernels;

/// <summary>
/// Slots are the T * k pairs (token, chosen expert), sorted by expert and, inside an expert, by token. Backward in Dispatch.Backward.cs.
/// </summary>
public static unsafe partial class Dispatch
{
    /// <summary>Sorts the pairs.</summary>
    /// <param name="expertIds">[T, k].</param>
    /// <param name="tokens">T.</param>
    /// <param name="expertsPerToken">k.</param>
    /// <param name="experts">E.</param>
    /// <param name="offsets">[E + 1]: expert e has slots offsets[e] to offsets[e + 1].</param>
    /// <param name="rows">[T * k]: the token of each slot.</param>
    /// <param name="slotOf">[T, k]: the slot of each pair.</param>
    public static void Build(int* expertIds, int tokens, int expertsPerToken, int experts, int* offsets, int* rows, int* slotOf)
    {
        int pairs = tokens * expertsPerToken;
        new Span<int>(offsets, experts + 1).Clear();
        for (int pair = 0; pair < pairs; pair++)
            offsets[expertIds[pair] + 1]++;
        for (int e = 0; e < experts; e++)
            offsets[e + 1] += offsets[e];
        // offsets[e] serves as the next free slot of e and so ends one place on, at the start of e + 1; it is moved back afterwards.
        for (int pair = 0; pair < pairs; pair++)
        {
            int slot = offsets[expertIds[pair]]++;
            rows[slot] = pair / expertsPerToken;
            slotOf[pair] = slot;
        }
        for (int e = experts; e > 0; e--)
            offsets[e] = offsets[e - 1];
        offsets[0] = 0;
    }

    /// <summary>xs[slot] = x[rows[slot]].</summary>
    /// <param name="x">[T, H], rows <paramref name="ldx"/> floats apart.</param>
    /// <param name="ldx">Leading dimension of x.</param>
    /// <param name="rows">[slots].</param>
    /// <param name="xs">[slots, H].</param>
    /// <param name="slots">T * k.</param>
    /// <param name="width">H.</param>
    public static void Gather(float* x, int ldx, int* rows, float* xs, int slots, int width)
    {
        var action = new GatherRows { X = x, LdX = ldx, Rows = rows, Xs = xs, Width = width };
        Traversal.Run(slots, width, 1, ref action);
    }

    /// <summary>y[t] += the sum over j, in that order, of weights[t, j] * ys[slotOf[t, j]].</summary>
    /// <param name="ys">[slots, H].</param>
    /// <param name="slotOf">[T, k].</param>
    /// <param name="weights">[T, k].</param>
    /// <param name="y">[T, H], rows <paramref name="ldy"/> floats apart.</param>
    /// <param name="ldy">Leading dimension of y.</param>
    /// <param name="tokens">T.</param>
    /// <param name="expertsPerToken">k.</param>
    /// <param name="width">H.</param>
    public static void Combine(float* ys, int* slotOf, float* weights, float* y, int ldy, int tokens, int expertsPerToken, int width)
    {
        var action = new CombineRows { Ys = ys, SlotOf = slotOf, Weights = weights, Y = y, LdY = ldy, K = expertsPerToken, Width = width };
        Traversal.Run(tokens, (long)expertsPerToken * width, 1, ref action);
    }

    struct GatherRows : IRangeAction
    {
        public float* X, Xs;
        public int* Rows;
        public long LdX, Width;

        public readonly void Run<TLanes>(long start, long end)
            where TLanes : struct, ILanes<TLanes>
        {
            for (long slot = start; slot < end; slot++)
                Unsafe.CopyBlock(Xs + slot * Width, X + Rows[slot] * LdX, (uint)(Width * sizeof(float)));
        }
    }

    struct CombineRows : IRangeAction
    {
        public float* Ys, Weights, Y;
        public int* SlotOf;
        public long LdY, Width;
        public int K;

        public readonly void Run<TLanes>(long start, long end)
            where TLanes : struct, ILanes<TLanes>
        {
            for (long t = start; t < end; t++)
            {
                for (long pair = t * K; pair < (t + 1) * K; pair++)
                {
                    Traversal.Each<AddScaled, TLanes>(
                        new AddScaled { X = Ys + SlotOf[pair] * Width, Factor = Weights[pair], Y = Y + t * LdY }, 0, Width);
                }
            }
        }
    }

    struct AddScaled : IElementOperator
    {
        public float* X, Y;
        public float Factor;

        public readonly void At<TLanes>(long i)
            where TLanes : struct, ILanes<TLanes>
            => TLanes.MultiplyAdd(TLanes.Load(X + i), TLanes.Create(Factor), TLanes.Load(Y + i)).Store(Y + i);
    }
}
