// The stages of R1, drawn anew with what each costs: V3-Base, cold start, RL for reasoning, rejection sampling with fine-tuning, RL for all
// scenarios; beside them R1-Zero, below them the distilled students.

using Fathom.Models.Configs;
using Fathom.Models.Counts;
using Fathom.Planning;
using Fathom.Planning.Training;

namespace Fathom.Claims.Page;

/// <summary>Draws the stages of R1.</summary>
static class StagePipelineFigure
{
    const double Width = 1160, Box = 184, Step = 222, Height = 92, ZeroY = 22, MainY = 176, StudentsY = 338;

    // Samples of the final fine-tuning set, their mean length, and passes over it.
    const int Samples = 804_745, SampleTokens = 5_355, Epochs = 2;

    static readonly Figure s_base = new("V3 pre-training and context extension", PublishedHours.V3PreTraining.Value + PublishedHours.V3ContextExtension.Value, "h", PublishedHours.V3PreTraining.Source);

    static readonly (string Name, ModelConfig Config)[] s_students =
    [
        ("Qwen 1.5B", Presets.DistillQwen1_5B), ("Qwen 7B", Presets.DistillQwen7B), ("Llama 8B", Presets.DistillLlama8B),
        ("Qwen 14B", Presets.DistillQwen14B), ("Qwen 32B", Presets.DistillQwen32B), ("Llama 70B", Presets.DistillLlama70B),
    ];

    /// <summary>The figure.</summary>
    public static Markup Draw()
    {
        TrainingPlan v3 = TrainingPresets.Plan("deepseek-v3"), zero = TrainingPresets.Plan("r1-zero"), r1 = TrainingPresets.Plan("r1");
        StagePlan[] pre = [.. v3.Stages.Where(stage => stage.Kind is "pretrain" or "extend-context")], fine = [.. r1.Stages.Where(stage => stage.Kind == "sft")], rl = [.. r1.Stages.Where(stage => stage.Kind == "rl")];
        double PreHours() => pre.Sum(stage => stage.Hours);
        string Cost(TrainingPlan plan, double hours) => $"planned {Quantity.Hours(hours)} · {Quantity.Dollars(plan.CostOf(hours))}";

        Markup svg = new();
        svg.Add($"{StageBox(0, MainY, "pretrain", "V3-Base", "pre-training, 14.8T tokens,", "then context extension", Cost(v3, PreHours()), PreHours())}");
        svg.Add($"{StageBox(1, MainY, "sft", "1. Cold start", "fine-tuning on thousands of", "long chains of thought", Cost(r1, fine[0].Hours), fine[0].Hours)}");
        svg.Add($"{StageBox(2, MainY, "rl", "2. GRPO for reasoning", "rewards by rule: accuracy,", "format, language", Cost(r1, rl[0].Hours), rl[0].Hours)}");
        svg.Add($"{StageBox(3, MainY, "sft", "3. Fine-tuning, 800K", "600K by rejection sampling,", "200K others", Cost(r1, fine[1].Hours), fine[1].Hours)}");
        svg.Add($"{StageBox(4, MainY, "rl", "4. RL for all scenarios", "rules, and two reward models", "for help and harm", Cost(r1, rl[1].Hours), rl[1].Hours)}");
        svg.Add($"{StageBox(1, ZeroY, "rl", "GRPO on V3-Base", "10,400 steps, rewards by rule:", "accuracy and format", Cost(zero, zero.Hours), zero.Hours)}");
        svg.Add($"{Result(Step * 2, ZeroY, "R1-Zero")}{Result(Step * 5 - 18, MainY, "R1")}");

        // Weights.
        double middle = MainY + Height / 2;
        svg.Add($"{Arrow.Along(false, (60, MainY), (60, ZeroY + Height / 2), (Step, ZeroY + Height / 2))}{Arrow.Along(false, (Step + Box, ZeroY + Height / 2), (Step * 2, ZeroY + Height / 2))}");
        svg.Add($"{Arrow.Along(false, (Box, middle), (Step, middle))}{Arrow.Along(false, (Step + Box, middle), (Step * 2, middle))}{Arrow.Along(false, (Step * 3 + Box, middle), (Step * 4, middle))}{Arrow.Along(false, (Step * 4 + Box, middle), (Step * 5 - 18, middle))}");
        svg.Add($"{Arrow.Along(false, (60, MainY + Height), (60, MainY + Height + 24), (Step * 3 + 60, MainY + Height + 24), (Step * 3 + 60, MainY + Height))}<text x=\"{Step + 8}\" y=\"{MainY + Height + 19}\">stage 3 starts again from V3-Base</text>");
        // Samples.
        svg.Add($"{Arrow.Along(true, (Step * 2 + Box, middle), (Step * 3, middle))}{Arrow.Along(true, (Step * 2 + 36, ZeroY + Height / 2 + 17), (Step * 2 + 36, MainY - 22), (Step + 140, MainY - 22), (Step + 140, MainY))}<text x=\"{Step * 2 + 44}\" y=\"{MainY - 27}\">R1-Zero's right answers, rewritten, and people's</text>");
        svg.Add($"{Arrow.Along(true, (Step * 3 + 130, MainY + Height), (Step * 3 + 130, StudentsY))}<text x=\"{Step * 3 + 138}\" y=\"{StudentsY - 18}\">the same 800K samples</text>");

        DrawStudents(svg);
        double key = StudentsY + 112;
        svg.Add($"{Arrow.Along(false, (0, key), (44, key))}<text x=\"52\" y=\"{key + 4}\">weights</text>{Arrow.Along(true, (120, key), (164, key))}<text x=\"172\" y=\"{key + 4}\">samples</text>");
        svg.Add($"<text class=\"end\" x=\"{Width}\" y=\"{key + 4}\">Published: R1-Zero {Quantity.Hours(zero.Stages[0].Published!.Value)}, R1's samples {Quantity.Hours(PublishedHours.R1Samples.Value)}, R1 {Quantity.Hours(PublishedHours.R1.Value)}; V3's base {Quantity.Hours(s_base.Value)}</text>");

        return Plate.Of(
            "From V3-Base to R1, and what each stage costs",
            $"Blue: pre-training; amber: supervised fine-tuning; green: reinforcement learning. Hours of H800s, planned, at {r1.Rent.Amount} {r1.Rent.Currency} each. The length of stage 2 is not published: the plan assumes it, so its hours are no prediction.",
            Plate.Picture(Width, key + 14, "stages of R1 with their hours", svg),
            Plate.Table("Commands: fathom plan train --preset deepseek-v3, r1-zero, r1", ["stage", "kind", ">devices", ">planned h", $">{r1.Rent.Currency}", ">published h", "published in"],
            [
                Row("V3-Base", "pretrain, extend-context", pre[0].Devices, v3, PreHours(), s_base),
                Row("R1-Zero: GRPO on the base model", "rl", zero.Stages[0].Devices, zero, zero.Hours, zero.Stages[0].Published),
                Row("1. Cold start", "sft", fine[0].Devices, r1, fine[0].Hours, null),
                Row("2. GRPO for reasoning", "rl", rl[0].Devices, r1, rl[0].Hours, null),
                Row("3. Fine-tuning on 800K samples", "sft", fine[1].Devices, r1, fine[1].Hours, null),
                Row("4. RL for all scenarios", "rl", rl[1].Devices, r1, rl[1].Hours, null),
                Row("1 to 4 together", "", rl[0].Devices, r1, r1.Hours, PublishedHours.R1),
                Row("making the samples", "", rl[0].Devices, r1, null, PublishedHours.R1Samples),
            ]));
    }

    static object[] Row(string name, string kind, int devices, TrainingPlan plan, double? hours, Figure? published) =>
    [
        name, kind, devices, hours is { } planned ? Quantity.Number(planned) : "not planned", hours is { } rented ? Quantity.Number((double)plan.CostOf(rented)) : "",
        published is null ? "not apart" : Quantity.Number(published.Value), published?.Source ?? "",
    ];

    static Markup StageBox(int column, double y, string kind, string name, string first, string second, string cost, double hours)
    {
        double x = column * Step, text = x + 10;
        return Markup.Of($"<g data-hours=\"{hours:R}\"><rect class=\"box {kind}\" x=\"{x}\" y=\"{y}\" width=\"{Box}\" height=\"{Height}\" rx=\"9\"/><text class=\"name\" x=\"{text}\" y=\"{y + 21}\">{name}</text><text x=\"{text}\" y=\"{y + 40}\">{first}</text><text x=\"{text}\" y=\"{y + 55}\">{second}</text><text class=\"strong\" x=\"{text}\" y=\"{y + 79}\">{cost}</text></g>");
    }

    static Markup Result(double x, double y, string name) =>
        Markup.Of($"<rect class=\"box evaluate\" x=\"{x}\" y=\"{y + Height / 2 - 17}\" width=\"68\" height=\"34\" rx=\"17\"/><text class=\"name middle\" x=\"{x + 34}\" y=\"{y + Height / 2 + 5}\">{name}</text>");

    static void DrawStudents(Markup svg)
    {
        const double left = Step, width = Width - Step, chip = 140;
        svg.Add($"<rect class=\"box sft\" x=\"{left}\" y=\"{StudentsY}\" width=\"{width}\" height=\"84\" rx=\"9\"/><text class=\"name\" x=\"{left + 10}\" y=\"{StudentsY + 21}\">Distillation: fine-tuning only, {Epochs} epochs of {Quantity.Multiple((double)Samples * SampleTokens)} tokens (operations by shape)</text>");
        foreach ((int i, (string name, ModelConfig config)) in s_students.Index())
        {
            double x = left + 10 + i * (chip + 15.6), flops = (double)Epochs * Samples * new ModelCounts(config).TrainingFlops(SampleTokens);
            svg.Add($"<rect class=\"box\" x=\"{x:0.#}\" y=\"{StudentsY + 33}\" width=\"{chip}\" height=\"40\" rx=\"6\"/><text class=\"strong\" x=\"{x + 9:0.#}\" y=\"{StudentsY + 50}\">{name}</text><text x=\"{x + 9:0.#}\" y=\"{StudentsY + 65}\">{Quantity.Flops(flops)}</text>");
        }
    }
}
