// K: distillation, and the four ways to a reasoning model.

using static Fathom.Claims.Rows.Row;

namespace Fathom.Claims.Rows;

static class Distillation
{
    public static IReadOnlyList<Claim> All(IReadOnlyDictionary<string, Measurement> measured) =>
    [
        Measured("K1", "Five ways to extract a teacher's knowledge, four ways to put it into a student", "S3", measured, "distillation"),
        Measured("K2", "Distillation beats RL from scratch on a small student", "S3", measured, "distillation"),
        Measured("K3", "Four ways to a reasoning model: pure RL, SFT + RL, pure SFT (distillation), pure prompting", "S1", measured, "distillation"),
        Corrected("K4", "Distilled \"Qwen models (1.5B to 70B)\"", "S3", "said: Qwen from 1.5B to 70B; right: Qwen 1.5B, 7B, 14B, 32B and Llama 8B, 70B (DeepSeek-R1, arXiv 2501.12948, section 2.4)"),
        Corrected(
            "K5", "\"DeepSeek used these methods\" of the table", "S3", "said: all of them; published: labelling and curation with SFT only, on 800K samples, without RL (DeepSeek-R1, arXiv 2501.12948, section 2.4)"),
    ];
}
