// Schedules with whole backward passes: GPipe (Huang et al. 2019), 1F1B (PipeDream-Flush, Narayanan et al. 2021a) and its interleaved form
// (Megatron-LM, Narayanan et al. 2021b).

namespace Fathom.Planning.Schedules;

/// <summary>GPipe and 1F1B.</summary>
static class OneForwardOneBackward
{
    /// <summary>GPipe: all forwards, then all backwards, the micro-batches in the same order both times.</summary>
    public static IEnumerable<IReadOnlyList<ScheduleStep>> AllForwardAllBackward(int ranks, int microBatches) => Enumerable.Range(0, ranks).Select(_ =>
    {
        RankProgram program = new(1);
        for (int i = 0; i < microBatches; i++)
            program.Forward(0);
        program.Part = 2;
        for (int i = 0; i < microBatches; i++)
            program.Backward(0);
        return program.Steps;
    });

    /// <summary>
    /// 1F1B, interleaved where a rank holds several stages. Forwards go through the rank's stages in rounds of <paramref name="ranks"/>
    /// micro-batches; backwards do so in the opposite order of stages. A rank first does as many forwards as it takes until its first backward
    /// can have come back, then one forward and one backward in turn.
    /// </summary>
    /// <param name="ranks">Ranks.</param>
    /// <param name="microBatches">Micro-batches; a multiple of <paramref name="ranks"/> where there are several stages per rank.</param>
    /// <param name="stages">Stages per rank.</param>
    public static IEnumerable<IReadOnlyList<ScheduleStep>> Ranks(int ranks, int microBatches, int stages) => Enumerable.Range(0, ranks).Select(rank =>
    {
        RankProgram program = new(stages);
        int passes = microBatches * stages, behind = ranks - 1 - rank;
        int warmUp = Math.Min(passes, stages == 1 ? behind : 2 * behind + (stages - 1) * ranks);
        int StageOf(int pass) => pass / ranks % stages;

        int forward = 0, backward = 0;
        void Forward() => program.Forward(StageOf(forward++));
        void Backward() => program.Backward(stages - 1 - StageOf(backward++));

        while (forward < warmUp)
            Forward();
        program.Part = 2;
        while (forward < passes)
        {
            Forward();
            Backward();
        }
        program.Part = 3;
        while (backward < passes)
            Backward();
        return program.Steps;
    });
}
