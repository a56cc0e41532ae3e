// Schedules that split the backward pass (Qi et al., Zero Bubble Pipeline Parallelism, arXiv 2401.10241; Pipeline Parallelism with Controllable
// Memory, arXiv 2405.15362).

namespace Fathom.Planning.Schedules;

/// <summary>ZB-H1 and ZBV.</summary>
static class ZeroBubble
{
    /// <summary>
    /// ZB-H1, in the comparison table of DualPipe called ZB1P: 1F1B with the weight gradients split off. Rank r holds r of them back, which fill
    /// the wait for the last backwards, and keeps no more micro-batches in memory than 1F1B's first rank.
    /// </summary>
    public static IEnumerable<IReadOnlyList<ScheduleStep>> OnePass(int ranks, int microBatches) => Enumerable.Range(0, ranks).Select(rank =>
    {
        RankProgram program = new(1);
        int forward = 0;
        while (forward < Math.Min(microBatches, ranks - 1 - rank))
        {
            program.Forward(0);
            forward++;
        }
        for (int backward = 0; backward < microBatches; backward++)
        {
            program.Part = forward < microBatches ? 2 : 3;
            if (forward++ < microBatches)
                program.Forward(0);
            program.InputBackward(0);
            if (program.Deferred > rank)
                program.WeightGradient();
        }
        program.Part = 4;
        while (program.Deferred > 0)
            program.WeightGradient();
        return program.Steps;
    });

    /// <summary>
    /// ZBV: rank r holds stages r and 2 ranks - 1 - r, so the forward pass turns round at the last rank and ends where it began, and the first
    /// rank can begin with backwards at once. With F = Bi = W no rank waits between its first step and its last.
    /// </summary>
    public static IEnumerable<IReadOnlyList<ScheduleStep>> VShaped(int ranks, int microBatches) => Enumerable.Range(0, ranks).Select(rank =>
    {
        RankProgram program = new(2);
        int down = 0, back = 0, after = ranks - rank; // micro-batches forwarded on each leg; ranks from here to the turn
        void Down() { program.Forward(0); down++; }
        void Back() { program.Forward(1); back++; }
        void Backward(int stage) { program.InputBackward(stage); program.WeightGradient(stage); }

        for (int i = 0; i < 2 * after - 1; i++)
            Down();
        program.Part = 2;
        for (int i = 0; i < rank; i++)
        {
            Back();
            Down();
        }
        program.Part = 3;
        for (int i = 0; i < after; i++)
        {
            Back();
            Backward(1);
        }
        program.Part = 4;
        while (back < microBatches)
        {
            if (down < microBatches)
                Down();
            Backward(0);
            Back();
            Backward(1);
        }
        // The last input gradients: those on which others wait come first, the weight gradients fill what is left.
        program.Part = 5;
        for (int i = 0; i < rank; i++)
        {
            program.InputBackward(0);
            program.InputBackward(1);
        }
        program.Part = 6;
        for (int i = 0; i < after; i++)
            Backward(0);
        program.Part = 7;
        for (int i = 0; i < rank; i++)
            program.WeightGradient(1);
        for (int i = 0; i < rank; i++)
            program.WeightGradient(0);
        return program.Steps;
    });
}
