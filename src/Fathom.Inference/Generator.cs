// Generation for many sequences at once: prompts enter as places fall free, every step runs new prompts and all running sequences in
// one packed batch over the cache.
using System.Runtime.InteropServices;
using Fathom.Models.Layers;
using Fathom.Numerics.Gradients;
using Fathom.Numerics.Tensors;
using Fathom.Numerics.Threading;
using Fathom.Text.Tokenizers;

namespace Fathom.Inference;

/// <summary>
/// Continues sequences with a model. A sequence's tokens and log-probabilities depend on its prompt, options and seed alone, not on
/// what else runs. Not thread-safe.
/// </summary>
public sealed unsafe class Generator : IDisposable
{
    readonly DecoderModel _model;
    readonly Tokenizer? _tokenizer;
    readonly int _maxConcurrent;
    readonly int _promptTokensPerStep;
    readonly int _contextLength;
    readonly KvCache _cache;
    readonly Tape _tape = new();
    readonly PackedBatch _batch = new();
    readonly List<Running> _running = [];
    readonly Stack<CachedSequence> _sequences = new();

    /// <summary>Prepares generation.</summary>
    /// <param name="model">The model; its weights may change between calls of <see cref="Generate"/>.</param>
    /// <param name="tokenizer">Needed for stop strings only.</param>
    /// <param name="maxConcurrent">Sequences in flight at most.</param>
    /// <param name="promptTokensPerStep">Prompt tokens taken in per step at most, rounded up to whole prompts.</param>
    public Generator(DecoderModel model, Tokenizer? tokenizer = null, int maxConcurrent = 256, int promptTokensPerStep = 4096)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxConcurrent, 1);
        (_model, _tokenizer, _maxConcurrent, _promptTokensPerStep) = (model, tokenizer, maxConcurrent, promptTokensPerStep);
        _contextLength = model.Config.MaxPositionEmbeddings;
        _cache = new KvCache(model.Config, (long)maxConcurrent * (_contextLength + KvCache.BlockLength));
    }

    /// <summary>Prompt tokens run since the start.</summary>
    public long PromptTokens { get; private set; }

    /// <summary>Tokens generated since the start.</summary>
    public long GeneratedTokens { get; private set; }

    /// <summary>Continues all <paramref name="requests"/> and returns their completions in order.</summary>
    /// <param name="requests">What to continue.</param>
    /// <param name="onToken">Called for every token with the request's index and the token, in a fixed order; return false to cancel the request.</param>
    /// <exception cref="ArgumentException">A prompt is empty or leaves no room in the context; both lengths are named.</exception>
    public Completion[] Generate(IReadOnlyList<GenerationRequest> requests, Func<int, int, bool>? onToken = null)
    {
        for (int i = 0; i < requests.Count; i++)
            Check(requests[i], i);
        var completions = new Completion[requests.Count];
        int next = 0;
        try
        {
            while (next < requests.Count || _running.Count > 0)
            {
                _batch.Clear(_cache);
                // Running sequences first: one token each.
                foreach (Running r in _running)
                    AddToBatch(r.Sequence, CollectionsMarshal.AsSpan(r.Completion.Tokens)[^1..]);
                int promptTokens = 0;
                while (next < requests.Count && _running.Count < _maxConcurrent && promptTokens < _promptTokensPerStep)
                {
                    GenerationRequest request = requests[next];
                    var completion = new Completion(Math.Min(request.Options.MaxNewTokens, _contextLength));
                    completions[next] = completion;
                    var running = new Running(
                        next, request, completion, new SequenceSampler(request.Options, request.Seed, request.Prompt),
                        _sequences.Count > 0 ? _sequences.Pop() : new CachedSequence(),
                        request.Options.StopStrings.Count > 0 ? new StopStringScanner(_tokenizer!, request.Options.StopStrings) : null);
                    AddToBatch(running.Sequence, request.Prompt);
                    promptTokens += request.Prompt.Length;
                    _running.Add(running);
                    next++;
                }
                PromptTokens += promptTokens;
                Step(onToken);
            }
        }
        finally
        {
            // After an exception the list may name a sequence twice: blocks go back, places are not kept.
            foreach (Running r in _running)
                _cache.Release(r.Sequence);
            _running.Clear();
        }
        return completions;
    }

    void Check(GenerationRequest request, int index)
    {
        request.Options.Validate();
        if (request.Prompt.Length == 0)
            throw new ArgumentException($"Request {index} has an empty prompt; at least one token is needed.");
        if (request.Prompt.Length >= _contextLength)
        {
            throw new ArgumentException(
                $"Request {index} has a prompt of {request.Prompt.Length} tokens; the model's context holds {_contextLength}, and at least one must be left to generate.");
        }
        if (request.Options.StopStrings.Count > 0 && _tokenizer is null)
            throw new ArgumentException($"Request {index} has stop strings; the generator was made without a tokenizer.");
    }

    void AddToBatch(CachedSequence sequence, ReadOnlySpan<int> tokens)
    {
        _cache.Reserve(sequence, tokens.Length);
        _batch.Add(tokens, sequence);
    }

    void Step(Func<int, int, bool>? onToken)
    {
        _tape.Reset();
        Tensor hidden = _model.Forward(_tape, _batch); // [T, H]
        int count = _running.Count;
        int* rows = _tape.Scope.Rent<int>(count);
        for (int s = 0; s < count; s++)
            rows[s] = _batch.SequenceStarts[s + 1] - 1;
        Tensor logits = _model.Logits(_tape, _tape.SelectRows(hidden, rows, count)); // [B, V]
        int* tokens = _tape.Scope.Rent<int>(count);
        float* logProbabilities = _tape.Scope.Rent<float>(count);
        var draw = new DrawAction(this, logits, tokens, logProbabilities);
        ThreadTeam.Shared.Run(count, ref draw);
        GeneratedTokens += count;

        int kept = 0;
        for (int s = 0; s < count; s++)
        {
            Running r = _running[s];
            _cache.Advance(r.Sequence, _batch.SequenceStarts[s + 1] - _batch.SequenceStarts[s]);
            if (Accept(r, tokens[s], logProbabilities[s], onToken))
                _running[kept++] = r;
            else
                Retire(r);
        }
        _running.RemoveRange(kept, count - kept);
    }

    // Appends a token; false when the sequence has ended.
    bool Accept(in Running r, int token, float logProbability, Func<int, int, bool>? onToken)
    {
        Completion completion = r.Completion;
        completion.Tokens.Add(token);
        r.Sampler.Accept(token);
        completion.LogProbabilities.Add(logProbability);
        bool goOn = onToken?.Invoke(r.Index, token) ?? true;
        IReadOnlyList<int> stops = r.Request.Options.StopIds;
        for (int i = 0; i < stops.Count; i++)
        {
            if (stops[i] == token)
                completion.FinishReason = FinishReason.Stop;
        }
        if (completion.FinishReason == FinishReason.None && r.Scanner?.Append(token) is { } text)
        {
            completion.StoppedText = text;
            completion.FinishReason = FinishReason.Stop;
        }
        if (completion.FinishReason == FinishReason.None
            && (completion.Tokens.Count >= r.Request.Options.MaxNewTokens || r.Request.Prompt.Length + completion.Tokens.Count >= _contextLength))
            completion.FinishReason = FinishReason.Length;
        if (!goOn && completion.FinishReason == FinishReason.None)
            completion.FinishReason = FinishReason.Stop;
        return completion.FinishReason == FinishReason.None;
    }

    void Retire(in Running r)
    {
        _cache.Release(r.Sequence);
        _sequences.Push(r.Sequence);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _cache.Dispose();
        _tape.Dispose();
        _batch.Dispose();
    }

    readonly record struct Running(
        int Index, GenerationRequest Request, Completion Completion, SequenceSampler Sampler, CachedSequence Sequence,
        StopStringScanner? Scanner);

    readonly struct DrawAction(Generator generator, Tensor logits, int* tokens, float* logProbabilities) : IParallelAction
    {
        public void Run(int part)
        {
            Running r = generator._running[part];
            tokens[part] = r.Sampler.Draw(new ReadOnlySpan<float>(logits.Row(part), logits.Columns), out logProbabilities[part]);
        }
    }
}
