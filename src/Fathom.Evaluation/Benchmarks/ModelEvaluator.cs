// Scores a model on problems: samples responses, takes the answers out, checks them, and reports pass@1 with its error.
using Fathom.Evaluation.Graders;
using Fathom.Evaluation.Metrics;
using Fathom.Evaluation.Tasks;
using Fathom.Inference;
using Fathom.Text.Tokenizers;

namespace Fathom.Evaluation.Benchmarks;

/// <summary>One sampled and graded response.</summary>
/// <param name="ProblemIndex">Index of its problem.</param>
/// <param name="Problem">The problem.</param>
/// <param name="Response">The response's text, without the ending token.</param>
/// <param name="Parsed">Reasoning and answer.</param>
/// <param name="Correct">Whether the answer is right.</param>
/// <param name="Tokens">Length in tokens, the ending token counted in.</param>
/// <param name="Truncated">Whether the length limit ended it.</param>
public sealed record GradedSample(int ProblemIndex, Problem Problem, string Response, ParsedResponse Parsed, bool Correct, int Tokens, bool Truncated);

/// <summary>The score of a model on a set of problems.</summary>
/// <param name="Problems">Number of problems.</param>
/// <param name="Samples">Responses per problem.</param>
/// <param name="PassAt1">Mean over problems of the share of right responses (DeepSeek-R1 section 3).</param>
/// <param name="StandardError">Standard error of that mean, over problems; null for one problem.</param>
/// <param name="MeanTokens">Mean response length in tokens.</param>
/// <param name="TruncatedShare">Share of responses that the length limit ended.</param>
/// <param name="WellFormedShare">Share of responses with reasoning and answer in their places.</param>
/// <param name="PromptTokens">Prompt tokens run.</param>
/// <param name="GeneratedTokens">Tokens generated.</param>
public sealed record EvaluationScore(
    int Problems, int Samples, double PassAt1, double? StandardError, double MeanTokens, double TruncatedShare, double WellFormedShare,
    long PromptTokens, long GeneratedTokens);

/// <summary>Evaluates with one generator.</summary>
/// <param name="generator">Continues prompts with the model.</param>
/// <param name="tokenizer">The model's tokenizer.</param>
public sealed class ModelEvaluator(Generator generator, Tokenizer tokenizer)
{
    const int ResponsesPerRound = 512;

    /// <summary>Samples and grades.</summary>
    /// <param name="problems">The problems with their tasks.</param>
    /// <param name="samples">Responses per problem, at least 1.</param>
    /// <param name="options">How to sample; the ending token is added.</param>
    /// <param name="seed">Response s of problem p is a function of (seed, p, s) and the model.</param>
    /// <param name="onSample">Called for every response, in order; may be null.</param>
    /// <param name="onProgress">Called with the number of responses done; may be null.</param>
    public EvaluationScore Run(
        IReadOnlyList<(VerifiedTask Task, Problem Problem)> problems, int samples, SamplingOptions options, ulong seed,
        Action<GradedSample>? onSample = null, Action<int>? onProgress = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(problems.Count, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(samples, 1);
        options = options with { StopIds = [.. options.StopIds.Append(tokenizer.EosId!.Value).Distinct()] };
        var correct = new int[problems.Count];
        long tokens = 0, truncated = 0, wellFormed = 0, promptsBefore = generator.PromptTokens, generatedBefore = generator.GeneratedTokens;
        int total = checked(problems.Count * samples);
        for (int start = 0; start < total; start += ResponsesPerRound)
        {
            int count = Math.Min(ResponsesPerRound, total - start);
            GenerationRequest[] requests = [.. Enumerable.Range(start, count).Select(i => new GenerationRequest(
                Dialogue.Prompt(tokenizer, problems[i / samples].Problem.Prompt), options, SampleSeed.Of(seed, i / samples, i % samples)))];
            Completion[] completions = generator.Generate(requests);
            for (int i = 0; i < count; i++)
            {
                int p = (start + i) / samples;
                GradedSample sample = Grade(p, problems[p].Task, problems[p].Problem, completions[i], options);
                correct[p] += sample.Correct ? 1 : 0;
                tokens += sample.Tokens;
                truncated += sample.Truncated ? 1 : 0;
                wellFormed += sample.Parsed.WellFormed ? 1 : 0;
                onSample?.Invoke(sample);
            }
            onProgress?.Invoke(start + count);
        }
        Estimate estimate = PassAtK.PassAt1(correct, samples);
        return new EvaluationScore(
            problems.Count, samples, estimate.Mean, estimate.StandardError, (double)tokens / total, (double)truncated / total, (double)wellFormed / total,
            generator.PromptTokens - promptsBefore, generator.GeneratedTokens - generatedBefore);
    }

    GradedSample Grade(int index, VerifiedTask task, Problem problem, Completion completion, SamplingOptions options)
    {
        string text = completion.Text(tokenizer, options.StopIds);
        ParsedResponse parsed = AnswerExtraction.Parse(text);
        return new GradedSample(
            index, problem, text, parsed, task.Check(problem, parsed.Answer), completion.Tokens.Count, completion.FinishReason == FinishReason.Length);
    }
}
