// The stage `pretrain`: next-token training on the document mix, with validation on held-out documents.
using Fathom.Evaluation.Tasks;
using Fathom.Planning.Costs;
using Fathom.Training.Data;
using Fathom.Training.Recipes;
using Fathom.Training.Runs;

namespace Fathom.Training.Pretraining;

/// <summary>Pre-training on packed documents; a document longer than the sequence length is cut into pieces.</summary>
public sealed class PretrainStage : StageRun
{
    readonly RunContext _context;
    readonly PretrainOptions _options;
    readonly DocumentStream _documents;
    readonly DocumentStream _validation;
    readonly List<TrainingSequence> _step = [];
    TrainingSequence[]? _validationSequences;
    long _validationBytes;

    /// <summary>Prepares the stage; reads the files it names.</summary>
    /// <exception cref="DataFileException">A file is missing or a line of it is broken.</exception>
    public PretrainStage(RunContext context, PretrainOptions options)
    {
        (_context, _options) = (context, options);
        FileDocuments files = FileDocuments.Read(options.Data.Files);
        _documents = new DocumentStream(context.Recipe, options, files.Train, Split.Train);
        _validation = new DocumentStream(context.Recipe, options, files.Validation, Split.Validation);
    }

    /// <inheritdoc/>
    public override int Steps => _options.Steps;

    /// <inheritdoc/>
    public override int CheckpointEverySteps => _options.CheckpointEverySteps;

    /// <inheritdoc/>
    public override StepReport RunStep(int step)
    {
        _step.Clear();
        int tokens = 0;
        while (tokens < _options.TokensPerStep)
            tokens += Append(_documents[Cursor++], _step);
        SupervisedResult result = SupervisedStep.Run(
            _context.Trainer, System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_step), _options.MicroBatchTokens,
            _options.Settings(step, Steps), _options.BiasUpdateRate, _context.Model.Mtp is null ? 0 : _options.MtpWeight);
        var values = new List<Metric>
        {
            new(MetricNames.Loss, result.Loss),
            new(MetricNames.LearningRate, _options.LearningRate(step, Steps)),
            new(MetricNames.GradNorm, result.GradientNorm),
            new(MetricNames.MaxVio, result.MaxViolation),
            new(MetricNames.BalanceLoss, result.BalanceLoss),
        };
        if (_context.Model.Mtp is not null)
            values.Add(new(MetricNames.MtpLoss, result.MtpLoss));
        double flops = _context.Counts.Flops(_step.Select(s => s.Tokens.Length - 1), training: true);
        long evaluated = 0;
        if ((step + 1) % _options.ValidationEverySteps == 0 || step + 1 == Steps)
        {
            TrainingSequence[] sequences = ValidationSequences();
            double loss = SupervisedStep.Validate(_context.Trainer, sequences, _options.MicroBatchTokens);
            evaluated = sequences.Sum(s => (long)s.Tokens.Length - 1);
            values.Add(new(MetricNames.ValidationLoss, loss));
            values.Add(new(MetricNames.BitsPerByte, loss * sequences.Sum(s => (long)s.TargetCount) / Math.Log(2) / _validationBytes));
            flops += _context.Counts.Flops(sequences.Select(s => s.Tokens.Length - 1), training: false);
        }
        return new StepReport(new TokenCounts(tokens, 0, evaluated), flops, values);
    }

    // Returns the tokens added.
    int Append(Document document, List<TrainingSequence> into)
    {
        int[] ids = document.Encode(_context.Tokenizer);
        int added = 0;
        // Pieces overlap by one token, so that every token is predicted once.
        for (int start = 0; start < ids.Length - 1; start += _options.SequenceLength)
        {
            int[] piece = ids.Length <= _options.SequenceLength + 1 ? ids : ids[start..Math.Min(ids.Length, start + _options.SequenceLength + 1)];
            into.Add(new TrainingSequence(piece, 1));
            added += piece.Length - 1;
        }
        return added;
    }

    TrainingSequence[] ValidationSequences()
    {
        if (_validationSequences is null)
        {
            var sequences = new List<TrainingSequence>();
            int tokens = 0;
            for (long i = 0; tokens < _options.ValidationTokens; i++)
            {
                Document document = _validation[i];
                _validationBytes += document.ByteCount;
                tokens += Append(document, sequences);
            }
            _validationSequences = [.. sequences];
        }
        return _validationSequences;
    }
}
