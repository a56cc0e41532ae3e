// DualPipe (DeepSeek-V3 report, section 3.2.1; README of deepseek-ai/DualPipe) and DualPipeV, which is DualPipe cut in half.

namespace Fathom.Planning.Schedules;

/// <summary>
/// DualPipe feeds micro-batches from both ends of the pipeline. Rank r holds stage r of one copy of the model and the mirrored stage of a second
/// copy, so it always has a forward of one direction to pair with a backward of the other. Folding the ranks in the middle gives DualPipeV: the
/// mirrored ranks did the same work, so one of each pair is enough, and the model's second half comes back through the same ranks.
/// </summary>
static class DualPipe
{
    /// <summary>DualPipe's steps.</summary>
    public static IEnumerable<IReadOnlyList<ScheduleStep>> Ranks(int ranks, int microBatches) =>
        Enumerable.Range(0, ranks).Select(rank => Rank(Math.Min(rank, ranks - 1 - rank), rank >= ranks / 2, ranks / 2, microBatches / 2));

    /// <summary>DualPipeV's steps: those of the first half of a DualPipe with twice the ranks and micro-batches.</summary>
    public static IEnumerable<IReadOnlyList<ScheduleStep>> FoldedRanks(int ranks, int microBatches) =>
        Enumerable.Range(0, ranks).Select(rank => Rank(rank, false, ranks, microBatches));

    /// <summary>The steps of one rank.</summary>
    /// <param name="outside">Ranks between this one and the nearer end.</param>
    /// <param name="mirrored">Whether the rank is in the second half, where the near end is the last rank.</param>
    /// <param name="half">Half the pipeline's stages.</param>
    /// <param name="chunks">Micro-batches per direction, at least twice <paramref name="half"/>.</param>
    static IReadOnlyList<ScheduleStep> Rank(int outside, bool mirrored, int half, int chunks)
    {
        // 0 is the direction that enters at the near end, 1 the one that leaves there.
        int near = mirrored ? 1 : 0, far = 1 - near;
        int inside = half - 1 - outside; // ranks between this one and the middle
        RankProgram program = new(2);

        program.Part = 1; // the near direction fills the pipeline
        for (int i = 0; i < 2 * inside; i++)
            program.Forward(near);

        program.Part = 2; // both directions
        for (int i = 0; i <= outside; i++)
        {
            program.Forward(near);
            program.Forward(far);
        }

        program.Part = 3; // the first micro-batches of the far direction come back; W at once, for there is time
        for (int i = 0; i < inside; i++)
        {
            program.InputBackward(far);
            program.WeightGradient();
            program.Forward(far);
        }

        program.Part = 4; // the steady state: a forward of one direction with a backward of the other
        for (int i = 0; i < chunks - 2 * half + outside + 1; i++)
        {
            // At the middle the first pair has no partner to overlap with yet: apart, the backward's result leaves earlier.
            if (i == 0 && inside == 0)
            {
                program.Forward(near);
                program.Backward(far);
            }
            else
            {
                program.Overlapped(near, far);
            }
            program.Overlapped(far, near);
        }

        program.Part = 5; // the near direction has no more forwards
        for (int i = 0; i < inside; i++)
        {
            program.Backward(far);
            program.Overlapped(far, near);
        }

        program.Part = 6; // backwards alone; in the second half of them W waits, so that others get their input gradients sooner
        for (int i = 0; i < 2 * (outside + 1); i++)
            program.Backward(i % 2 == 0 ? far : near, split: i > outside);

        program.Part = 7; // the waiting W fill the time between the last backwards
        for (int i = 0; i < inside; i++)
        {
            program.WeightGradient();
            program.InputBackward(near);
        }

        program.Part = 8; // and the rest
        while (program.Deferred > 0)
            program.WeightGradient();
        return program.Steps;
    }
}
