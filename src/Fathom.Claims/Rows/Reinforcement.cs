// R: reinforcement learning.

using static Fathom.Claims.Rows.Row;

namespace Fathom.Claims.Rows;

static class Reinforcement
{
    public static IReadOnlyList<Claim> All(IReadOnlyDictionary<string, Measurement> measured) =>
    [
        Measured("R1", "GRPO needs no value model, and less memory and compute than PPO", "all", measured, "PPO"),
        Measured("R2", "Rule rewards replace the reward model", "S0 S3", measured, "its experiment"),
        Measured("R3", "Code reward: syntax, runs, unit tests", "S0", measured, "the code reward in recipes"),
        Measured("R4", "R1-Zero: RL alone makes a base model reason; answers grow longer; \"aha\" words appear", "S3", measured, "its experiment"),
        Measured("R5", "R1-Zero mixes languages; the language-consistency reward mends it at a small cost", "S3", measured, "the language-consistency reward"),
        Measured("R6", "Four stages: cold start, GRPO, rejection sampling with SFT, RL for all scenarios", "S0 S3", measured, "rejection sampling and RL for all scenarios"),
        Corrected(
            "R7", "\"GRPO leaves Reward and Reference\" to train", "S3",
            "said: reward and reference are left; right: the policy is trained, the reference is frozen, and a rule reward has no network; GRPO drops the value model (DeepSeekMath, arXiv 2402.03300, section 4.1)"),
        Corrected(
            "R8", "V3's SFT set \"(14.8T tokens)\"", "S3", "said: 14.8T tokens of fine-tuning; right: 14.8T is pre-training (V3 report, section 4.1); fine-tuning used 1.5M instances (section 5.1)"),
    ];
}
