// One line of samples.jsonl: a response with its verdict.

using System.Text.Json;

namespace Fathom.Training.Runs;

/// <summary>A sampled response.</summary>
/// <param name="Stage">Name of the stage.</param>
/// <param name="Kind">Kind of the stage: rl or evaluate.</param>
/// <param name="GlobalStep">Step within the run.</param>
/// <param name="Prompt">The question as the user would write it.</param>
/// <param name="Answer">The right answer.</param>
/// <param name="Response">What the model wrote, think tags included.</param>
/// <param name="Correct">Whether the response's answer is right.</param>
/// <param name="Tokens">Length of the response in tokens.</param>
/// <param name="Rewards">Each reward's part, unweighted; empty in evaluations.</param>
public sealed record SampleRecord(
    string Stage, string Kind, long GlobalStep, string Prompt, string Answer, string Response, bool Correct, int Tokens, IReadOnlyList<Metric> Rewards)
{
    internal void WriteTo(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("stage", Stage);
        json.WriteString("kind", Kind);
        json.WriteNumber("globalStep", GlobalStep);
        json.WriteString("prompt", Prompt);
        json.WriteString("answer", Answer);
        json.WriteString("response", Response);
        json.WriteBoolean("correct", Correct);
        json.WriteNumber("tokens", Tokens);
        json.WriteStartObject("rewards");
        foreach (Metric reward in Rewards)
            MetricRecord.WriteValue(json, reward.Name, reward.Value);
        json.WriteEndObject();
        json.WriteEndObject();
    }
}
