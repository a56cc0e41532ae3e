// Documents of pre-training: worked problems, right and sometimes wrong, and plain text. Document i is a function of (seed, i).
using Fathom.Evaluation.Tasks;
using Fathom.Inference;
using Fathom.Numerics.Random;
using Fathom.Text.Tokenizers;
using Fathom.Training.Recipes;

namespace Fathom.Training.Data;

/// <summary>One document before tokenising: plain text, or a prompt with a worked reply.</summary>
/// <param name="Prompt">The user's text, or null for plain text.</param>
/// <param name="Reasoning">The reply's reasoning, or null.</param>
/// <param name="Text">The reply's answer, or the plain text.</param>
public readonly record struct Document(string? Prompt, string? Reasoning, string Text)
{
    /// <summary>Bytes of UTF-8 that a reader sees, markup not counted.</summary>
    public int ByteCount => Count(Prompt) + Count(Reasoning) + Count(Text);

    static int Count(string? text) => text is null ? 0 : System.Text.Encoding.UTF8.GetByteCount(text);

    /// <summary>The document's tokens, from begin-of-sentence to end-of-sentence.</summary>
    public int[] Encode(Tokenizer tokenizer)
    {
        if (Prompt is null)
            return [tokenizer.BosId!.Value, .. tokenizer.Encode(Text), tokenizer.EosId!.Value];
        return [.. Dialogue.Prompt(tokenizer, Prompt, Reasoning is not null), .. Dialogue.Reply(tokenizer, Reasoning, Text)];
    }
}

/// <summary>The endless mix of documents that a pre-training stage reads.</summary>
public sealed class DocumentStream
{
    readonly ProblemStream _problems;
    readonly DataMixOptions _mix;
    readonly IReadOnlyList<Document> _texts;
    readonly CounterRandom _random;
    readonly ulong _seed;
    readonly Split _split;

    /// <summary>The stream of one stage.</summary>
    /// <param name="recipe">The recipe.</param>
    /// <param name="stage">The stage's options.</param>
    /// <param name="texts">Documents of the user's files for this split; empty for made-up text.</param>
    /// <param name="split">Training or validation.</param>
    public DocumentStream(Recipe recipe, PretrainOptions stage, IReadOnlyList<Document> texts, Split split)
    {
        (_mix, _texts, _split, _seed) = (stage.Data, texts, split, (ulong)recipe.Seed);
        _problems = new ProblemStream(recipe, split, stage.Name);
        _random = new CounterRandom(_seed, ContentHash.Of($"documents/{split}/{stage.Name}", []));
    }

    /// <summary>Document number <paramref name="index"/>.</summary>
    public Document this[long index]
    {
        get
        {
            var random = new RandomStream(_seed, _random.UInt64((ulong)index));
            double u = random.NextDouble() * (_mix.CarefulShare + _mix.HastyShare + _mix.TextShare);
            if (u >= _mix.CarefulShare + _mix.HastyShare)
            {
                return _texts.Count > 0 ? _texts[random.NextInt(_texts.Count)] : MadeUpText.Write(_problems, ref random, index);
            }
            (ProceduralTask task, Problem problem) = _problems[index];
            WorkStyle style = u < _mix.CarefulShare ? WorkStyle.Careful : WorkStyle.Hasty;
            WorkedSolution solution = task.Worked(problem, style, ref random, _mix.HastyErrorRate);
            return new Document(problem.Prompt, solution.Reasoning, solution.Answer);
        }
    }
}
