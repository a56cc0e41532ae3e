// Generation for many sequences at once, on the caller's thread: what rollouts, evaluation and measurements use. The work is the
// scheduler's; InferenceEngine runs the same one on a thread of its own.
using System.Runtime.ExceptionServices;
using Fathom.Inference.Scheduling;
using Fathom.Models.Layers;
using Fathom.Text.Tokenizers;

namespace Fathom.Inference;

/// <summary>
/// Continues sequences with a model. A sequence's tokens and log-probabilities depend on its prompt, options and seed alone, not on
/// what else runs. Sequences with the same prompt share its computation. Not thread-safe.
/// </summary>
public sealed class Generator : IDisposable
{
    readonly DecoderModel _model;
    readonly Tokenizer? _tokenizer;
    readonly Scheduler _scheduler;
    Exception? _failure;

    /// <summary>Prepares generation.</summary>
    /// <param name="model">The model; its weights may change between calls of <see cref="Generate"/>.</param>
    /// <param name="tokenizer">Needed for stop strings only.</param>
    /// <param name="maxConcurrent">Sequences in flight at most.</param>
    /// <param name="promptTokensPerStep">Prompt tokens taken in per step at most, rounded up to one piece of a prompt.</param>
    public Generator(DecoderModel model, Tokenizer? tokenizer = null, int maxConcurrent = 256, int promptTokensPerStep = 4096)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxConcurrent, 1);
        (_model, _tokenizer) = (model, tokenizer);
        // Every sequence has room for the whole context; memory is taken as it is used. Beginnings are not kept: the weights may change.
        var cache = new KvCache(model.Config, (long)maxConcurrent * (model.Config.MaxPositionEmbeddings + KvCache.BlockLength));
        _scheduler = new Scheduler(model, cache, maxConcurrent, promptTokensPerStep, keepPrefixes: false);
    }

    /// <summary>Prompt tokens computed since the start.</summary>
    public long PromptTokens => _scheduler.Counts.PromptTokens;

    /// <summary>Prompt tokens since the start that were computed once with those of another sequence.</summary>
    public long SharedPromptTokens => _scheduler.Counts.SharedPromptTokens;

    /// <summary>Tokens generated since the start.</summary>
    public long GeneratedTokens => _scheduler.Counts.GeneratedTokens;

    /// <summary>Continues all <paramref name="requests"/> and returns their completions in order.</summary>
    /// <param name="requests">What to continue.</param>
    /// <param name="onToken">Called for every token with the request's index and the token, in a fixed order; return false to cancel the request.</param>
    /// <exception cref="ArgumentException">A prompt is empty or leaves no room in the context; both lengths are named.</exception>
    public Completion[] Generate(IReadOnlyList<GenerationRequest> requests, Func<int, int, bool>? onToken = null)
    {
        for (int i = 0; i < requests.Count; i++)
            RequestCheck.Check(requests[i], $"Request {i}", _model.Config, _scheduler.ContextLength, _tokenizer);
        _failure = null;
        var sequences = new CalledBack[requests.Count];
        try
        {
            for (int i = 0; i < sequences.Length; i++)
            {
                sequences[i] = new CalledBack(this, requests[i], i, onToken);
                _scheduler.Add(sequences[i]);
            }
            while (_scheduler.HasWork)
            {
                _scheduler.Step();
                if (_failure is not null)
                    ExceptionDispatchInfo.Throw(_failure);
            }
        }
        finally
        {
            _scheduler.EndAll(null);
        }
        return [.. sequences.Select(sequence => sequence.Completion)];
    }

    /// <inheritdoc/>
    public void Dispose() => _scheduler.Dispose();

    sealed class CalledBack(Generator generator, GenerationRequest request, int index, Func<int, int, bool>? onToken)
        : ScheduledSequence(request, generator._tokenizer, generator._scheduler.ContextLength)
    {
        protected override bool OnToken(GeneratedToken token) => onToken?.Invoke(index, token.Id) ?? true;

        public override void OnEnd() => generator._failure ??= Failure;
    }
}
