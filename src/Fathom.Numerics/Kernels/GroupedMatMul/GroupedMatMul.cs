// Products of consecutive groups of rows, each with its own weight: the experts of a mixture.
// Leaves out routing and the gathering of rows; rows arrive sorted by group.
// Letters: rows r of all groups; n outputs and k inputs of every weight W[g]: [n, k] row-major, without gaps.

using Fathom.Numerics.Kernels.MatMul;

namespace Fathom.Numerics.Kernels.GroupedMatMul;

/// <summary>
/// One linear layer per group of rows: the forward product, its gradient to the input and its gradient to the weights.
/// Group g owns the rows offsets[g] up to offsets[g+1], exclusive; a group may be empty.
/// </summary>
/// <remarks>The order of arithmetic is that of <see cref="MatMul.MatMul"/>: the same bits as one call per group.</remarks>
public static unsafe class GroupedMatMul
{
    /// <summary>The implementation that calls take at present.</summary>
    public static Rung Chosen => MatMul.MatMul.Chosen;

    /// <summary>Y[r,n] (+)= X[r,k] · W[g]ᵀ for the rows r of each group g.</summary>
    /// <param name="x">[rows, k], rows <paramref name="ldx"/> apart.</param>
    /// <param name="ldx">At least k.</param>
    /// <param name="w">One pointer per group, each to [n, k] without gaps.</param>
    /// <param name="y">[rows, n], rows <paramref name="ldy"/> apart.</param>
    /// <param name="ldy">At least n.</param>
    /// <param name="offsets">[groups + 1], ascending: where each group's rows begin, and the end.</param>
    /// <param name="groups">Number of groups, 0 or more.</param>
    /// <param name="n">Outputs of each weight.</param>
    /// <param name="k">Inputs of each weight.</param>
    /// <param name="accumulate">Adds to Y instead of overwriting it.</param>
    public static void NT(
        float* x, int ldx, float** w, float* y, int ldy, int* offsets, int groups, int n, int k, bool accumulate)
        => Run(GroupedForm.Forward, x, ldx, w, y, ldy, offsets, groups, n, k, accumulate);

    /// <summary>dX[r,k] (+)= dY[r,n] · W[g] for the rows r of each group g.</summary>
    /// <param name="dy">[rows, n], rows <paramref name="lddy"/> apart.</param>
    /// <param name="lddy">At least n.</param>
    /// <param name="w">One pointer per group, each to [n, k] without gaps.</param>
    /// <param name="dx">[rows, k], rows <paramref name="lddx"/> apart.</param>
    /// <param name="lddx">At least k.</param>
    /// <param name="offsets">[groups + 1], ascending: where each group's rows begin, and the end.</param>
    /// <param name="groups">Number of groups, 0 or more.</param>
    /// <param name="n">Outputs of each weight.</param>
    /// <param name="k">Inputs of each weight.</param>
    /// <param name="accumulate">Adds to dX instead of overwriting it.</param>
    public static void NN(
        float* dy, int lddy, float** w, float* dx, int lddx, int* offsets, int groups, int n, int k, bool accumulate)
        => Run(GroupedForm.InputGradient, dx, lddx, w, dy, lddy, offsets, groups, n, k, accumulate);

    /// <summary>dW[g][n,k] (+)= dYᵀ[n,r] · X[r,k] over the rows r of each group g, in row order.</summary>
    /// <param name="dy">[rows, n], rows <paramref name="lddy"/> apart.</param>
    /// <param name="lddy">At least n.</param>
    /// <param name="x">[rows, k], rows <paramref name="ldx"/> apart.</param>
    /// <param name="ldx">At least k.</param>
    /// <param name="dw">One pointer per group, each to [n, k] without gaps.</param>
    /// <param name="offsets">[groups + 1], ascending: where each group's rows begin, and the end.</param>
    /// <param name="groups">Number of groups, 0 or more.</param>
    /// <param name="n">Outputs of each weight.</param>
    /// <param name="k">Inputs of each weight.</param>
    /// <param name="accumulate">Adds to dW instead of overwriting it; without, an empty group's dW becomes zero.</param>
    public static void TN(
        float* dy, int lddy, float* x, int ldx, float** dw, int* offsets, int groups, int n, int k, bool accumulate)
        => Run(GroupedForm.WeightGradient, x, ldx, dw, dy, lddy, offsets, groups, n, k, accumulate);

    static void Run(
        GroupedForm form, float* x, int ldx, float** w, float* y, int ldy, int* offsets, int groups, int n, int k, bool accumulate)
    {
        if (groups <= 0)
            return;
        switch (Chosen)
        {
            case Rung.Assembled: Run<TileAssembled<SingleMultiplyAdd>>(form, x, ldx, w, y, ldy, offsets, groups, n, k, accumulate); break;
            case Rung.Vector512: Run<TileVector512>(form, x, ldx, w, y, ldy, offsets, groups, n, k, accumulate); break;
            case Rung.Vector256: Run<TileVector256>(form, x, ldx, w, y, ldy, offsets, groups, n, k, accumulate); break;
            default: Run<TileScalar>(form, x, ldx, w, y, ldy, offsets, groups, n, k, accumulate); break;
        }
    }

    static void Run<TTile>(
        GroupedForm form, float* x, int ldx, float** w, float* y, int ldy, int* offsets, int groups, int n, int k, bool accumulate)
        where TTile : struct, ITile
        => new GroupedPartition<TTile>
        {
            Form = form,
            X = x,
            LdX = ldx,
            W = w,
            Y = y,
            LdY = ldy,
            Offsets = offsets,
            Groups = groups,
            N = n,
            K = k,
            Accumulate = accumulate,
        }.Run();
}
