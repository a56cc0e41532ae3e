// Runs a recipe from its first stage, or from its latest checkpoint, to its summary.
using System.Collections.Concurrent;
using System.Diagnostics;
using Fathom.Evaluation.Tasks;
using Fathom.Inference;
using Fathom.Models.Checkpoints;
using Fathom.Models.Configs;
using Fathom.Models.Counts;
using Fathom.Models.Layers;
using Fathom.Numerics.Formats;
using Fathom.Numerics.Kernels.MachineLimits;
using Fathom.Numerics.Threading;
using Fathom.Planning.Costs;
using Fathom.Planning.Hardware;
using Fathom.Planning.Prices;
using Fathom.Text.Tokenizers;
using Fathom.Training.Data;
using Fathom.Training.FineTuning;
using Fathom.Training.Pretraining;
using Fathom.Training.Reinforcement;
using Fathom.Training.Runs;

namespace Fathom.Training.Recipes;

/// <summary>Runs one recipe in one run folder. The trained model ends up in the folder itself, as a Hugging Face model folder.</summary>
public sealed class RecipeRunner : IDisposable
{
    const string ModelFolderName = "model";
    const string OptimizerFile = "optimizer.safetensors";
    const string StateFile = "state.json";
    const int TokenizerSampleDocuments = 4000;
    const int ConcurrentSequences = 256;

    // Measured once in a process for each number of threads: it takes a second, and several runs may follow each other.
    static readonly ConcurrentDictionary<int, MachineLimits> s_limits = new();

    readonly RunFolder _run;
    readonly Action<StageProgress> _onProgress;
    readonly RunContext _context;
    readonly RunState _state;

    /// <summary>Prepares a run: new weights, or those of the latest checkpoint.</summary>
    /// <param name="run">The run's folder.</param>
    /// <param name="onProgress">Called after every step.</param>
    /// <exception cref="RecipeException">The recipe names what does not exist.</exception>
    /// <exception cref="DataFileException">A data file cannot be used.</exception>
    public RecipeRunner(RunFolder run, Action<StageProgress> onProgress)
    {
        (_run, _onProgress) = (run, onProgress);
        Tokenizer tokenizer;
        DecoderModel model;
        string? checkpoint = run.Checkpoints.Latest()?.Folder;
        if (checkpoint is null)
        {
            tokenizer = TrainTokenizer(run.Recipe);
            model = DecoderModel.Initialize(ConfigOf(run.Recipe, tokenizer), (ulong)run.Recipe.Seed);
            _state = new RunState();
        }
        else
        {
            string folder = Path.Combine(checkpoint, ModelFolderName);
            tokenizer = Tokenizer.Load(folder);
            model = DecoderModel.Load(folder);
            _state = RunState.Load(Path.Combine(checkpoint, StateFile));
        }
        var trainer = new ModelTrainer(model);
        if (checkpoint is not null)
        {
            using SafetensorsFile file = SafetensorsFile.Open(Path.Combine(checkpoint, OptimizerFile));
            trainer.Optimizer.Restore(file, _state.OptimizerSteps);
        }
        _context = new RunContext(
            run, tokenizer, trainer, new Generator(model, tokenizer, ConcurrentSequences), new ModelCounts(model.Config))
        {
            GlobalStep = _state.GlobalStep,
        };
    }

    /// <summary>Runs all stages that are not done yet, saves the model, and writes summary, bill and report.</summary>
    /// <exception cref="RunException">The loss became NaN, or the disk is full; the message names the last good checkpoint.</exception>
    public RunSummary Run()
    {
        while (_state.Stage < _run.Recipe.Stages.Count)
        {
            RunStage(_run.Recipe.Stages[_state.Stage], _state.Step > 0);
            _state.Stage++;
            _state.Step = 0;
            _state.Cursor = 0;
            _state.OptimizerSteps = 0;
            if (_state.Stage < _run.Recipe.Stages.Count)
                SaveCheckpoint(null);
        }
        SaveModel(_run.Path);
        RunSummary summary = Summarise();
        _run.Finish(summary);
        return summary;
    }

    void RunStage(StageOptions options, bool resumed)
    {
        if (_state.Stages.Count == _state.Stage)
            _state.Stages.Add(new StageState());
        StageState account = _state.Stages[_state.Stage];
        var clock = Stopwatch.StartNew();
        using StageRun stage = Begin(options, clock);
        if (resumed)
        {
            stage.Cursor = _state.Cursor;
            if (_run.Checkpoints.Latest() is { } checkpoint)
                stage.Restore(checkpoint.Folder);
        }
        else if (options is TrainingStageOptions training)
        {
            _context.Trainer.Optimizer.Reset();
        }
        if (options is TrainingStageOptions { } balanced)
        {
            foreach (MixtureOfExperts layer in _context.Model.ExpertLayers)
                layer.BalanceLossWeight = (float)balanced.BalanceLossWeight;
        }
        double before = account.Seconds;
        int first = _state.Step;
        while (_state.Step < stage.Steps)
        {
            double started = clock.Elapsed.TotalSeconds;
            StepReport report = stage.RunStep(_state.Step);
            double seconds = clock.Elapsed.TotalSeconds - started;
            _state.Step++;
            _state.GlobalStep++;
            _state.Cursor = stage.Cursor;
            _state.OptimizerSteps = _context.Trainer.Optimizer.StepCount;
            _context.GlobalStep = _state.GlobalStep;
            Account(account, report, before + clock.Elapsed.TotalSeconds);
            long tokens = report.Tokens.Total;
            double rate = tokens / Math.Max(seconds, 1e-9);
            _run.AppendMetrics(new MetricRecord(
                options.Name, options.Kind, _state.Step, _state.GlobalStep, tokens, seconds, [.. report.Values, new(MetricNames.TokensPerSecond, rate)]));
            CheckFinite(options, report);
            TimeSpan left = clock.Elapsed / (_state.Step - first) * (stage.Steps - _state.Step);
            _onProgress(new StageProgress(options.Name, _state.Step, stage.Steps, report.Values[0].Name, report.Values[0].Value, rate, left));
            if (_state.Step % stage.CheckpointEverySteps == 0 && _state.Step < stage.Steps)
                SaveCheckpoint(stage);
        }
        account.Seconds = before + clock.Elapsed.TotalSeconds;
        if (stage.Summary is { } summary)
            (account.PassAt1, account.StandardError, account.MeanTokens) = (summary.PassAt1, summary.StandardError, summary.MeanTokens);
    }

    StageRun Begin(StageOptions options, Stopwatch clock) => options switch
    {
        PretrainOptions pretrain => new PretrainStage(_context, pretrain),
        SftOptions sft => new SftStage(_context, sft),
        RlOptions rl => new RlStage(_context, rl),
        EvaluateOptions evaluate => new EvaluateStage(_context, evaluate, (done, total) => _onProgress(new StageProgress(
            evaluate.Name, done, total, "responses", done, done / clock.Elapsed.TotalSeconds, clock.Elapsed / done * (total - done)))),
        _ => throw new RecipeException($"stage '{options.Name}' is of a kind that cannot be run: {options.GetType().Name}."),
    };

    static void Account(StageState account, in StepReport report, double seconds)
    {
        account.Trained += report.Tokens.Trained;
        account.Generated += report.Tokens.Generated;
        account.Evaluated += report.Tokens.Evaluated;
        account.Flops += report.Flops;
        account.Seconds = seconds;
    }

    void CheckFinite(StageOptions options, in StepReport report)
    {
        foreach (Metric metric in report.Values)
        {
            if (metric.Name is MetricNames.Loss or MetricNames.GradNorm && !double.IsFinite(metric.Value))
            {
                throw new RunException(
                    $"Stage '{options.Name}', step {_state.Step}: {metric.Name} is {metric.Value}. The step changed no weights; a lower peakLearningRate or clipNorm may help. {_run.Checkpoints.LastGood()}");
            }
        }
    }

    void SaveCheckpoint(StageRun? stage)
    {
        _run.SaveCheckpoint(_state.GlobalStep, folder =>
        {
            SaveModel(Path.Combine(folder, ModelFolderName));
            SafetensorsWriter.Write(Path.Combine(folder, OptimizerFile), _context.Trainer.Optimizer.ToSources());
            stage?.Save(folder);
            _state.Save(Path.Combine(folder, StateFile));
        });
    }

    void SaveModel(string folder)
    {
        _context.Model.Save(folder, ElementType.F32);
        _context.Tokenizer.Save(folder);
    }

    RunSummary Summarise()
    {
        var stages = new List<StageSummary>();
        var bills = new List<StageBill>();
        for (int i = 0; i < _state.Stages.Count; i++)
        {
            StageOptions options = _run.Recipe.Stages[i];
            StageState s = _state.Stages[i];
            // A row per training stage; the evaluation that follows it fills in its score.
            if (options is EvaluateOptions && stages.Count > 0 && stages[^1].PassAt1 is null)
                stages[^1] = stages[^1] with { PassAt1 = s.PassAt1, StandardError = s.StandardError, MeanTokens = s.MeanTokens, Seconds = stages[^1].Seconds + s.Seconds };
            else
                stages.Add(new StageSummary(options.Name, s.PassAt1, s.StandardError, s.MeanTokens, s.Seconds));
            bills.Add(new StageBill(options.Name, options.Kind, new TokenCounts(s.Trained, s.Generated, s.Evaluated), s.Flops, TimeSpan.FromSeconds(s.Seconds)));
        }
        int threads = ThreadTeam.Shared.ThreadCount;
        MachineLimits limits = s_limits.GetOrAdd(threads, MachineLimits.Measure);
        return new RunSummary(stages, new RunBill(
            bills, threads, limits.Single * 1e9, Process.GetCurrentProcess().PeakWorkingSet64, Accelerator.H800, HourlyPrice.H800Rental));
    }

    static Tokenizer TrainTokenizer(Recipe recipe)
    {
        // The documents that the first pre-training stage will read; without one, the tasks' own wording.
        PretrainOptions options = recipe.Stages.OfType<PretrainOptions>().FirstOrDefault() ?? new PretrainOptions { Name = "tokenizer" };
        var documents = new DocumentStream(recipe, options, FileDocuments.Read(options.Data.Files).Train, Split.Train);
        IEnumerable<string> texts = Enumerable.Range(0, TokenizerSampleDocuments).SelectMany(i =>
        {
            Document d = documents[i];
            return new[] { d.Prompt, d.Reasoning, d.Text }.OfType<string>();
        });
        return BpeTrainer.Train(texts, recipe.Tokenizer.VocabularySize, DeepSeekTokens.All);
    }

    static ModelConfig ConfigOf(Recipe recipe, Tokenizer tokenizer) => recipe.Model.ToConfig(tokenizer.VocabularySize) with
    {
        BosTokenId = tokenizer.BosId,
        EosTokenIds = [tokenizer.EosId!.Value],
    };

    /// <inheritdoc/>
    public void Dispose()
    {
        _context.Generator.Dispose();
        _context.Trainer.Dispose();
        _context.Model.Dispose();
    }
}
