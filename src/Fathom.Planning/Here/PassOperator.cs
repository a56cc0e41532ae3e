// An operator of a training pass as the planner sees it: how often it runs, what the tape keeps for it, and how to try it alone.
using Fathom.Numerics.Gradients;
using Fathom.Numerics.Tensors;

namespace Fathom.Planning.Here;

/// <summary>Which part of a plan an operator belongs to.</summary>
public enum PassPart
{
    /// <summary>Matrix products of all tokens.</summary>
    MatrixProducts,
    /// <summary>Router, routed experts, and the way there and back.</summary>
    Experts,
    /// <summary>Scores, softmax and weighted values.</summary>
    Attention,
    /// <summary>Norms, sums, rotation, gates, columns taken apart, embedding.</summary>
    Elementwise,
    /// <summary>The head with softmax and loss.</summary>
    Head,
}

/// <summary>One operator of a pass, forward and backward.</summary>
/// <param name="Name">What it computes.</param>
/// <param name="Part">Part of the plan.</param>
/// <param name="Uses">Times it runs in a pass.</param>
/// <param name="Rows">Rows it runs on: the pass's tokens, or fewer.</param>
public abstract record PassOperator(string Name, PassPart Part, int Uses, int Rows)
{
    /// <summary>
    /// Bytes that one use rents from the tape's scope until the pass ends: results, what the backward pass reads, and the gradients of those inputs
    /// that nobody gave one before.
    /// </summary>
    public abstract long Bytes { get; }

    /// <summary>Operations of the forward pass: the size by which trials are cut.</summary>
    public abstract double Work { get; }

    /// <summary>Sizes, as sources show them.</summary>
    public abstract string Sizes { get; }

    /// <summary>Sets the operator up for a trial.</summary>
    /// <param name="memory">Gives inputs and parameters.</param>
    /// <returns>Runs it forwards and returns the results that the backward pass gets gradients for.</returns>
    internal abstract Func<Tape, Tensor[]> Prepare(TrialMemory memory);

    /// <summary>The same operator on less, where it has more than <paramref name="work"/> operations, and by how much its time is to be multiplied.</summary>
    internal virtual (PassOperator Trial, double Scale) Within(double work)
    {
        int rows = Work <= work ? Rows : Math.Min(Rows, Math.Max(FewestRows, (int)(Rows * (work / Work))));
        return (this with { Rows = rows }, Rows / (double)rows);
    }

    /// <summary>Trials on fewer rows would show the fixed cost of a call instead of the cost of a row.</summary>
    protected const int FewestRows = 256;

    /// <summary>Bytes of a tensor in a scope, which rents whole cache lines.</summary>
    protected static long Rented(long rows, long columns) => Math.Max(64, checked((rows * columns * sizeof(float) + 63) & -64));
}
