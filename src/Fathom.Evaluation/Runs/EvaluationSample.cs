// One line of an evaluation's samples: a response with everything that led to its verdict.
using System.Text.Json;
using Fathom.Evaluation.Graders;

namespace Fathom.Evaluation.Runs;

/// <summary>One sampled and graded response.</summary>
/// <param name="Problem">Index of its problem, from 0.</param>
/// <param name="Id">The problem's name in its file; empty where it has none.</param>
/// <param name="Sample">Index of the response to this problem, from 0.</param>
/// <param name="Seed">What its draws were seeded with.</param>
/// <param name="Prompt">The user's turn.</param>
/// <param name="Reference">The right answer.</param>
/// <param name="Response">What the model wrote; reasoning stands within think tags.</param>
/// <param name="Answer">The answer that the grader took out of it; null where it found none.</param>
/// <param name="Outcome">Right, wrong, or not graded.</param>
/// <param name="Reason">Why, where the grader says more.</param>
/// <param name="Parts">The grader's other numbers.</param>
/// <param name="PromptTokens">Length of the prompt in tokens, as the model saw it.</param>
/// <param name="Tokens">Length of the response in tokens.</param>
/// <param name="Truncated">Whether the length limit ended it.</param>
/// <param name="WellFormed">Whether reasoning and answer are in their places.</param>
public sealed record EvaluationSample(
    int Problem, string Id, int Sample, ulong Seed, string Prompt, string Reference, string Response, string? Answer, Outcome Outcome,
    string? Reason, IReadOnlyList<ScorePart> Parts, int PromptTokens, int Tokens, bool Truncated, bool WellFormed)
{
    /// <summary>Writes the line, its line feed included.</summary>
    internal byte[] ToLine() => [.. JsonSerializer.SerializeToUtf8Bytes(this, EvaluationManifest.Json), (byte)'\n'];

    /// <summary>Reads a line.</summary>
    /// <param name="line">Its bytes.</param>
    /// <param name="place">File and line, for the message.</param>
    /// <exception cref="InvalidDataException">The line is damaged.</exception>
    internal static EvaluationSample Parse(ReadOnlySpan<byte> line, string place)
    {
        try
        {
            return JsonSerializer.Deserialize<EvaluationSample>(line, EvaluationManifest.Json) ?? throw new InvalidDataException($"{place}: null is no sample.");
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"{place}: damaged ({error.Message})", error);
        }
    }
}
