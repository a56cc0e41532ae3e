// The rollouts of one step of reinforcement learning, with everything the loss needs of them.
using Fathom.Evaluation.Graders;
using Fathom.Evaluation.Tasks;
using Fathom.Inference;
using Fathom.Training.Data;

namespace Fathom.Training.Reinforcement;

/// <summary>One sampled response.</summary>
public sealed class Rollout
{
    /// <summary>The question.</summary>
    public required Problem Problem { get; init; }

    /// <summary>Prompt and response, as a sequence of which the response carries loss.</summary>
    public required TrainingSequence Sequence { get; init; }

    /// <summary>The response as sampled, with log-probabilities.</summary>
    public required Completion Completion { get; init; }

    /// <summary>The response's text.</summary>
    public required string Text { get; init; }

    /// <summary>Text taken apart.</summary>
    public required ParsedResponse Parsed { get; init; }

    /// <summary>1 when the answer is right, 0 when it is not, null when it could not be graded.</summary>
    public required double? Accuracy { get; init; }

    /// <summary>1 when the form is right, else 0.</summary>
    public required double Format { get; init; }

    /// <summary>Weighted sum of the rewards; null when one of them failed.</summary>
    public required double? Reward { get; init; }

    /// <summary>Advantage within its group.</summary>
    public double Advantage { get; set; }

    /// <summary>Weight of each token's loss.</summary>
    public double TokenWeight { get; set; }

    /// <summary>[response length] log-probabilities under the reference policy; empty without a reference.</summary>
    public float[] ReferenceLogProbabilities { get; set; } = [];
}
