// Published trainings as inputs of the planner, each with what was published about its hours.

using Fathom.Models.Configs;
using Fathom.Planning.Hardware;

namespace Fathom.Planning.Training;

/// <summary>Published trainings by name.</summary>
public static class TrainingPresets
{
    const string V3 = "DeepSeek-V3 report (arXiv 2412.19437), Table 1", R1 = "DeepSeek-R1, version 2 (arXiv 2501.12948v2), Table 7 and appendix B.4.4", V2 = "DeepSeek-V2 report (arXiv 2405.04434), section 3.2.3";

    static readonly TrainingLayout s_v3 = new() { Pipeline = 16, Expert = 64, Schedule = "dualpipe" };

    static readonly Dictionary<string, Func<TrainingPlan>> s_all = new()
    {
        ["deepseek-v3"] = () => Plan("deepseek-v3", "h800",
            StagePlan.Of(PreTraining("deepseek-v3")),
            // How long sequences were divided is not published; tensor parallelism stands for it.
            StagePlan.Of(V3Base("context extension to 32K", 1000L * 1920 * 32768, 32768, 1920) with { Layout = s_v3 with { Tensor = 8 } }, "extend-context"),
            StagePlan.Of(V3Base("context extension to 128K", 1000L * 480 * 131072, 131072, 480) with
            {
                Layout = s_v3 with { Tensor = 8, Schedule = "zb1p", Recomputation = Recomputation.Full },
            }, "extend-context"),
            // 1.5M instances (section 5.1), two epochs, assumed to have 1,000 tokens each.
            StagePlan.Of(V3Base("supervised fine-tuning", 2L * 1_500_000 * 1000, 4096, 15360) with { Published = Hours(5_000, V3 + " (post-training)") }, "sft")),
        ["deepseek-v2"] = () => Plan("deepseek-v2", "h800", StagePlan.Of(PreTraining("deepseek-v2"))),
        ["deepseek-67b"] = () => Plan("deepseek-67b", "h800", StagePlan.Of(PreTraining("deepseek-67b"))),
        ["llama-3.1-405b"] = () => Plan("llama-3.1-405b", "h100", StagePlan.Of(PreTraining("llama-3.1-405b"))),
        ["r1-zero"] = () => Plan("r1-zero", "h800", Zero("reinforcement learning",
            [
                new(8200, 32768, 6500, "limit and steps: " + R1 + "; mean length read off its Figure 1: from under 1,000 to about 12,000 tokens"),
                new(2200, 65536, 16000, "limit and steps: " + R1 + "; mean length read off its Figure 1: about 15,000 to 17,500 tokens"),
            ], Hours(101_000, R1)).Plan()),
        ["r1"] = () => Plan("r1", "h800",
            // Cold start: "thousands" of samples; assumed 5,000 of 5,000 tokens, two epochs.
            StagePlan.Of(R1Training("cold-start fine-tuning", 2L * 5000 * 5000), "sft"),
            Zero("reinforcement learning, first stage", [new(2500, 32768, 8000, Figure.AssumptionMark + "2,500 steps (not published), 8,000 tokens on average")], null).Plan(),
            StagePlan.Of(R1Training("fine-tuning on 800K samples", 2L * 804_745 * 5355), "sft"),
            Zero("reinforcement learning, second stage", [new(1700, 32768, 8000, "1,700 steps: DeepSeek-R1, version 2, section 3.2.3; 8,000 tokens on average is an assumption")], null).Plan()),
        // 1,000 samples of about 4,700 tokens, five epochs, batches of 16 (s1, arXiv 2501.19393, section 4.1 and appendix).
        ["s1"] = () => Plan("s1", "h100", StagePlan.Of(new TrainingRun("supervised fine-tuning", new(Presets.DistillQwen32B), 5L * 1000 * 4700, 4700, 16, Device.Find("h100"), 16,
            new() { ZeroStage = 3, Recomputation = Recomputation.Full }, Precision.Bf16)
        { Published = Hours(7, "s1 (arXiv 2501.19393), section 4.1: 26 minutes on 16 H100") }, "sft")),
    };

    /// <summary>Names of all presets.</summary>
    public static IReadOnlyCollection<string> Names => s_all.Keys;

    /// <summary>Plans a preset.</summary>
    /// <exception cref="PlanException">There is none of that name; the message has the nearest and all of them.</exception>
    public static TrainingPlan Plan(string name) => s_all.TryGetValue(name, out Func<TrainingPlan>? plan)
        ? plan()
        : throw new PlanException($"there is no training '{name}' to plan; did you mean '{NearestName.Of(name, s_all.Keys)}'? Presets: {string.Join(", ", s_all.Keys)}.");

    static readonly Dictionary<string, Func<TrainingRun>> s_preTrainings = new()
    {
        ["deepseek-v3"] = () => V3Base("pre-training", 14_800_000_000_000, 4096, 15360) with { Published = Hours(2_664_000, V3) },
        // Devices are not published for this and the next; the layout of 67B is an assumption.
        ["deepseek-v2"] = () => new TrainingRun("pre-training", new(Presets.DeepSeekV2), 8_100_000_000_000, 4096, 9216, Device.Find("h800"), 2048,
            new() { Pipeline = 16, Expert = 8, Schedule = "zb1p" }, Precision.Bf16)
        { Published = Hours(172_800 * 8.1, V2 + ": 172.8K hours per trillion tokens, x 8.1") },
        ["deepseek-67b"] = () => new TrainingRun("pre-training", new(PlannedModels.DeepSeek67B), 2_000_000_000_000, 4096, 4608, Device.Find("h800"), 512,
            new() { Pipeline = 8, Tensor = 2 }, Precision.Bf16)
        { Published = Hours(300_600 * 2, V2 + ": 300.6K hours per trillion tokens, x 2") },
        ["llama-3.1-405b"] = () => new TrainingRun("pre-training", new(PlannedModels.Llama405B), 15_600_000_000_000, 8192, 2048, Device.Find("h100"), 16384,
            new() { Pipeline = 16, Tensor = 8, Schedule = "interleaved", StagesPerRank = 8, ZeroStage = 2 }, Precision.Bf16)
        { Published = Hours(30_840_000, "Llama 3.1 model card (meta-llama/Llama-3.1-405B)") },
    };

    /// <summary>The pre-training of a preset.</summary>
    /// <exception cref="PlanException">There is no preset of that name with a pre-training.</exception>
    public static TrainingRun PreTraining(string name) => s_preTrainings.TryGetValue(name, out Func<TrainingRun>? run)
        ? run()
        : throw new PlanException($"'{name}' has no pre-training to plan; these have: {string.Join(", ", s_preTrainings.Keys)}.");

    /// <summary>V3's pre-training, whose parts tests vary.</summary>
    public static TrainingRun V3Base(string name, long tokens, int length, int batch) =>
        new(name, s_v3Work.Value, tokens, length, batch, Device.Find("h800"), 2048, s_v3, Precision.Fp8) { MomentBytes = 2 };

    static readonly Lazy<ModelWork> s_v3Work = new(() => new(Presets.DeepSeekV3));

    static ReinforcementRun Zero(string name, IReadOnlyList<RolloutPhase> phases, Figure? published) =>
        // Policy update with one reference pass; 512 answers per update, 8,192 generated at once (appendix B.4.4).
        new(name, R1Training(name, 1) with { ExtraForwards = 1 }, phases, 512, 8192) { Published = published };

    // 64 nodes of 8; 512 answers of 8,500 tokens fill 128 rows of 32,768. The layout is not published, but for DualPipe.
    static TrainingRun R1Training(string name, long tokens) => V3Base(name, tokens, 32768, 128) with { AttentionLength = 5355, Devices = 512, Layout = s_v3 with { Tensor = 8, Expert = 32 } };

    static Figure Hours(double hours, string source) => new("published device hours", hours, "h", source);

    static TrainingPlan Plan(string name, string device, params StagePlan[] stages) => new(name, stages, Device.Find(device).Rents[0]);
}
