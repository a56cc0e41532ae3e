// What a forward pass did inside, for those who compare or count: verification, expert load, tests.
using Fathom.Numerics.Gradients;
using Fathom.Numerics.Tensors;

namespace Fathom.Models.Layers;

/// <summary>Collects the residual stream after each layer and each router's decisions. Valid until the tape is reset.</summary>
public sealed class ForwardTrace
{
    /// <summary>[T, H] each: the embeddings, then the output of each decoder layer.</summary>
    public List<Tensor> Hidden { get; } = [];

    /// <summary>Router decisions by layer index.</summary>
    public SortedDictionary<int, Routing> Routing { get; } = [];
}
