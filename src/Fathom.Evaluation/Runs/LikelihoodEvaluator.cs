// Multiple choice without generating, as base models are measured: every choice is put behind the question, and the one that the model
// finds likeliest is its answer. (lm-evaluation-harness: acc is the likeliest choice, acc_norm the likeliest per byte of its text.)
using System.Text;
using Fathom.Evaluation.Benchmarks.Choices;
using Fathom.Evaluation.Graders;
using Fathom.Evaluation.Metrics;
using Fathom.Evaluation.Tasks;
using Fathom.Models.Layers;
using Fathom.Numerics.Gradients;
using Fathom.Numerics.Kernels;
using Fathom.Numerics.Tensors;
using Fathom.Text.Tokenizers;

namespace Fathom.Evaluation.Runs;

/// <summary>Evaluates by likelihood into a folder: one sample per problem, right by <c>acc</c>, with <c>accNorm</c> as its part.</summary>
/// <param name="folder">Takes the samples; what it has is not computed again.</param>
/// <param name="problems">The problems, as many as the folder's manifest says.</param>
/// <param name="model">The model.</param>
/// <param name="tokenizer">Its tokenizer.</param>
public sealed class LikelihoodEvaluator(EvaluationFolder folder, IReadOnlyList<ChoiceProblem> problems, DecoderModel model, Tokenizer tokenizer)
{
    /// <summary>Scores every problem that is not there yet.</summary>
    /// <param name="onProgress">Called after every problem; may be null.</param>
    /// <param name="cancellationToken">Ends the evaluation; what is done stays.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public void Run(Action<EvaluationProgress>? onProgress, CancellationToken cancellationToken)
    {
        int done = folder.Samples.Count, right = folder.Samples.Count(sample => sample.Outcome == Outcome.Right);
        long tokens = 0;
        for (int i = 0; i < problems.Count; i++)
        {
            if (folder.Has(i, 0))
                continue;
            cancellationToken.ThrowIfCancellationRequested();
            EvaluationSample sample = Score(i);
            folder.Append(sample);
            done++;
            tokens += sample.PromptTokens;
            right += sample.Outcome == Outcome.Right ? 1 : 0;
            onProgress?.Invoke(new EvaluationProgress(done, problems.Count, right, 0, tokens));
        }
    }

    /// <summary>The question as it stands before a choice, and a choice as it continues it.</summary>
    public static (string Context, IReadOnlyList<string> Continuations) Wording(ChoiceProblem problem) => problem.Language == Language.Chinese
        ? ($"问题：{problem.Question}\n答案：", problem.Choices)
        : ($"Question: {problem.Question}\nAnswer:", [.. problem.Choices.Select(choice => " " + choice)]);

    /// <summary>Log-likelihood of each continuation behind the context, in nats, summed over its tokens.</summary>
    /// <param name="context">What stands before; with begin-of-sentence where the tokenizer has it.</param>
    /// <param name="continuations">At least one, none empty. Context and continuation are encoded together; the tokens behind as many as the context alone has are the continuation's.</param>
    /// <param name="tokens">Tokens run.</param>
    /// <exception cref="InvalidDataException">One does not fit into the model's context.</exception>
    public unsafe double[] LogLikelihoods(string context, IReadOnlyList<string> continuations, out int tokens)
    {
        int[] begin = tokenizer.BosId is { } bos ? [bos] : [], alone = [.. begin, .. tokenizer.Encode(context)];
        using var tape = new Tape();
        using var batch = new PackedBatch();
        int[][] sequences = [.. continuations.Select(continuation => (int[])[.. begin, .. tokenizer.Encode(context + continuation)])];
        tokens = 0;
        foreach (int[] sequence in sequences)
        {
            if (sequence.Length > model.Config.MaxPositionEmbeddings)
                throw new InvalidDataException($"question and choice have {sequence.Length} tokens, the model's context holds {model.Config.MaxPositionEmbeddings}");
            batch.Add(sequence);
            tokens += sequence.Length;
        }
        Tensor hidden = model.Forward(tape, batch); // [T, H]
        var objective = new CrossEntropyObjective(null, 1);
        double[] likelihoods = new double[sequences.Length];
        int start = 0;
        for (int s = 0; s < sequences.Length; s++)
        {
            int[] sequence = sequences[s];
            // A continuation that merges into the context's last token still has that token as its own.
            int first = Math.Max(1, Math.Min(alone.Length, sequence.Length - 1));
            int[] targets = [.. Enumerable.Range(1, sequence.Length).Select(t => t >= first && t < sequence.Length ? sequence[t] : -1)];
            fixed (int* t = targets)
                likelihoods[s] = -LanguageModelHead.Run(hidden.Data + (long)start * hidden.Columns, sequence.Length, hidden.Columns, model.Head, t, 1, ref objective, null, null, null, null);
            start += sequence.Length;
        }
        return likelihoods;
    }

    EvaluationSample Score(int index)
    {
        ChoiceProblem problem = problems[index];
        (string context, IReadOnlyList<string> continuations) = Wording(problem);
        try
        {
            double[] likelihoods = LogLikelihoods(context, continuations, out int tokens);
            int likeliest = LikelihoodChoice.Likeliest(likelihoods), perByte = LikelihoodChoice.LikeliestPerByte(likelihoods, continuations);
            return Sample(ChoiceProblem.Letter(likeliest).ToString(), likeliest == problem.CorrectIndex, tokens, null, [new("accNorm", perByte == problem.CorrectIndex ? 1 : 0)],
                string.Join('\n', continuations.Select((text, i) => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{ChoiceProblem.Letter(i)} {likelihoods[i]:0.0000} nats, {Encoding.UTF8.GetByteCount(text)} bytes:{text}"))));
        }
        catch (InvalidDataException error)
        {
            return Sample(null, false, 0, error.Message, [new("accNorm", 0)], "");
        }

        EvaluationSample Sample(string? answer, bool right, int tokens, string? reason, ScorePart[] parts, string response) => new(
            index, problem.Id, 0, 0, context, problem.Answer, response, answer, right ? Outcome.Right : Outcome.Wrong, reason, parts, tokens, 0, false, answer is not null);
    }
}
