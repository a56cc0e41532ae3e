// The notation in which schedules are written: a rank's steps, micro-batches counted by themselves.

namespace Fathom.Planning.Schedules;

/// <summary>
/// Collects the steps of one rank. Every stage of the rank takes its micro-batches in order, so a step names only the stage; deferred weight
/// gradients are done first in, first out.
/// </summary>
sealed class RankProgram(int stages)
{
    readonly List<ScheduleStep> _steps = [];
    readonly int[] _forward = new int[stages], _backward = new int[stages];
    readonly List<MicroBatch> _deferred = []; // at most about as many as there are ranks


    /// <summary>The numbered part of the schedule that the next steps belong to.</summary>
    public int Part { get; set; } = 1;

    /// <summary>The steps so far.</summary>
    public IReadOnlyList<ScheduleStep> Steps => _steps;

    /// <summary>Input gradients whose weight gradients are not done yet.</summary>
    public int Deferred => _deferred.Count;

    /// <summary>F.</summary>
    public void Forward(int stage) => Add(Operation.Forward, new(stage, _forward[stage]++));

    /// <summary>B.</summary>
    public void Backward(int stage) => Add(Operation.Backward, new(stage, _backward[stage]++));

    /// <summary>Bi; its W waits.</summary>
    public void InputBackward(int stage)
    {
        MicroBatch work = new(stage, _backward[stage]++);
        _deferred.Add(work);
        Add(Operation.InputBackward, work);
    }

    /// <summary>B, or Bi where the weight gradient is <paramref name="split"/> off.</summary>
    public void Backward(int stage, bool split)
    {
        if (split)
            InputBackward(stage);
        else
            Backward(stage);
    }

    /// <summary>W of the longest waiting Bi.</summary>
    public void WeightGradient() => WeightGradientAt(0);

    /// <summary>W of the longest waiting Bi of a stage.</summary>
    public void WeightGradient(int stage) => WeightGradientAt(_deferred.FindIndex(work => work.Direction == stage));

    /// <summary>F&amp;B.</summary>
    public void Overlapped(int forward, int backward) =>
        _steps.Add(new(Operation.Overlapped, new(forward, _forward[forward]++), new(backward, _backward[backward]++), Part));

    void WeightGradientAt(int index)
    {
        Add(Operation.WeightGradient, _deferred[index]);
        _deferred.RemoveAt(index);
    }

    void Add(Operation operation, MicroBatch work) => _steps.Add(new(operation, work, work, Part));
}
