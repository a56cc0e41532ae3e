// GRPO (DeepSeekMath section 4, DeepSeek-R1 section 2.2): roll out groups of responses, reward them by rules, normalise rewards within
// each group, and move the policy along the clipped objective with a KL term to a reference.
using Fathom.Evaluation.Graders;
using Fathom.Evaluation.Tasks;
using Fathom.Inference;
using Fathom.Models.Layers;
using Fathom.Numerics.Kernels;
using Fathom.Text.Tokenizers;
using Fathom.Training.Data;
using Fathom.Training.Optimizers;
using Fathom.Training.Pretraining;
using Fathom.Training.Recipes;

namespace Fathom.Training.Reinforcement;

/// <summary>What one step did.</summary>
public sealed record GrpoStep
{
    /// <summary>The responses learnt from and those of groups without signal.</summary>
    public required IReadOnlyList<Rollout> Rollouts { get; init; }

    /// <summary>Policy loss.</summary>
    public required double Loss { get; init; }

    /// <summary>Gradient norm before clipping, of the last minibatch.</summary>
    public required double GradientNorm { get; init; }

    /// <summary>Mean k3 divergence to the reference per token.</summary>
    public required double Kl { get; init; }

    /// <summary>Share of tokens whose ratio was clipped.</summary>
    public required double ClipShare { get; init; }

    /// <summary>Mean entropy per token.</summary>
    public required double Entropy { get; init; }

    /// <summary>Share of groups whose rewards are all equal.</summary>
    public required double NoSignalShare { get; init; }

    /// <summary>Largest difference between sampled and recomputed log-probabilities.</summary>
    public required double MaxLogProbGap { get; init; }

    /// <summary>Worst layer's load imbalance, of the last minibatch.</summary>
    public required double MaxViolation { get; init; }

    /// <summary>Tokens run in prompts, generated, scored by the reference, and trained.</summary>
    public required (long Prompt, long Generated, long Scored, long Trained) Tokens { get; init; }

    /// <summary>Seconds of rollout, reference scoring and update.</summary>
    public required (double Rollout, double Reference, double Update) Seconds { get; init; }
}

/// <summary>Runs steps of GRPO on one model.</summary>
public sealed class GrpoTrainer : IDisposable
{
    // Dynamic sampling gives up after drawing this many times the questions asked for.
    const int MaxRedraws = 4;

    readonly ModelTrainer _trainer;
    readonly Generator _generator;
    readonly Tokenizer _tokenizer;
    readonly ProblemStream _problems;
    readonly RlOptions _options;
    readonly ulong _seed;
    readonly PolicyObjective _objective;
    readonly PassArrays _pass = new();

    /// <summary>Prepares a stage.</summary>
    /// <param name="trainer">The policy in training.</param>
    /// <param name="generator">A generator over the same model.</param>
    /// <param name="tokenizer">The model's tokenizer.</param>
    /// <param name="problems">Training problems.</param>
    /// <param name="options">The stage's options.</param>
    /// <param name="seed">Seeds the sampling.</param>
    public GrpoTrainer(ModelTrainer trainer, Generator generator, Tokenizer tokenizer, ProblemStream problems, RlOptions options, ulong seed)
    {
        (_trainer, _generator, _tokenizer, _problems, _options, _seed) = (trainer, generator, tokenizer, problems, options, seed);
        _objective = new PolicyObjective(options.ClipLow, options.ClipHigh, options.KlWeight);
        if (options.KlWeight > 0)
            Reference = new DecoderModel(ModelParameters.CopyOf(trainer.Model.Parameters));
    }

    /// <summary>The reference policy, or null when the KL weight is 0.</summary>
    public DecoderModel? Reference { get; }

    /// <summary>Problems drawn so far: the stage's place in the data.</summary>
    public long Cursor { get; set; }

    /// <summary>Runs one step.</summary>
    /// <param name="step">0-based step of the stage.</param>
    /// <param name="settings">Optimizer settings.</param>
    public GrpoStep Step(int step, in OptimizerStep settings)
    {
        if (Reference is not null && _options.ReferenceRefreshSteps > 0 && step > 0 && step % _options.ReferenceRefreshSteps == 0)
            Reference.Parameters.CopyFrom(_trainer.Model.Parameters);
        var clock = System.Diagnostics.Stopwatch.StartNew();
        long promptsBefore = _generator.PromptTokens, generatedBefore = _generator.GeneratedTokens;
        (List<Rollout> rollouts, double noSignal) = RollOut();
        double rolloutSeconds = clock.Elapsed.TotalSeconds;

        long scored = ScoreReference(rollouts);
        double referenceSeconds = clock.Elapsed.TotalSeconds - rolloutSeconds;

        var totals = new PassTotals();
        double norm = 0, maxViolation = 0;
        long trained = 0;
        int minibatches = Math.Min(_options.Minibatches, Math.Max(1, rollouts.Count / _options.GroupSize));
        for (int b = 0; b < minibatches; b++)
        {
            // Whole groups stay together.
            int groups = rollouts.Count / _options.GroupSize;
            int from = groups * b / minibatches * _options.GroupSize, to = groups * (b + 1) / minibatches * _options.GroupSize;
            List<Rollout> part = rollouts.GetRange(from, to - from);
            trained += Update(part, ref totals, compare: b == 0);
            maxViolation = _trainer.MaxViolation();
            norm = _trainer.EndStep(settings, _options.BiasUpdateRate);
            if (!double.IsFinite(norm))
                break;
        }
        return new GrpoStep
        {
            Rollouts = rollouts,
            Loss = totals.Loss / minibatches,
            GradientNorm = norm,
            Kl = totals.Kl / Math.Max(1, totals.Tokens),
            ClipShare = (double)totals.Clipped / Math.Max(1, totals.Tokens),
            Entropy = totals.Entropy / Math.Max(1, totals.Tokens),
            NoSignalShare = noSignal,
            MaxLogProbGap = totals.MaxGap,
            MaxViolation = maxViolation,
            Tokens = (_generator.PromptTokens - promptsBefore, _generator.GeneratedTokens - generatedBefore, scored, trained),
            Seconds = (rolloutSeconds, referenceSeconds, clock.Elapsed.TotalSeconds - rolloutSeconds - referenceSeconds),
        };
    }

    (List<Rollout> Rollouts, double NoSignalShare) RollOut()
    {
        int wanted = _options.QuestionsPerStep, groupSize = _options.GroupSize;
        var kept = new List<Rollout>();
        var silent = new List<Rollout>();
        int drawn = 0;
        while (drawn < wanted || (_options.DynamicSampling && kept.Count < wanted * groupSize && drawn < MaxRedraws * wanted))
        {
            int count = drawn == 0 ? wanted : wanted - kept.Count / groupSize;
            List<Rollout> round = Sample(count);
            drawn += count;
            for (int g = 0; g < count; g++)
            {
                List<Rollout> group = round.GetRange(g * groupSize, groupSize);
                (HasSignal(group) ? kept : silent).AddRange(group);
            }
        }
        double share = (double)silent.Count / (kept.Count + silent.Count);
        if (!_options.DynamicSampling)
        {
            // Groups without signal still pull towards the reference and count in the means.
            kept.AddRange(silent);
        }
        else if (kept.Count > wanted * groupSize)
        {
            kept.RemoveRange(wanted * groupSize, kept.Count - wanted * groupSize);
        }
        else if (kept.Count == 0)
        {
            kept.AddRange(silent.Take(groupSize));
        }
        Weigh(kept);
        return (kept, share);
    }

    static bool HasSignal(List<Rollout> group) => Advantages.HasSpread([.. group.Select(r => r.Reward ?? double.NaN)]);

    List<Rollout> Sample(int questions)
    {
        int groupSize = _options.GroupSize, eos = _tokenizer.EosId!.Value;
        var sampling = new SamplingOptions { Temperature = (float)_options.Temperature, MaxNewTokens = _options.MaxNewTokens, StopIds = [eos] };
        var problems = new (ProceduralTask Task, Problem Problem)[questions];
        var requests = new List<GenerationRequest>(questions * groupSize);
        for (int q = 0; q < questions; q++)
        {
            problems[q] = _problems[Cursor];
            int[] prompt = Dialogue.Prompt(_tokenizer, problems[q].Problem.Prompt);
            for (int s = 0; s < groupSize; s++)
                requests.Add(new GenerationRequest(prompt, sampling, SampleSeed.Of(_seed, Cursor, s)));
            Cursor++;
        }
        Completion[] completions = _generator.Generate(requests);
        var rollouts = new List<Rollout>(completions.Length);
        for (int i = 0; i < completions.Length; i++)
        {
            (ProceduralTask task, Problem problem) = problems[i / groupSize];
            Completion completion = completions[i];
            string text = completion.Text(_tokenizer, sampling.StopIds);
            ParsedResponse parsed = AnswerExtraction.Parse(text);
            double? accuracy = Rewards.Accuracy(task, problem, parsed);
            // A response that ran into the length limit has no end and so no good form.
            double format = completion.FinishReason == FinishReason.Stop ? Rewards.Format(parsed) : 0;
            double? reward = 0;
            foreach (RewardOptions part in _options.Rewards)
                reward += part.Weight * (part.Name == "accuracy" ? accuracy : format);
            int[] prompt = requests[i].Prompt;
            rollouts.Add(new Rollout
            {
                Problem = problem,
                Sequence = new TrainingSequence([.. prompt, .. completion.Tokens], prompt.Length),
                Completion = completion,
                Text = text,
                Parsed = parsed,
                Accuracy = accuracy,
                Format = format,
                Reward = reward,
            });
        }
        double[] rewards = [.. rollouts.Select(r => r.Reward ?? double.NaN)], advantages = new double[rewards.Length];
        Advantages.Compute(rewards, groupSize, advantages, _options.NormalizeStd);
        for (int i = 0; i < rollouts.Count; i++)
            rollouts[i].Advantage = advantages[i];
        return rollouts;
    }

    void Weigh(List<Rollout> rollouts)
    {
        // Weights are those of one minibatch: each is an optimizer step of its own.
        int minibatches = Math.Min(_options.Minibatches, Math.Max(1, rollouts.Count / _options.GroupSize));
        int groups = rollouts.Count / _options.GroupSize;
        for (int b = 0; b < minibatches; b++)
        {
            int from = groups * b / minibatches * _options.GroupSize, to = groups * (b + 1) / minibatches * _options.GroupSize;
            int[] lengths = [.. rollouts.Skip(from).Take(to - from).Select(r => r.Sequence.TargetCount)];
            var weights = new double[lengths.Length];
            TokenWeights.Compute(lengths, _options.Aggregation, _options.MaxNewTokens, weights);
            for (int i = 0; i < weights.Length; i++)
                // What has no reward teaches nothing, not even to stay near the reference.
                rollouts[from + i].TokenWeight = rollouts[from + i].Reward is null ? 0 : weights[i];
        }
    }

    long ScoreReference(List<Rollout> rollouts)
    {
        if (Reference is null)
            return 0;
        TrainingSequence[] sequences = [.. rollouts.Select(r => r.Sequence)];
        long tokens = 0;
        for (int from = 0; from < sequences.Length;)
        {
            int to = ModelTrainer.PassEnd(sequences, from, _options.MicroBatchTokens);
            _trainer.LoadPass(sequences.AsSpan(from, to - from));
            _pass.Ensure(_trainer.PassTokens);
            _trainer.Score(Reference, _pass.Reference, (float)_options.Temperature);
            tokens += _trainer.PassTokens;
            int t = 0;
            for (int i = from; i < to; i++)
            {
                TrainingSequence s = sequences[i];
                int first = t + s.FirstTarget - 1;
                rollouts[i].ReferenceLogProbabilities = _pass.Reference.AsSpan(first, s.TargetCount).ToArray();
                t += s.Tokens.Length - 1;
            }
            from = to;
        }
        return tokens;
    }

    long Update(List<Rollout> rollouts, ref PassTotals totals, bool compare)
    {
        TrainingSequence[] sequences = [.. rollouts.Select(r => r.Sequence)];
        _trainer.BeginStep(sequences.Length);
        long tokens = 0;
        for (int from = 0; from < sequences.Length;)
        {
            int to = ModelTrainer.PassEnd(sequences, from, _options.MicroBatchTokens);
            _trainer.LoadPass(sequences.AsSpan(from, to - from));
            _pass.Ensure(_trainer.PassTokens);
            int t = 0;
            for (int i = from; i < to; i++)
            {
                Rollout r = rollouts[i];
                int first = t + r.Sequence.FirstTarget - 1;
                for (int j = 0; j < r.Sequence.TargetCount; j++)
                {
                    _pass.Old[first + j] = r.Completion.LogProbabilities[j];
                    _pass.Reference[first + j] = Reference is null ? 0 : r.ReferenceLogProbabilities[j];
                    _pass.Advantage[first + j] = r.Advantage;
                    _pass.Weight[first + j] = r.TokenWeight;
                }
                t += r.Sequence.Tokens.Length - 1;
            }
            var objective = new PolicyTokens(_objective, _pass);
            _trainer.RunPass(ref objective, (float)_options.Temperature);
            totals.Add(_pass.Totals, compare);
            tokens += _trainer.PassTokens;
            from = to;
        }
        return tokens;
    }

    /// <inheritdoc/>
    public void Dispose() => Reference?.Dispose();

    // Per-token inputs of one pass, indexed by the token's place in the pass.
    sealed class PassArrays
    {
        public float[] Old = [], Reference = [];
        public double[] Advantage = [], Weight = [];
        public PassTotals Totals;

        public void Ensure(int tokens)
        {
            Totals = default;
            if (Old.Length >= tokens)
                return;
            int size = Math.Max(tokens, 2 * Old.Length);
            Old = new float[size];
            Reference = new float[size];
            Advantage = new double[size];
            Weight = new double[size];
        }
    }

    struct PassTotals
    {
        public double Loss, Kl, Entropy, MaxGap;
        public long Tokens, Clipped;

        public void Add(in PassTotals other, bool compare)
        {
            Loss += other.Loss;
            Kl += other.Kl;
            Entropy += other.Entropy;
            Tokens += other.Tokens;
            Clipped += other.Clipped;
            // Later minibatches have moved the policy away from the sampled one on purpose.
            if (compare)
                MaxGap = Math.Max(MaxGap, other.MaxGap);
        }
    }

    readonly struct PolicyTokens(PolicyObjective objective, PassArrays pass) : ITokenObjective
    {
        public double Evaluate(int token, float logp, float entropy, out float gradient)
        {
            float old = pass.Old[token];
            TokenLoss loss = objective.Evaluate(logp, old, objective.KlWeight > 0 ? pass.Reference[token] : logp, pass.Advantage[token]);
            double weight = pass.Weight[token];
            gradient = (float)(weight * loss.Gradient);
            ref PassTotals totals = ref pass.Totals;
            totals.Loss += weight * loss.Loss;
            totals.Kl += loss.Kl;
            totals.Entropy += entropy;
            totals.Tokens++;
            totals.Clipped += loss.Clipped ? 1 : 0;
            totals.MaxGap = Math.Max(totals.MaxGap, Math.Abs((double)logp - old));
            return weight * loss.Loss;
        }
    }
}
