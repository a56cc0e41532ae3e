// A training on this machine: its step is the sum of its operators, measured now, each alone. Nothing is fitted to a measured step.
using Fathom.Models.Configs;
using Fathom.Planning.Hardware;
using Fathom.Planning.Training;

namespace Fathom.Planning.Here;

/// <summary>Plans training as `train` and `bench train` do it: FP32, on one machine, in passes of at most so many tokens.</summary>
public static class HereTraining
{
    /// <summary>Tokens of a pass, as `bench train` and the recipes have them, where sequences are not longer.</summary>
    public const int PassTokens = 4096;

    /// <summary>Tokens for each parameter where nobody says how many: about as many as make the best of the operations (Hoffmann et al., arXiv
    /// 2203.15556, table 3).</summary>
    public const int TokensPerParameter = 20;

    /// <summary>The passes of a step: as many whole sequences as fit, at least one.</summary>
    /// <param name="sequences">Sequences of a step.</param>
    /// <param name="length">Tokens of each.</param>
    /// <returns>Sequences of a full pass, full passes, and sequences of the last, shorter one.</returns>
    public static (int Full, int Passes, int Left) Split(int sequences, int length)
    {
        int full = Math.Clamp(PassTokens / length, 1, sequences);
        return (full, sequences / full, sequences % full);
    }

    /// <summary>Plans a training.</summary>
    /// <param name="name">What is trained.</param>
    /// <param name="config">The model.</param>
    /// <param name="given">Tokens to train on; null: <see cref="TokensPerParameter"/> for each parameter.</param>
    /// <param name="sequences">Sequences of a step.</param>
    /// <param name="length">Tokens of each.</param>
    /// <param name="device">This machine.</param>
    /// <param name="threads">Threads that run.</param>
    /// <param name="runtime">Memory of the process without model.</param>
    /// <exception cref="PlanException">The model's training does not fit into the machine's memory; the message has both sizes.</exception>
    public static StagePlan Plan(string name, ModelConfig config, long? given, int sequences, int length, Device device, int threads, Figure runtime)
    {
        ModelWork work = new(config);
        long tokens = given ?? checked(TokensPerParameter * work.Parameters);
        (int full, int passes, int left) = Split(sequences, length);
        TrainingPass pass = new(config, full, length);
        IReadOnlyList<Figure> memory = HereMemory.OfTraining(config, pass, runtime);
        double held = memory.Sum(part => part.Value);
        if (held > device.MemoryBytes.Value)
            throw new PlanException(FormattableString.Invariant($"training {name} in passes of {pass.Tokens} tokens would hold {held / 1e9:0.0} GB; this machine has {device.MemoryBytes.Value / 1e9:0.0} GB. The greatest part is {memory.MaxBy(part => part.Value)!.Name}."));
        (IReadOnlyList<OperatorTime> times, int rounds) = OperatorTrials.Measure(pass);
        double share = passes + left / (double)full, steps = tokens / ((double)sequences * length);
        double update = UpdateTrial.Measure(HereMemory.ParameterFloats(config));
        List<Figure> parts = [];
        double step = update;
        foreach (IGrouping<PassPart, OperatorTime> part in times.GroupBy(time => time.Operator.Part).OrderBy(group => group.Key))
        {
            double seconds = part.Sum(time => time.Seconds) * share;
            step += seconds;
            string operators = string.Join("; ", part.Select(Describe));
            parts.Add(new(NameOf(part.Key), seconds * steps / 3600, "h", FormattableString.Invariant(
                $"{steps:0.#} steps, {seconds:G4} s each: {share:0.##} passes of {pass.Tokens} tokens; measured now on {threads} threads, each operator alone, medians of {rounds} rounds; ms forward + backward x uses in a pass: {operators}")));
        }
        parts.Add(new("update", update * steps / 3600, "h", FormattableString.Invariant($"{steps:0.#} steps, {update:G4} s each: gradients set to zero, their norm, AdamW; measured now on {threads} threads")));
        double flops = 3.0 * sequences * length * work.ForwardFlopsPerToken(length);
        return new("pre-training", "pretrain", device, 1, FormattableString.Invariant($"FP32, {sequences} sequences of {length} tokens per step, {share:0.##} passes of {pass.Tokens} tokens, {threads} threads"), memory, parts, step, null)
        {
            Inputs =
            [
                new("tokens", tokens, "tokens", given is null ? FormattableString.Invariant($"{TokensPerParameter} for each of {work.Parameters} parameters, as is best for the operations spent (arXiv 2203.15556, table 3); --tokens gives another number") : "given"),
                new("sequences per step", sequences, "", "given, or as `bench train` has them"),
                new("tokens per sequence", length, "tokens", "given, or as `bench train` has them"),
                new("tokens of a pass", pass.Tokens, "tokens", FormattableString.Invariant($"as many whole sequences as fit into {PassTokens} tokens, at least one: as `bench train` and the recipes do it")),
                new("threads", threads, "", "one per processor, or as --threads says"),
            ],
            Utilisation = flops / step / device.Rate(Precision.Bf16),
        };
    }

    static string Describe(OperatorTime time) => FormattableString.Invariant(
        $"{time.Operator.Name} ({time.Operator.Sizes}) {time.Forward * 1e3:0.###} + {time.Backward * 1e3:0.###} x {time.Operator.Uses}{(time.Scale > 1 ? FormattableString.Invariant($" (from {time.Rows} rows x {time.Scale:0.##})") : "")}");

    static string NameOf(PassPart part) => part switch
    {
        PassPart.MatrixProducts => "matrix products",
        PassPart.Experts => "routed experts",
        PassPart.Attention => "attention",
        PassPart.Elementwise => "element-wise kernels",
        _ => "head and loss",
    };
}
