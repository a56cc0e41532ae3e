// The tape: records operations in the order they ran and runs their derivatives backwards. An operation is a node at the grain of a
// kernel; nodes, tensors and memory are recycled at Reset, so a steady-state step allocates nothing from the collector.
using Fathom.Numerics.Kernels;
using Fathom.Numerics.Tensors;

namespace Fathom.Numerics.Gradients;

/// <summary>One recorded operation with what its derivative needs.</summary>
public abstract class Node
{
    /// <summary>Adds to the gradients of the operation's activations, given the gradient of its result.</summary>
    public abstract void BackwardInput(Tape tape);

    /// <summary>Adds to the gradients of the operation's parameters; nothing for operations without any.</summary>
    public virtual void BackwardWeights(Tape tape)
    {
    }
}

/// <summary>
/// Where a forward pass runs: its memory and, while <see cref="Recording"/>, its history. The same operators serve training
/// (recording) and inference (not recording: results only).
/// </summary>
public sealed class Tape : IDisposable
{
    readonly List<Node> _nodes = [];
    readonly Dictionary<Type, NodePool> _pools = [];

    /// <summary>Memory of the activations and their gradients.</summary>
    public MemoryScope Scope { get; } = new();

    /// <summary>Whether operations are recorded for <see cref="Backward"/>.</summary>
    public bool Recording { get; set; }

    /// <summary>Where the inputs of linear maps are counted, or null.</summary>
    public InputStatistics? Statistics { get; set; }

    /// <summary>Operations recorded so far.</summary>
    public int Count => _nodes.Count;

    /// <summary>A recycled node of type <typeparamref name="TNode"/>, appended to the history.</summary>
    public TNode Record<TNode>()
        where TNode : Node, new()
    {
        if (!_pools.TryGetValue(typeof(TNode), out NodePool? pool))
            _pools[typeof(TNode)] = pool = new NodePool();
        if (pool.Used == pool.Nodes.Count)
            pool.Nodes.Add(new TNode());
        var node = (TNode)pool.Nodes[pool.Used++];
        _nodes.Add(node);
        return node;
    }

    /// <summary>
    /// Runs the derivatives of all recorded operations, last first. The gradient of the final result must stand in its
    /// <see cref="Tensor.Gradient"/>; results nobody used are passed over.
    /// </summary>
    /// <param name="deferWeights">
    /// Leaves the parameters' gradients out; <see cref="BackwardWeights"/> computes them later (the split that zero-bubble
    /// pipelines need, V3 section 3.2.1).
    /// </param>
    public void Backward(bool deferWeights = false)
    {
        for (int i = _nodes.Count - 1; i >= 0; i--)
        {
            Node node = _nodes[i];
            node.BackwardInput(this);
            if (!deferWeights)
                node.BackwardWeights(this);
        }
    }

    /// <summary>Runs the parameters' part of a <see cref="Backward"/> that deferred it.</summary>
    public void BackwardWeights()
    {
        for (int i = _nodes.Count - 1; i >= 0; i--)
            _nodes[i].BackwardWeights(this);
    }

    /// <summary>The tensor to which a gradient of <paramref name="tensor"/> is added.</summary>
    /// <param name="tensor">An activation or a parameter.</param>
    /// <param name="accumulate">False when nothing has been written yet and the caller must overwrite.</param>
    public Tensor GradientOf(Tensor tensor, out bool accumulate)
    {
        accumulate = tensor.Gradient is not null;
        return tensor.Gradient ??= Scope.RentLike(tensor);
    }

    /// <summary>Adds <paramref name="gradient"/>, which the caller must not change afterwards, to that of <paramref name="tensor"/>.</summary>
    public unsafe void AddGradient(Tensor tensor, Tensor gradient)
    {
        if (tensor.Gradient is null)
        {
            tensor.Gradient = Scope.RentLike(tensor);
            Elementwise.Copy(gradient.Data, gradient.Columns, tensor.Gradient.Data, gradient.Columns, gradient.Rows, gradient.Columns);
        }
        else
        {
            Elementwise.AddInPlace(gradient.Data, tensor.Gradient.Data, gradient.Length);
        }
    }

    /// <summary>Forgets the history and gives all memory back for the next step.</summary>
    public void Reset()
    {
        _nodes.Clear();
        foreach (NodePool pool in _pools.Values)
            pool.Used = 0;
        Scope.Reset();
    }

    /// <inheritdoc/>
    public void Dispose() => Scope.Dispose();

    sealed class NodePool
    {
        public readonly List<Node> Nodes = [];
        public int Used;
    }
}
