// Rule-based rewards (DeepSeek-R1, arXiv 2501.12948, section 2.2.2): plain functions of a problem and a parsed response.
using Fathom.Evaluation.Graders;
using Fathom.Evaluation.Tasks;

namespace Fathom.Training.Reinforcement;

/// <summary>Rewards between 0 and 1; a recipe adds them with weights.</summary>
public static class Rewards
{
    /// <summary>1 for a right answer after the reasoning, otherwise 0.</summary>
    public static double Accuracy(VerifiedTask task, Problem problem, ParsedResponse response) => task.Check(problem, response.Answer) ? 1 : 0;

    /// <summary>1 for reasoning that is closed exactly once with text before and after, otherwise 0.</summary>
    public static double Format(ParsedResponse response) => response.WellFormed ? 1 : 0;
}
