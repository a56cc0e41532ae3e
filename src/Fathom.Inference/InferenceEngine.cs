// Requests in, streams of tokens out: one thread runs the model over whatever is there. Batching is the scheduler's; here are the
// thread, the queue and its limits.
using System.Collections.Concurrent;
using System.Diagnostics;
using Fathom.Inference.Scheduling;
using Fathom.Models.Layers;
using Fathom.Text.Tokenizers;

namespace Fathom.Inference;

/// <summary>
/// Serves many requests at once with one model. The same request gives the same tokens and log-probabilities whatever else runs, whatever
/// was computed before and with any number of threads. All members may be called from any thread.
/// </summary>
public sealed class InferenceEngine : IDisposable
{
    readonly DecoderModel _model;
    readonly Tokenizer? _tokenizer;
    readonly EngineOptions _options;
    readonly Scheduler _scheduler;
    readonly ConcurrentQueue<ScheduledSequence> _arrivals = new();
    readonly AutoResetEvent _wake = new(false);
    readonly Lock _gate = new();
    readonly Thread _thread;
    int _open;
    long _busyTicks;
    bool _closed;
    volatile bool _stop;

    /// <summary>Starts an engine.</summary>
    /// <param name="model">The model, used by this engine alone and not changed while it exists; it stays the caller's.</param>
    /// <param name="tokenizer">Needed for stop strings only.</param>
    /// <param name="options">What it may use; null: the defaults.</param>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of range.</exception>
    /// <exception cref="ArgumentException">The model cannot speculate as it is told to.</exception>
    public InferenceEngine(DecoderModel model, Tokenizer? tokenizer = null, EngineOptions? options = null)
    {
        (_model, _tokenizer, _options) = (model, tokenizer, options ?? new EngineOptions());
        _options.Validate();
        _options.Speculation?.CheckAgainst(model);
        (KvCache cache, KvCache? draftCache) = _options.CreateCaches(model.Config);
        _scheduler = new Scheduler(
            model, cache, _options.MaxConcurrent, KvCache.PromptGrid, keepPrefixes: true, _options.Speculation?.CreateDrafter(model, cache, draftCache));
        _thread = new Thread(Work) { IsBackground = true, Name = "fathom-engine" };
        _thread.Start();
    }

    /// <summary>Tokens that a request may have, prompt and completion together: the model's context, or what the cache holds when that is less.</summary>
    public int ContextLength => _scheduler.ContextLength;

    /// <summary>What the engine does and has done.</summary>
    public EngineStatistics Statistics
    {
        get
        {
            SchedulerCounts counts = _scheduler.Counts;
            KvCache cache = _scheduler.Cache;
            long blockBytes = cache.BytesPerToken * KvCache.BlockLength, kept = _scheduler.KeptBlocks;
            return new EngineStatistics
            {
                Running = _scheduler.RunningCount,
                Waiting = Math.Max(0, Volatile.Read(ref _open) - _scheduler.RunningCount),
                CacheBytesInUse = (cache.BlocksInUse - kept) * blockBytes,
                CacheBytesKept = kept * blockBytes,
                CacheBytesLimit = cache.Pool.Limit * blockBytes,
                PromptTokens = counts.PromptTokens,
                CachedPromptTokens = counts.SharedPromptTokens,
                GeneratedTokens = counts.GeneratedTokens,
                RecomputedTokens = counts.RecomputedTokens,
                Preemptions = counts.Preemptions,
                DraftedTokens = counts.DraftedTokens,
                AcceptedTokens = counts.AcceptedTokens,
                Steps = counts.Steps,
                BusyTime = TimeSpan.FromSeconds(Volatile.Read(ref _busyTicks) / (double)Stopwatch.Frequency),
            };
        }
    }

    /// <summary>Takes a request in.</summary>
    /// <param name="request">What to continue.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <exception cref="PromptTooLongException">The prompt leaves no room to generate.</exception>
    /// <exception cref="ArgumentException">The request cannot be run.</exception>
    /// <exception cref="EngineBusyException">As many requests as allowed are running and waiting.</exception>
    /// <exception cref="ObjectDisposedException">The engine was ended.</exception>
    public TokenStream Submit(GenerationRequest request, CancellationToken cancellationToken = default)
    {
        RequestCheck.Check(request, "The request", _model.Config, ContextLength, _tokenizer);
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_closed, this);
            if (Volatile.Read(ref _open) >= (long)_options.MaxConcurrent + _options.MaxWaiting)
                throw new EngineBusyException(_options);
            CancellationTokenRegistration registration = default;
            var stream = new TokenStream(request, _tokenizer, ContextLength, () =>
            {
                Interlocked.Decrement(ref _open);
                registration.Unregister();
            });
            registration = cancellationToken.UnsafeRegister(static sequence => ((ScheduledSequence)sequence!).Cancel(), stream.Sequence);
            Interlocked.Increment(ref _open);
            _arrivals.Enqueue(stream.Sequence);
            _wake.Set();
            return stream;
        }
    }

    /// <summary>Runs a request and returns when it has ended.</summary>
    /// <param name="request">What to continue.</param>
    /// <param name="onToken">Called on this thread for every token; false cancels the request.</param>
    /// <param name="cancellationToken">Cancels the request.</param>
    /// <returns>The completion; when it was cancelled, what had come by then, and when <paramref name="onToken"/> did so, what that has seen.</returns>
    /// <exception cref="ArgumentException">As for <see cref="Submit"/>, whose other exceptions are thrown too.</exception>
    public Completion Generate(GenerationRequest request, Func<GeneratedToken, bool>? onToken = null, CancellationToken cancellationToken = default)
    {
        TokenStream stream = Submit(request, cancellationToken);
        if (onToken is null)
            return stream.Finished.GetAwaiter().GetResult();
        int seen = 0;
        try
        {
            while (stream.Reader.WaitToReadAsync(CancellationToken.None).AsTask().GetAwaiter().GetResult())
            {
                while (stream.Reader.TryRead(out GeneratedToken token))
                {
                    seen++;
                    if (onToken(token))
                        continue;
                    stream.Cancel();
                    Completion part = stream.Finished.GetAwaiter().GetResult();
                    part.Cut(seen);
                    return part;
                }
            }
        }
        catch
        {
            stream.Cancel();
            throw;
        }
        return stream.Finished.GetAwaiter().GetResult();
    }

    void Work()
    {
        while (!_stop)
        {
            while (_arrivals.TryDequeue(out ScheduledSequence? sequence))
                _scheduler.Add(sequence);
            if (!_scheduler.HasWork)
            {
                _wake.WaitOne();
                continue;
            }
            long start = Stopwatch.GetTimestamp();
            try
            {
                _scheduler.Step();
            }
            catch (Exception e)
            {
                // Whatever the model could not do, the requests are told; the engine goes on with the next ones.
                _scheduler.EndAll(e);
            }
            Volatile.Write(ref _busyTicks, _busyTicks + Stopwatch.GetTimestamp() - start);
        }
    }

    /// <summary>Cancels what runs and waits, and ends the engine.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_closed)
                return;
            _closed = true;
        }
        _stop = true;
        _scheduler.Interrupt();
        _wake.Set();
        _thread.Join();
        while (_arrivals.TryDequeue(out ScheduledSequence? sequence))
            _scheduler.Add(sequence);
        _scheduler.EndAll(null);
        _scheduler.Dispose();
        _wake.Dispose();
    }
}
