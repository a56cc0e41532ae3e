// How long the operations of a pipeline take.

namespace Fathom.Planning.Schedules;

/// <summary>
/// Times of the operations on one micro-batch at one stage, in any one unit. B is the whole backward pass, W the part of it that computes
/// weight gradients: a Bi takes B - W. (Zero-bubble papers call that difference B.)
/// </summary>
/// <param name="Forward">F, at least 0.</param>
/// <param name="Backward">B, the full backward pass, at least W.</param>
/// <param name="Weight">W, at least 0.</param>
/// <param name="Overlapped">
/// F&amp;B, an overlapped pair: F + B where overlap gains nothing, and not less than the longer of the two.
/// </param>
/// <param name="Communication">Time from the end of a step to the start of the next stage's on another rank, at least 0; the sender does not wait.</param>
public sealed record StepTimes(double Forward, double Backward, double Weight, double Overlapped, double Communication = 0)
{
    /// <summary>F = 1, B = 2, W = 1, F&amp;B = 3: equal thirds, and no gain from overlap.</summary>
    public static StepTimes Units { get; } = new(1, 2, 1, 3);

    /// <summary>The time of an operation.</summary>
    public double Of(Operation operation) => operation switch
    {
        Operation.Forward => Forward,
        Operation.Backward => Backward,
        Operation.InputBackward => Backward - Weight,
        Operation.WeightGradient => Weight,
        _ => Overlapped,
    };

    /// <summary>The times of stages that are <paramref name="share"/> as long.</summary>
    public StepTimes Scaled(double share) => this with { Forward = Forward * share, Backward = Backward * share, Weight = Weight * share, Overlapped = Overlapped * share };

    /// <summary>The shortest of F, Bi and W that takes time.</summary>
    public double Shortest() => new[] { Forward, Backward - Weight, Weight }.Where(time => time > 0).Min();

    /// <summary>Refuses times that no machine could show.</summary>
    /// <exception cref="ScheduleException">A time is negative or no number, B is less than W, or F&amp;B less than F or B.</exception>
    public void Validate()
    {
        foreach ((string name, double time) in new[] { ("forward", Forward), ("backward", Backward), ("weight", Weight), ("overlapped", Overlapped), ("communication", Communication) })
        {
            if (!(time == 0 || time >= 1e-9 && time <= 1e12))
                throw new ScheduleException(FormattableString.Invariant($"the time of {name} is {time}; 0, or 1e-9 to 1e12, is allowed."));
        }
        if (Forward + Backward == 0)
            throw new ScheduleException("the times of forward and backward are both 0; one of them has to take time.");
        if (Weight > Backward)
            throw new ScheduleException(FormattableString.Invariant($"the weight gradient takes {Weight}, the whole backward pass {Backward}, of which it is a part; make the backward at least {Weight}."));
        if (Overlapped < Math.Max(Forward, Backward))
            throw new ScheduleException(FormattableString.Invariant($"an overlapped pair takes {Overlapped}, less than one of its halves; at least {Math.Max(Forward, Backward)} is possible, and {Forward + Backward} means no gain."));
    }
}
