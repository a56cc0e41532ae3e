// Rule-based rewards (DeepSeek-R1, arXiv 2501.12948, section 2.2.2): plain functions of a problem and a parsed response.
using Fathom.Evaluation.Graders;
using Fathom.Evaluation.Tasks;

namespace Fathom.Training.Reinforcement;

/// <summary>Rewards between 0 and 1; a recipe adds them with weights.</summary>
public static class Rewards
{
    /// <summary>1 for a right answer after the reasoning, 0 for a wrong one, null where the grader itself failed: that is no reason to learn against.</summary>
    public static double? Accuracy(VerifiedTask task, Problem problem, ParsedResponse response) => task.Grade(problem, response).Score;

    /// <summary>1 for reasoning that is closed exactly once with text before and after, otherwise 0.</summary>
    public static double Format(ParsedResponse response) => response.WellFormed ? 1 : 0;
}
