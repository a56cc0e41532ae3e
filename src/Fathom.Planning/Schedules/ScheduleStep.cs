// What a rank of a pipeline does, one step after the other. Notation of deepseek-ai/DualPipe: F forward, B full backward, Bi backward for
// the inputs alone, W the weight gradient that a Bi left for later, FB a forward and a backward that overlap.

namespace Fathom.Planning.Schedules;

/// <summary>What a step computes.</summary>
public enum Operation
{
    /// <summary>F: one stage's forward pass of one micro-batch.</summary>
    Forward,

    /// <summary>B: the full backward pass, input and weight gradients.</summary>
    Backward,

    /// <summary>Bi: the input gradients alone; the weight gradients wait for a <see cref="WeightGradient"/>.</summary>
    InputBackward,

    /// <summary>W: the weight gradients that an <see cref="InputBackward"/> left.</summary>
    WeightGradient,

    /// <summary>FB: a forward and a full backward of different micro-batches, the communication of one hidden behind the computation of the other.</summary>
    Overlapped,
}

/// <summary>A micro-batch at a rank.</summary>
/// <param name="Direction">
/// Which of the rank's stages: DualPipe: the direction, 0 from the first rank upwards, 1 from the last rank downwards; schedules with
/// several stages per rank: the stage, in the order in which a forward pass comes by; else 0.
/// </param>
/// <param name="Chunk">Number of the micro-batch within its route, from 0.</param>
public readonly record struct MicroBatch(int Direction, int Chunk);

/// <summary>A step of a rank.</summary>
/// <param name="Operation">What is computed.</param>
/// <param name="Work">The micro-batch; of an overlapped pair the one that goes forward.</param>
/// <param name="Paired">Of an overlapped pair the micro-batch that goes backward, else equal to <paramref name="Work"/>.</param>
/// <param name="Number">The schedule's numbered part (warm-up, main, ...) that the step belongs to, from 1.</param>
public readonly record struct ScheduleStep(Operation Operation, MicroBatch Work, MicroBatch Paired, int Number)
{
    /// <summary>Whether a forward pass ends with the step.</summary>
    public bool IsForward => Operation is Operation.Forward or Operation.Overlapped;

    /// <summary>Whether input gradients are there when the step ends.</summary>
    public bool IsBackward => Operation is Operation.Backward or Operation.InputBackward or Operation.Overlapped;

    /// <summary>Whether a micro-batch's activations can be dropped after the step: nothing of its backward pass is left to do.</summary>
    public bool FreesActivations => Operation is Operation.Backward or Operation.WeightGradient or Operation.Overlapped;

    /// <summary>The short name of an operation: F, B, Bi, W, FB.</summary>
    public static string NameOf(Operation operation) => operation switch
    {
        Operation.Forward => "F",
        Operation.Backward => "B",
        Operation.InputBackward => "Bi",
        Operation.WeightGradient => "W",
        _ => "FB",
    };
}
