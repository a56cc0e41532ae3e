// The stage `sft`: supervised fine-tuning; only replies carry loss.
using Fathom.Evaluation.Tasks;
using Fathom.Inference;
using Fathom.Numerics.Random;
using Fathom.Planning.Costs;
using Fathom.Training.Data;
using Fathom.Training.Pretraining;
using Fathom.Training.Recipes;
using Fathom.Training.Runs;

namespace Fathom.Training.FineTuning;

/// <summary>Learns a fixed set of examples for some epochs, in an order drawn anew each time.</summary>
public sealed class SftStage : StageRun
{
    readonly RunContext _context;
    readonly SftOptions _options;
    readonly TrainingSequence[] _examples;

    /// <summary>Prepares the stage: makes or reads its examples.</summary>
    /// <exception cref="DataFileException">A file is missing, a line is broken, or an example is too long.</exception>
    public SftStage(RunContext context, SftOptions options)
    {
        (_context, _options) = (context, options);
        _examples = options.Files.Count > 0 ? FromFiles() : FromTasks();
    }

    /// <inheritdoc/>
    public override int Steps => _options.Steps;

    /// <inheritdoc/>
    public override int CheckpointEverySteps => _options.CheckpointEverySteps;

    /// <inheritdoc/>
    public override StepReport RunStep(int step)
    {
        var batch = new TrainingSequence[_options.ExamplesPerStep];
        for (int i = 0; i < batch.Length; i++)
        {
            long place = Cursor++;
            batch[i] = _examples[Shuffled(place / _examples.Length)[place % _examples.Length]];
        }
        SupervisedResult result = SupervisedStep.Run(
            _context.Trainer, batch, _options.MicroBatchTokens, _options.Settings(step, Steps), _options.BiasUpdateRate);
        return new StepReport(
            new TokenCounts(batch.Sum(s => (long)s.Tokens.Length - 1), 0, 0),
            _context.Counts.Flops(batch.Select(s => s.Tokens.Length - 1), training: true),
            [
                new(MetricNames.Loss, result.Loss), new(MetricNames.LearningRate, _options.LearningRate(step, Steps)),
                new(MetricNames.GradNorm, result.GradientNorm), new(MetricNames.MaxVio, result.MaxViolation),
            ]);
    }

    long _shuffledEpoch = -1;
    int[] _order = [];

    int[] Shuffled(long epoch)
    {
        if (epoch != _shuffledEpoch)
        {
            _order = [.. Enumerable.Range(0, _examples.Length)];
            var random = new RandomStream(_context.Seed, ContentHash.Of("sft/" + _options.Name, [epoch]));
            random.Shuffle<int>(_order);
            _shuffledEpoch = epoch;
        }
        return _order;
    }

    TrainingSequence[] FromTasks()
    {
        var problems = new ProblemStream(_context.Recipe, Split.Train, _options.Name);
        var random = new RandomStream(_context.Seed, ContentHash.Of("worked/" + _options.Name, []));
        return [.. Enumerable.Range(0, _options.Examples).Select(i =>
        {
            (ProceduralTask task, Problem problem) = problems[i];
            WorkStyle style = random.NextDouble() < _options.CarefulShare ? WorkStyle.Careful : WorkStyle.Hasty;
            WorkedSolution solution = task.Worked(problem, style, ref random, _options.HastyErrorRate);
            return Example(problem.Prompt, solution.Reasoning, solution.Answer, $"example {i} of task '{task.Name}'");
        })];
    }

    TrainingSequence[] FromFiles()
    {
        FileDocuments files = FileDocuments.Read(_options.Files);
        Document[] usable = [.. files.Train.Concat(files.Validation).Where(d => d.Prompt is not null).Take(_options.Examples)];
        if (usable.Length == 0)
            throw new DataFileException(_options.Files[0], null, "no line has a prompt and a completion; fine-tuning needs `prompt` and `completion`, `messages`, or `question` and `answer`");
        return [.. usable.Select((d, i) => Example(d.Prompt!, d.Reasoning, d.Text, $"line {i + 1} of the files"))];
    }

    TrainingSequence Example(string prompt, string? reasoning, string answer, string place)
    {
        int[] before = Dialogue.Prompt(_context.Tokenizer, prompt, reasoning is not null);
        int[] tokens = [.. before, .. Dialogue.Reply(_context.Tokenizer, reasoning, answer)];
        if (tokens.Length > _options.SequenceLength + 1)
            throw new DataFileException(place, null, $"it has {tokens.Length} tokens; sequenceLength allows {_options.SequenceLength + 1}");
        return new TrainingSequence(tokens, before.Length);
    }
}
