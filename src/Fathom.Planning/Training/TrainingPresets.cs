// Published trainings as inputs of the planner, each with what was published about its hours. What was not published is marked as an assumption.

using Fathom.Models.Configs;
using Fathom.Planning.Hardware;

namespace Fathom.Planning.Training;

/// <summary>Published trainings by name.</summary>
public static class TrainingPresets
{
    const string V3 = "DeepSeek-V3 report (arXiv 2412.19437)", V2 = "DeepSeek-V2 report (arXiv 2405.04434)", R1 = "DeepSeek-R1, version 2 (arXiv 2501.12948v2)";
    const string Llama = "Llama 3 report (arXiv 2407.21783)", S1 = "s1 (arXiv 2501.19393)", Assumed = Figure.AssumptionMark;

    static readonly TrainingLayout s_v3 = new() { Pipeline = 16, Expert = 64, Schedule = "dualpipe" };

    static readonly Lazy<ModelWork> s_v3Work = new(() => new(Presets.DeepSeekV3));

    static readonly Dictionary<string, Func<TrainingPlan>> s_all = new()
    {
        ["deepseek-v3"] = () => Plan("deepseek-v3", "h800", StagePlan.Of(PreTraining("deepseek-v3")), Extension(32768, 1920, 8), Extension(131072, 480, 32), FineTuning()),
        ["deepseek-v2"] = () => Plan("deepseek-v2", "h800", StagePlan.Of(PreTraining("deepseek-v2"))),
        ["deepseek-67b"] = () => Plan("deepseek-67b", "h800", StagePlan.Of(PreTraining("deepseek-67b"))),
        ["llama-3.1-405b"] = () => Plan("llama-3.1-405b", "h100", StagePlan.Of(PreTraining("llama-3.1-405b"))),
        ["r1-zero"] = () => Plan("r1-zero", "h800", Zero("reinforcement learning",
            [
                new(8200, 32768, 6500, $"limit and steps: {R1}, appendix B.4.4; mean length read off its Figure 1: from under 1,000 to about 12,000 tokens"),
                new(2200, 65536, 16000, $"limit and steps: {R1}, appendix B.4.4; mean length read off its Figure 1: about 15,000 to 17,500 tokens"),
            ], PublishedHours.R1Zero).Plan()),
        ["r1"] = () => Plan("r1", "h800",
            StagePlan.Of(R1Training("cold-start fine-tuning", 2L * 5000 * 5000, 5000, Assumed + $"'thousands' of samples ({R1}): 5,000 of 5,000 tokens, two epochs"), "sft"),
            Zero("reinforcement learning, first stage", [new(2500, 32768, 8000, Assumed + "2,500 steps (not published), 8,000 tokens on average")], null).Plan(),
            StagePlan.Of(R1Training("fine-tuning on 800K samples", 2L * 804_745 * 5355, 5355, $"{R1}, Table 5: 804,745 samples of 5,355 tokens on average; two epochs"), "sft"),
            Zero("reinforcement learning, second stage", [new(1700, 32768, 8000, $"1,700 steps: {R1}, section 3.2.3; 8,000 tokens on average is an assumption")], null).Plan()),
        ["s1"] = () => Plan("s1", "h100", StagePlan.Of(FineTuningOfS1(), "sft")),
    };

    static readonly Dictionary<string, Func<TrainingRun>> s_preTrainings = new()
    {
        ["deepseek-v3"] = () => V3Base("pre-training", 14_800_000_000_000, 4096, 15360, 4096, $"{V3}, section 4.2: 14.8T tokens, 15,360 sequences of 4,096 per step after the first 469B") with
        {
            Published = PublishedHours.V3PreTraining,
        },
        ["deepseek-v2"] = () => new TrainingRun("pre-training", new(Presets.DeepSeekV2), 8_100_000_000_000, 4096, 9216, Device.Find("h800"), 2048,
            new() { Pipeline = 16, Expert = 8, Schedule = "zb1p" }, Precision.Bf16)
        {
            DataSource = $"{V2}, section 3.1.2",
            LayoutSource = $"{V2}, section 3.1.3; 2,048 devices are an assumption",
            Published = PublishedHours.V2PreTraining,
        },
        ["deepseek-67b"] = () => new TrainingRun("pre-training", new(PlannedModels.DeepSeek67B), 2_000_000_000_000, 4096, 4608, Device.Find("h800"), 512,
            new() { Pipeline = 8, Tensor = 2 }, Precision.Bf16)
        {
            DataSource = "DeepSeek LLM (arXiv 2401.02954), Table 2",
            LayoutSource = Assumed + "devices and layout are not published",
            Published = PublishedHours.DeepSeek67B,
        },
        ["llama-3.1-405b"] = () => new TrainingRun("pre-training", new(PlannedModels.Llama405B), 15_600_000_000_000, 8192, 2048, Device.Find("h100"), 16384,
            new() { Pipeline = 16, Tensor = 8, Schedule = "interleaved", StagesPerRank = 8, ZeroStage = 2 }, Precision.Bf16)
        {
            DataSource = $"{Llama}, section 3.4.1: 16M tokens per step at the end",
            LayoutSource = $"{Llama}, Table 4; stages per rank are an assumption",
            Published = PublishedHours.Llama405B,
        },
    };

    /// <summary>Names of all presets.</summary>
    public static IReadOnlyCollection<string> Names => s_all.Keys;

    /// <summary>Plans a preset.</summary>
    /// <exception cref="PlanException">There is none of that name; the message has the nearest and all of them.</exception>
    public static TrainingPlan Plan(string name) => s_all.TryGetValue(name, out Func<TrainingPlan>? plan)
        ? plan()
        : throw new PlanException($"there is no training '{name}' to plan; did you mean '{NearestName.Of(name, s_all.Keys)}'? Presets: {string.Join(", ", s_all.Keys)}.");

    /// <summary>The pre-training of a preset.</summary>
    /// <exception cref="PlanException">There is no preset of that name with a pre-training.</exception>
    public static TrainingRun PreTraining(string name) => s_preTrainings.TryGetValue(name, out Func<TrainingRun>? run)
        ? run()
        : throw new PlanException($"'{name}' has no pre-training to plan; these have: {string.Join(", ", s_preTrainings.Keys)}.");

    static TrainingRun V3Base(string name, long tokens, int length, int batch, int attention, string source) =>
        new(name, s_v3Work.Value, tokens, length, batch, Device.Find("h800"), 2048, s_v3, Precision.Fp8)
        {
            AttentionLength = attention,
            MomentBytes = 2,
            DataSource = source,
            LayoutSource = $"{V3}, sections 3.1 and 3.2",
        };

    // How long sequences were divided is not published: so that a device has as many tokens of a micro-batch as in pre-training.
    static StagePlan Extension(int length, int batch, int context) => StagePlan.Of(
        V3Base($"context extension to {length / 1024}K", 1000L * batch * length, length, batch, length, $"{V3}, section 4.3: 1,000 steps") with
        {
            Layout = s_v3 with { Context = context },
            LayoutSource = Assumed + $"the layout of pre-training ({V3}, section 3.2) with each sequence divided among {context} devices, 4,096 tokens on each",
        }, "extend-context");

    // Reinforcement learning is in the published hours too, with two reward models: its steps, prompts and lengths are not published.
    static StagePlan FineTuning() => StagePlan.Of(
        R1Training("supervised fine-tuning", 2L * 1_500_000 * 1420, 1420,
            Assumed + $"1.5M samples for two epochs ({V3}, section 5.1), of 1,420 tokens as those of V3's set that R1 was trained on ({R1}, Table 5, general); rows and batch as for R1") with
        {
            Published = PublishedHours.V3PostTraining with { Source = $"{PublishedHours.V3PostTraining.Source}: all of post-training; its reinforcement learning is not planned, as its steps and lengths are not published" },
        }, "sft");

    // 16 samples, one on each device, are a step, which lasts as long as the longest. A mean of 4,700 tokens and 74% above 4,096 make a log-normal
    // spread of 0.19, in which the longest of 16 has 6,400 tokens on average.
    static TrainingRun FineTuningOfS1() => new(
        "supervised fine-tuning", new(Presets.DistillQwen32B), 5L * 1000 * 6400, 6400, 16, Device.Find("h100"), 16, new() { ZeroStage = 3, Recomputation = Recomputation.Full }, Precision.Bf16)
    {
        DataSource = $"{S1}, section 4.1 and appendices: 1,000 samples of 4,700 tokens on average, 74% of them above 4,096, five epochs, batches of 16; as samples are not packed, a step waits for its longest, taken to have 6,400 tokens",
        LayoutSource = "simplescaling/s1, train/sft_multinode.sh: two nodes, FSDP full_shard, activation checkpointing",
        Published = PublishedHours.S1,
    };

    static ReinforcementRun Zero(string name, IReadOnlyList<RolloutPhase> phases, Figure? published) =>
        // Policy update with one reference pass; 512 answers per update, 8,192 generated at once (appendix B.4.4).
        new(name, R1Training(name, 1, 1, $"{R1}, appendix B.4.4; 512 answers of 8,500 tokens fill 128 rows of 32,768") with { ExtraForwards = 1 }, phases, 512, 8192)
        {
            Source = $"{R1}, appendix B.4.4",
            Published = published,
        };

    static TrainingRun R1Training(string name, long tokens, int mean, string source) => V3Base(name, tokens, 32768, 128, mean, source) with
    {
        Devices = 512,
        Layout = s_v3 with { Context = 16, Expert = 32 },
        LayoutSource = $"64 x 8 devices and DualPipe: {R1}, appendices B.1 and B.4.4; all else of the layout is an assumption",
    };

    static TrainingPlan Plan(string name, string device, params StagePlan[] stages) => new(name, stages, Device.Find(device).Rents[0]);
}
