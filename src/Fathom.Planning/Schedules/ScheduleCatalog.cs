// All schedules, from the oldest to the newest, with the bubbles of the table in deepseek-ai/DualPipe's README and of the papers.

using Fathom.Models.Configs;

namespace Fathom.Planning.Schedules;

/// <summary>The known schedules.</summary>
public static class ScheduleCatalog
{
    static readonly BubbleFormula s_unsplit = new("(PP-1)(F+B)", "always", (ranks, times) => (ranks - 1) * (times.Forward + times.Backward), (_, _, _) => true);

    static readonly BubbleFormula s_dualPipe = DualPipeBubble("(PP/2-1)(F&B+B-3W)", ranks => ranks / 2 - 1);

    /// <summary>Every schedule.</summary>
    public static IReadOnlyList<ScheduleKind> All { get; } =
    [
        new(
            "gpipe", "GPipe", "All forwards, then all backwards: simple, and the activations of every micro-batch are in memory at once.",
            "Huang et al. 2019 (arXiv 1811.06965)", 1, s_unsplit)
        {
            Refuse = (_, _) => null,
            Programs = (ranks, microBatches, _) => OneForwardOneBackward.AllForwardAllBackward(ranks, microBatches),
            Peak = (_, _, microBatches, _) => microBatches,
        },
        new(
            "1f1b", "1F1B", "One forward and one backward in turn: GPipe's bubble, but no more micro-batches in memory than stages to come.",
            "Narayanan et al. 2021 (arXiv 2006.09503); table in deepseek-ai/DualPipe's README", 1, s_unsplit)
        {
            Refuse = (_, _) => null,
            Programs = (ranks, microBatches, _) => OneForwardOneBackward.Ranks(ranks, microBatches, 1),
            Peak = (rank, ranks, microBatches, _) => Math.Min(microBatches, ranks - rank),
        },
        new(
            "interleaved", "Interleaved 1F1B", "1F1B with several shorter stages per rank: as many stages of bubble, each of them shorter, for more memory and communication.",
            "Narayanan et al. 2021 (arXiv 2104.04473)", 1, s_unsplit)
        {
            ChoosesStages = true,
            Refuse = (ranks, microBatches) => microBatches % ranks == 0
                ? null
                : $"goes in rounds of one micro-batch per rank; {microBatches} micro-batches are no multiple of {ranks}; {(microBatches / ranks + 1) * (long)ranks} would do.",
            Programs = OneForwardOneBackward.Ranks,
            Peak = (rank, ranks, microBatches, stages) => Math.Min(microBatches * stages, (stages == 1 ? 1 : 2) * (ranks - 1 - rank) + (stages - 1) * ranks + 1),
        },
        new(
            "zb1p", "ZB1P (ZB-H1)", "1F1B with the weight gradients split off: they fill the wait for the last backwards.",
            "Qi et al. 2023 (arXiv 2401.10241); table in deepseek-ai/DualPipe's README", 1,
            new(
                "(PP-1)(F+B-2W)", "W <= F, 2W <= B, and at least PP micro-batches", (ranks, times) => (ranks - 1) * (times.Forward + times.Backward - 2 * times.Weight),
                (ranks, microBatches, times) => AtMost(times.Weight, times.Forward) && AtMost(2 * times.Weight, times.Backward) && microBatches >= ranks))
        {
            Refuse = (_, _) => null,
            Programs = (ranks, microBatches, _) => ZeroBubble.OnePass(ranks, microBatches),
            Peak = (_, ranks, microBatches, _) => Math.Min(ranks, microBatches),
        },
        new(
            "zbv", "ZBV", "Two stages per rank in a V, and split backwards: no rank waits between its first and last step, only for the others to begin and end.",
            "Qi et al. 2024 (arXiv 2405.15362)", 1,
            new(
                "(PP-1)F", "F = B-W = W; published as none, for it is all before a rank's first and behind its last step",
                (ranks, times) => (ranks - 1) * times.Forward, (_, _, times) => Equal(times.Forward, times.Weight) && Equal(times.Backward, 2 * times.Weight)))
        {
            StagesPerRank = 2,
            Refuse = (ranks, microBatches) => microBatches >= 2 * ranks - 1
                ? null
                : $"fills the pipeline with twice the ranks less one; {microBatches} micro-batches are too few for {ranks} ranks: at least {2 * ranks - 1}, or at most {(microBatches + 1) / 2} ranks.",
            Programs = (ranks, microBatches, _) => ZeroBubble.VShaped(ranks, microBatches),
            Peak = (_, ranks, _, _) => 2 * ranks,
        },
        new(
            "dualpipe", "DualPipe", "Micro-batches from both ends of the pipeline, two copies of the parameters, forwards overlapped with backwards.",
            "DeepSeek-V3 report (arXiv 2412.19437), section 3.2.1; deepseek-ai/DualPipe's README", 2, s_dualPipe)
        {
            StagesPerRank = 2,
            Refuse = (ranks, microBatches) => ranks % 2 != 0
                ? $"pairs every rank with its mirror image; {ranks} ranks are odd: {(ranks > 1 ? $"{ranks - 1} or " : "")}{ranks + 1} would do."
                : Enough(microBatches, 2 * ranks, ranks, 2 * (microBatches / 4)) ?? (microBatches % 2 != 0
                    ? $"sends half of the micro-batches each way; {microBatches} are odd: {(microBatches - 1 >= 2 * ranks ? $"{microBatches - 1} or " : "")}{microBatches + 1} would do."
                    : null),
            Programs = (ranks, microBatches, _) => DualPipe.Ranks(ranks, microBatches),
            Peak = (_, ranks, _, _) => ranks + 1,
        },
        new(
            "dualpipev", "DualPipeV", "DualPipe folded in the middle: one copy of the parameters, and two stages per rank in a V.",
            "deepseek-ai/DualPipe's README; Qi et al., DualPipe could be better without the Dual, 2025", 1, DualPipeBubble("(PP/2-1)(F&B+B-3W), PP = 2 x ranks", ranks => ranks - 1))
        {
            StagesPerRank = 2,
            Refuse = (ranks, microBatches) => Enough(microBatches, 2 * ranks, ranks, microBatches / 2),
            Programs = (ranks, microBatches, _) => DualPipe.FoldedRanks(ranks, microBatches),
            Peak = (_, ranks, _, _) => 2 * ranks + 1,
        },
    ];

    /// <summary>The schedule of that name.</summary>
    /// <exception cref="ScheduleException">There is none; the message has the nearest name and all of them.</exception>
    public static ScheduleKind Find(string name) => All.FirstOrDefault(kind => kind.Name == name)
        ?? throw new ScheduleException($"there is no schedule '{name}'; did you mean '{NearestName.Of(name, All.Select(kind => kind.Name))}'? Schedules: {string.Join(", ", All.Select(kind => kind.Name))}.");

    static BubbleFormula DualPipeBubble(string text, Func<int, int> steps) => new(
        text, "F = B-W, W <= F, F&B <= F+B; the bubble is that of the ranks that wait longest, those at the middle",
        (ranks, times) => steps(ranks) * (times.Overlapped + times.Backward - 3 * times.Weight),
        (_, _, times) => Equal(times.Forward + times.Weight, times.Backward) && AtMost(times.Weight, times.Forward) && AtMost(times.Overlapped, times.Forward + times.Backward));

    // 0.2 + 0.1 is meant to be 0.3.
    static bool Equal(double a, double b) => AtMost(a, b) && AtMost(b, a);

    static bool AtMost(double a, double b) => a <= b * (1 + 1e-12);

    static string? Enough(int microBatches, int least, int ranks, int mostRanks) => microBatches >= least
        ? null
        : $"fills the pipeline with twice as many micro-batches as ranks; {microBatches} are too few for {ranks} ranks: at least {least}{(mostRanks > 0 ? $", or at most {mostRanks} ranks" : "")}.";
}
