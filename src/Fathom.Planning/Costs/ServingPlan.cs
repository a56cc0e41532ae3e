// Throughput of a node that serves, from first principles: what each step computes, reads from memory and sends.
// Left out: scheduling gaps, imbalance of experts and the host. They are in the load that a plan allows itself.

using Fathom.Models.Checkpoints;
using Fathom.Models.Configs;
using Fathom.Models.Counts;
using Fathom.Planning.Hardware;

namespace Fathom.Planning.Costs;

/// <summary>A part of the time of a step.</summary>
/// <param name="Name">What it does.</param>
/// <param name="Seconds">Time.</param>
/// <param name="Bound">What bounds it: arithmetic, memory or network.</param>
public sealed record ServingPart(string Name, double Seconds, string Bound);

/// <summary>Throughput of one of the two phases.</summary>
/// <param name="TokensPerSecond">Of a node.</param>
/// <param name="Batch">Sequences in a device's step, or prompt tokens where it reads.</param>
/// <param name="StepSeconds">Time of a step: the exchange of one half of the batch runs while the other half computes.</param>
/// <param name="Parts">Parts of the step; exchange and the rest run side by side.</param>
/// <param name="ExpertsPerDevice">Routed experts on a device, redundant ones included.</param>
/// <param name="WeightBytes">Weights of a device that a step reads.</param>
/// <param name="BoundBy">What the batch was bounded by.</param>
public sealed record ServingThroughput(double TokensPerSecond, int Batch, double StepSeconds, IReadOnlyList<ServingPart> Parts, int ExpertsPerDevice, long WeightBytes, string BoundBy);

/// <summary>A model on a device: cache and throughput. Weights and dispatch in FP8 where the device has it, else BF16; attention, cache and combine in BF16.</summary>
public sealed class ServingPlan
{
    const int CacheElementBytes = 2, CombineBytes = 2;

    // A prefill step large enough that products are bound by arithmetic; the mean over it hardly depends on more.
    const int PrefillTokens = 8192;

    readonly ModelConfig _config;
    readonly ModelCounts _counts;
    readonly Device _device;
    readonly ServingLayout _layout;
    readonly long _routed, _headBytes;

    /// <summary>Plans a model on a device.</summary>
    /// <exception cref="PlanException">The layout holds fewer experts than devices, or the model does not fit.</exception>
    public ServingPlan(ModelConfig config, Device device, ServingLayout layout)
    {
        (_config, _counts, _device, _layout) = (config, new ModelCounts(config), device, layout);
        _routed = TensorNames.Of(config).Where(tensor => tensor.Role == TensorRole.RoutedExpert && tensor.Layer < config.LayerCount).Sum(tensor => tensor.ElementCount);
        _headBytes = 2 * Math.Max(_counts.HeadParameters, config.TieWordEmbeddings ? _counts.EmbeddingParameters : 0);
    }

    /// <summary>Bytes of a token in the cache as the model has it.</summary>
    public long CacheBytesPerToken => _counts.CacheElementsPerToken * CacheElementBytes;

    /// <summary>Bytes of a token with the cache of grouped-query attention in 8 groups of the model's head size.</summary>
    public long GroupedCacheBytesPerToken => 2L * _config.LayerCount * Math.Min(8, _config.HeadCount) * _config.Attention.ValueHeadDim * CacheElementBytes;

    /// <summary>Bytes of a token if every head had its own keys and values.</summary>
    public long FullCacheBytesPerToken => _counts.FullAttentionCacheElementsPerToken * CacheElementBytes;

    double Fp8OrBf16 => _device.Rates.ContainsKey(Precision.Fp8) ? _device.Rate(Precision.Fp8) : _device.Rate(Precision.Bf16);

    int WeightElementBytes => _device.Rates.ContainsKey(Precision.Fp8) ? 1 : 2;

    /// <summary>Throughput of reading prompts.</summary>
    /// <param name="context">Tokens that a token attends to, mean.</param>
    public ServingThroughput Prefill(double context)
    {
        (int experts, long weights) = Share(_layout.Prefill);
        Require(weights, "prefill");
        double attention = AttentionFlops(context, expanded: true) * PrefillTokens / (_device.Rate(Precision.Bf16) * ServingEfficiency.Attention.Value);
        ServingPart[] parts =
        [
            Roofline("products", 2.0 * _counts.MatrixParametersPerToken * PrefillTokens / (Fp8OrBf16 * ServingEfficiency.Products.Value), weights),
            new("attention", attention, "arithmetic"),
            Exchange(PrefillTokens, _layout.Prefill.Nodes, forwarded: true),
        ];
        double step = Step(parts);
        return new(PrefillTokens / step * _device.DevicesPerNode, PrefillTokens, step, parts, experts, weights, "arithmetic");
    }

    /// <summary>Throughput of writing: the greatest batch that fits in memory and keeps the speed.</summary>
    /// <param name="context">Tokens in a sequence's cache, mean.</param>
    /// <param name="speed">Least tokens/s of a sequence.</param>
    /// <exception cref="PlanException">Not even one sequence reaches the speed, or fits.</exception>
    public ServingThroughput Decode(double context, double speed)
    {
        (int experts, long weights) = Share(_layout.Decode);
        double left = Require(weights, "decode");
        int fits = (int)Math.Min(left / (CacheBytesPerToken * context), 1 << 16);
        if (fits < 1)
            throw new PlanException(FormattableString.Invariant($"a cache of {context} tokens takes {CacheBytesPerToken * context / 1e9:0.0} GB and {left / 1e9:0.0} GB are left on a {_device.Title}; a shorter context or more nodes would do."));
        if (1 / Step(DecodeParts(1, context, weights)) is var fastest && fastest < speed)
            throw new PlanException(FormattableString.Invariant($"one sequence alone reaches {fastest:0.0} tokens/s on {_device.Title} at a context of {context}, and {speed} were asked; at most {fastest:0.0} is allowed."));
        // The step's time grows with the batch, so the greatest batch is found by halving.
        int low = 1, high = fits;
        while (low < high)
        {
            int middle = (low + high + 1) / 2;
            if (1 / Step(DecodeParts(middle, context, weights)) >= speed)
                low = middle;
            else
                high = middle - 1;
        }
        IReadOnlyList<ServingPart> parts = DecodeParts(low, context, weights);
        double step = Step(parts);
        return new(low / step * _device.DevicesPerNode, low, step, parts, experts, weights, low == fits ? "memory for the cache" : "speed of a sequence");
    }

    ServingPart[] DecodeParts(int batch, double context, long weights) =>
    [
        Roofline("products", 2.0 * _counts.MatrixParametersPerToken * batch / (Fp8OrBf16 * ServingEfficiency.Products.Value), weights),
        Roofline("attention", AttentionFlops(context, expanded: false) * batch / (_device.Rate(Precision.Bf16) * ServingEfficiency.Attention.Value), CacheBytesPerToken * context * batch),
        Exchange(batch, _layout.Decode.Nodes, forwarded: false),
    ];

    // Products and attention use the same units one after the other; the exchange runs beside them.
    static double Step(IReadOnlyList<ServingPart> parts) => Math.Max(parts[0].Seconds + parts[1].Seconds, parts[2].Seconds);

    ServingPart Roofline(string name, double arithmetic, double bytes) =>
        bytes / (_device.MemoryBandwidth.Value * ServingEfficiency.Memory.Value) is var memory && memory > arithmetic ? new(name, memory, "memory") : new(name, arithmetic, "arithmetic");

    // A token goes in the products' format to its experts' devices and comes back in BF16. Reading, it crosses to a node once and is forwarded there;
    // writing, it goes to each device by itself. What stays in the node is not sent: on average one share in as many as there are nodes.
    ServingPart Exchange(double tokens, int nodes, bool forwarded)
    {
        if (_config.Experts is not { } experts)
            return new("exchange", 0, "network");
        double copies = forwarded ? Math.Min(experts.ExpertsPerToken, Math.Min(nodes, experts.ExpertGroupCount > 1 ? experts.GroupsPerToken : nodes)) : experts.ExpertsPerToken;
        double bytes = tokens * copies * (nodes - 1) / nodes * _config.HiddenSize * (WeightElementBytes + CombineBytes) * (_config.LayerCount - experts.FirstDenseLayerCount);
        return new("exchange", bytes / (_device.NetworkBandwidth.Value * ServingEfficiency.Network.Value), "network");
    }

    double AttentionFlops(double context, bool expanded) => (expanded ? _counts.ForwardFlopsPerToken(context) : _counts.DecodeFlopsPerToken(context)) - 2.0 * _counts.MatrixParametersPerToken;

    // What a step reads: everything but routed experts is on every device. The embedding is in memory too, but only looked up.
    (int Experts, long Bytes) Share(ServingUnit unit)
    {
        int devices = checked(unit.Nodes * _device.DevicesPerNode);
        long rest = (_counts.Parameters - _routed - _counts.EmbeddingParameters - _counts.HeadParameters) * WeightElementBytes + _headBytes;
        if (_config.Experts is not { } experts)
            return (0, rest);
        int all = experts.RoutedExpertCount + unit.RedundantExperts, each = (all + devices - 1) / devices;
        if (all % devices != 0)
        {
            throw new PlanException($"{experts.RoutedExpertCount} experts and {unit.RedundantExperts} redundant ones do not divide over {devices} devices ({unit.Nodes} nodes of {_device.DevicesPerNode}); "
                + $"{each * devices - experts.RoutedExpertCount} redundant ones would.");
        }
        return (each, rest + _routed / experts.RoutedExpertCount * each * WeightElementBytes);
    }

    double Require(long weights, string phase) => _device.MemoryBytes.Value * ServingEfficiency.UsableMemory.Value - weights - 2 * _counts.EmbeddingParameters is var left && left > 0 ? left
        : throw new PlanException(FormattableString.Invariant($"{phase} puts {weights / 1e9:0.0} GB of weights on a {_device.Title} of {_device.MemoryBytes.Value / 1e9:0} GB, of which nine tenths are usable; more nodes in a unit, or a device with more memory, would do."));
}
