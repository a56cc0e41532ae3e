// PPO against GRPO: which models each keeps, which of them it trains, and what they take in memory and operations for a model of that size.

using Fathom.Models.Configs;
using Fathom.Models.Counts;
using Fathom.Planning;

namespace Fathom.Claims.Page;

/// <summary>Draws the two algorithms of reinforcement learning.</summary>
static class PolicyOptimisationFigure
{
    const double Width = 1160, PolicyX = 92, AnswersX = 326, ModelsX = 440, ComputeX = 776, AdvantageX = 1024, ModelWidth = 214;

    const int AnswerTokens = 8192;

    static readonly Figure s_trained = new("bytes of a trained parameter", 16, "bytes", "ZeRO (arXiv 1910.02054), section 3.1: BF16 weight and gradient, FP32 master weight and two moments of Adam");

    static readonly Figure s_frozen = new("bytes of a frozen parameter", 2, "bytes", "BF16 weight");

    static readonly (string Name, ModelConfig Config)[] s_models = [("nano", Presets.Nano), ("Qwen 7B", Presets.DistillQwen7B), ("DeepSeek-V3", Presets.DeepSeekV3)];

    // Reward and value models are as large as the policy.
    sealed record Load(double Bytes, double Flops)
    {
        public static Load operator +(Load a, Load b) => new(a.Bytes + b.Bytes, a.Flops + b.Flops);

        public override string ToString() => $"{Quantity.Bytes(Bytes)} · {Quantity.Flops(Flops)}";
    }

    /// <summary>The figure.</summary>
    public static Markup Draw()
    {
        ModelConfig config = s_models[^1].Config;
        Load policy = Policy(config), reference = Pass(config), reward = Pass(config), value = Value(config), rule = new(0, 0);
        Markup svg = new();
        AddPpo(svg, 30, policy, reference, reward, value);
        AddGrpo(svg, 268, policy, reference, rule);
        const double key = 452;
        svg.Add($"<rect class=\"box rl\" x=\"0\" y=\"{key - 10}\" width=\"22\" height=\"14\" rx=\"3\"/><text x=\"28\" y=\"{key + 1}\">trained</text><rect class=\"box pretrain\" x=\"86\" y=\"{key - 10}\" width=\"22\" height=\"14\" rx=\"3\"/><text x=\"114\" y=\"{key + 1}\">frozen</text><rect class=\"box absent\" x=\"168\" y=\"{key - 10}\" width=\"22\" height=\"14\" rx=\"3\"/><text x=\"196\" y=\"{key + 1}\">no network</text><text class=\"end\" x=\"{Width}\" y=\"{key + 1}\">memory of weights, gradients and optimizer · operations per token of an answer</text>");

        string[] heads = ["model", ">PPO, reward network", ">PPO, rule", ">GRPO, reward network", ">GRPO, rule", ">GRPO by rule / PPO with network"];
        return Plate.Of(
            "PPO and GRPO: which models are kept, and which are trained",
            $"For DeepSeek-V3, reward and value model as large as the policy, answers of {AnswerTokens:#,0} tokens. GRPO drops the value model; a reward by rule has no network. The policy is what is trained: the reference is frozen (claim R7). GRPO takes a whole group of answers per question as its baseline.",
            Plate.Picture(Width, key + 8, "models of PPO and GRPO with memory and operations", svg),
            Plate.Table("Memory of weights, gradients and optimizer states, without activations and caches", heads, s_models.Select(model => Cells(model.Name, model.Config, load => load.Bytes, Quantity.Bytes)))
                .Add($"{Plate.Table("Operations per token of an answer", heads, s_models.Select(model => Cells(model.Name, model.Config, load => load.Flops, Quantity.Flops)))}")
                .Add($"{Plate.Table("What was counted", ["", "how"], [
                    ["memory", $"{s_trained.Value} bytes of a trained parameter ({s_trained.Source}); {s_frozen.Value} of a frozen one ({s_frozen.Source})"],
                    ["policy", "one decoding pass to write the answer, then forward and backward (three forward passes)"],
                    ["reference, reward network", "one forward pass"],
                    ["value", "one forward pass for the advantages, then forward and backward"],
                    ["operations", $"from the model's shape (fathom inspect); a token attends to {AnswerTokens / 2:#,0} tokens on average"],
                    ["sizes", "reward and value models as large as the policy: DeepSeek-R1, version 2 (arXiv 2501.12948v2), appendices A.3 and B"],
                ])}"));
    }

    static object[] Cells(string name, ModelConfig config, Func<Load, double> of, Func<double, string> show)
    {
        Load policy = Policy(config), pass = Pass(config), value = Value(config);
        double[] loads = [of(policy + pass + pass + value), of(policy + pass + value), of(policy + pass + pass), of(policy + pass)];
        return [name, .. loads.Select(show), Quantity.Percent(loads[3] / loads[0])];
    }

    static Load Policy(ModelConfig config) => new(Parameters(config) * s_trained.Value, new ModelCounts(config).DecodeFlopsPerToken(AnswerTokens / 2.0) + 3 * Forward(config));

    static Load Pass(ModelConfig config) => new(Parameters(config) * s_frozen.Value, Forward(config));

    static Load Value(ModelConfig config) => new(Parameters(config) * s_trained.Value, 4 * Forward(config));

    static double Parameters(ModelConfig config) => new ModelCounts(config).Parameters;

    static double Forward(ModelConfig config) => new ModelCounts(config).ForwardFlopsPerToken(AnswerTokens / 2.0);

    static void AddPpo(Markup svg, double y, Load policy, Load reference, Load reward, Load value)
    {
        double middle = y + 100, bottom = y + 200;
        AddTitle(svg, y, "PPO", policy + reference + reward + value);
        AddStart(svg, middle, policy, "an answer", 1);
        AddModel(svg, y + 12, "pretrain", "Reference, frozen", reference, "reference");
        AddModel(svg, y + 74, "pretrain", "Reward model, frozen", reward, "reward");
        AddModel(svg, y + 136, "rl", "Value model, trained", value, "value");
        foreach ((double at, string output) in new[] { (y + 37, "KL, in the reward"), (y + 99, "reward r"), (y + 161, "value v") })
            svg.Add($"{Arrow.Along(false, (AnswersX + 78, middle), (AnswersX + 96, middle), (AnswersX + 96, at), (ModelsX, at))}{Arrow.Along(false, (ModelsX + ModelWidth, at), (ComputeX, at))}<text x=\"{ModelsX + ModelWidth + 8}\" y=\"{at - 6}\">{output}</text>");
        svg.Add($"<rect class=\"box\" x=\"{ComputeX}\" y=\"{y + 12}\" width=\"200\" height=\"174\" rx=\"9\"/><text class=\"name\" x=\"{ComputeX + 12}\" y=\"{middle - 8}\">GAE</text><text x=\"{ComputeX + 12}\" y=\"{middle + 10}\">rewards to come, less</text><text x=\"{ComputeX + 12}\" y=\"{middle + 25}\">what the value foretold</text>");
        AddUpdate(svg, middle, bottom, "updates the policy, and the value model to foretell better");
        svg.Add($"{Arrow.Along(false, (ModelsX + 107, bottom), (ModelsX + 107, y + 186))}");
    }

    static void AddGrpo(Markup svg, double y, Load policy, Load reference, Load rule)
    {
        double middle = y + 66, bottom = y + 150;
        AddTitle(svg, y, "GRPO", policy + reference + rule);
        AddStart(svg, middle, policy, "G answers", 3);
        AddModel(svg, y + 12, "absent", "Reward by rule", null, "rule");
        AddModel(svg, y + 78, "pretrain", "Reference, frozen", reference, "reference");
        svg.Add($"{Arrow.Along(false, (AnswersX + 78, middle), (AnswersX + 96, middle), (AnswersX + 96, y + 37), (ModelsX, y + 37))}{Arrow.Along(false, (AnswersX + 96, middle), (AnswersX + 96, y + 103), (ModelsX, y + 103))}");
        svg.Add($"{Arrow.Along(false, (ModelsX + ModelWidth, y + 37), (ComputeX, y + 37))}<text x=\"{ModelsX + ModelWidth + 8}\" y=\"{y + 31}\">r₁ … r_G</text>");
        svg.Add($"{Arrow.Along(false, (ModelsX + ModelWidth, y + 103), (ModelsX + ModelWidth + 36, y + 103), (ModelsX + ModelWidth + 36, bottom))}<text x=\"{ModelsX + ModelWidth + 44}\" y=\"{y + 130}\">KL, in the loss</text>");
        svg.Add($"<rect class=\"box\" x=\"{ComputeX}\" y=\"{y + 12}\" width=\"200\" height=\"108\" rx=\"9\"/><text class=\"name\" x=\"{ComputeX + 12}\" y=\"{middle - 8}\">The group as baseline</text><text x=\"{ComputeX + 12}\" y=\"{middle + 10}\">(r − mean of the group)</text><text x=\"{ComputeX + 12}\" y=\"{middle + 25}\">/ its standard deviation</text>");
        AddUpdate(svg, middle, bottom, "updates the policy");
    }

    static void AddTitle(Markup svg, double y, string name, Load all) =>
        svg.Add($"<text class=\"name\" x=\"0\" y=\"{y}\" data-bytes=\"{all.Bytes:R}\" data-flops=\"{all.Flops:R}\">{name}: {all} in all</text>");

    static void AddStart(Markup svg, double middle, Load policy, string answers, int sheets)
    {
        svg.Add($"<rect class=\"box\" x=\"0\" y=\"{middle - 17}\" width=\"66\" height=\"34\" rx=\"17\"/><text class=\"ink middle\" x=\"33\" y=\"{middle + 4}\">question</text>{Arrow.Along(false, (66, middle), (PolicyX, middle))}");
        svg.Add($"<g data-model=\"policy\" data-bytes=\"{policy.Bytes:R}\" data-flops=\"{policy.Flops:R}\"><rect class=\"box rl\" x=\"{PolicyX}\" y=\"{middle - 30}\" width=\"{ModelWidth - 6}\" height=\"60\" rx=\"9\"/><text class=\"name\" x=\"{PolicyX + 12}\" y=\"{middle - 6}\">Policy, trained</text><text class=\"ink\" x=\"{PolicyX + 12}\" y=\"{middle + 14}\">{policy}</text></g>{Arrow.Along(false, (PolicyX + ModelWidth - 6, middle), (AnswersX, middle))}");
        for (int i = sheets - 1; i >= 0; i--)
            svg.Add($"<rect class=\"box\" x=\"{AnswersX + 4 * i}\" y=\"{middle - 17 - 4 * i}\" width=\"70\" height=\"34\" rx=\"5\"/>");
        svg.Add($"<text class=\"ink middle\" x=\"{AnswersX + 35}\" y=\"{middle + 4}\">{answers}</text>");
        svg.Add($"<line class=\"flow\" x1=\"{AnswersX + 70}\" x2=\"{AnswersX + 80}\" y1=\"{middle}\" y2=\"{middle}\"/>");
    }

    static void AddModel(Markup svg, double y, string kind, string name, Load? load, string key) => svg.Add(
        $"<g data-model=\"{key}\" data-bytes=\"{load?.Bytes ?? 0:R}\" data-flops=\"{load?.Flops ?? 0:R}\"><rect class=\"box {kind}\" x=\"{ModelsX}\" y=\"{y}\" width=\"{ModelWidth}\" height=\"50\" rx=\"9\"/><text class=\"name\" x=\"{ModelsX + 12}\" y=\"{y + 20}\">{name}</text><text class=\"ink\" x=\"{ModelsX + 12}\" y=\"{y + 39}\">{load?.ToString() ?? "no network: a program checks"}</text></g>");

    static void AddUpdate(Markup svg, double middle, double bottom, string text) => svg.Add(
        $"{Arrow.Along(false, (ComputeX + 200, middle), (AdvantageX, middle))}<rect class=\"box\" x=\"{AdvantageX}\" y=\"{middle - 17}\" width=\"100\" height=\"34\" rx=\"17\"/><text class=\"ink middle\" x=\"{AdvantageX + 50}\" y=\"{middle + 4}\">advantages</text>{Arrow.Along(false, (AdvantageX + 50, middle + 17), (AdvantageX + 50, bottom), (PolicyX + 104, bottom), (PolicyX + 104, middle + 30))}<text x=\"{AnswersX - 110}\" y=\"{bottom + 14}\">{text}</text>");
}
