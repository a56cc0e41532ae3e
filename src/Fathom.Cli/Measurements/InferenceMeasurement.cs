// Prompts and decoding of a model on random tokens: the passes that generation makes, without its scheduling. What is fed is random,
// so that each sequence goes its own way through the experts; the likeliest token is looked for all the same, as generation must.
using System.Diagnostics;
using Fathom.Inference;
using Fathom.Models.Layers;
using Fathom.Numerics.Formats;
using Fathom.Numerics.Gradients;
using Fathom.Numerics.Kernels.MachineLimits;
using Fathom.Numerics.Random;
using Fathom.Numerics.Statistics;
using Fathom.Numerics.Tensors;
using Fathom.Numerics.Threading;

namespace Fathom.Cli.Measurements;

/// <summary>Measures one model.</summary>
sealed unsafe class InferenceMeasurement : IDisposable
{
    // Tokens of a prompt that go through the model at a time, as the engine cuts them.
    const int Piece = KvCache.PromptGrid;

    // Decoded before anything is timed.
    const int WarmupTokens = 8;

    const double ProbeSeconds = 0.05;

    readonly DecoderModel _model;
    readonly InferenceWork _work;
    readonly KvCache _cache;
    readonly MemoryProbe _probe = new(ThreadTeam.Shared);
    readonly Tape _tape = new();
    readonly PackedBatch _batch = new();
    readonly CachedSequence _stem = new();
    readonly List<CachedSequence> _sequences = [];
    readonly SequenceSampler _greedy = new(new SamplingOptions { Temperature = 0 }, 0, []);
    readonly CounterRandom _random = new(1, 0xBE7C);
    ulong _drawn;
    Work _done;

    /// <summary>Prepares a model.</summary>
    /// <param name="model">The model, which stays its owner's.</param>
    /// <param name="limits">What the machine can do.</param>
    /// <param name="cacheTokens">Tokens that the cache must hold at most, <see cref="CacheTokens"/> of the largest test.</param>
    /// <param name="cacheType">The cache's format.</param>
    public InferenceMeasurement(DecoderModel model, MachineLimits limits, long cacheTokens, ElementType cacheType)
    {
        (_model, _work) = (model, new InferenceWork(model, limits));
        _cache = new KvCache(model.Config, cacheTokens, cacheType);
    }

    /// <summary>Told after every repetition.</summary>
    public Action? Report { get; set; }

    /// <summary>Tokens that the cache must hold for a test: those of the sequences, and once more the text they stand behind.</summary>
    public static long CacheTokens(int tokens, int depth, int sequences) => checked(Blocks(depth) + (long)sequences * Blocks(depth + tokens)) * KvCache.BlockLength;

    static long Blocks(int tokens) => (tokens + KvCache.BlockLength - 1) / KvCache.BlockLength;

    /// <summary>Reads prompts of <paramref name="tokens"/> tokens behind <paramref name="depth"/> others.</summary>
    public InferenceResult Prompt(int tokens, int depth, int repetitions) =>
        Measure($"pp{tokens}{Behind(depth)}", depth, 1, tokens, repetitions, () => ReadPrompt(_sequences[0], tokens), () => ReadPrompt(_sequences[0], tokens));

    /// <summary>Decodes <paramref name="tokens"/> tokens in each of <paramref name="sequences"/> sequences behind <paramref name="depth"/> others.</summary>
    public InferenceResult Decode(int tokens, int depth, int sequences, int repetitions) =>
        Measure($"tg{tokens}{Behind(depth)}{(sequences > 1 ? $" x{sequences}" : "")}", depth, sequences, (long)tokens * sequences, repetitions, () => Decode(Math.Min(tokens, WarmupTokens)), () => Decode(tokens));

    static string Behind(int depth) => depth > 0 ? $" @{depth}" : "";

    InferenceResult Measure(string test, int depth, int sequences, long tokens, int repetitions, Action warmUp, Action pass)
    {
        Deepen(depth);
        List<double> seconds = [], bandwidths = [];
        List<(double Memory, double Peak)> fractions = [];
        Begin(sequences);
        warmUp();
        for (int repetition = 0; repetition < repetitions; repetition++)
        {
            Begin(sequences);
            double before = _probe.Read(ProbeSeconds);
            long start = Stopwatch.GetTimestamp();
            pass();
            double took = Stopwatch.GetElapsedTime(start).TotalSeconds, bandwidth = (before + _probe.Read(ProbeSeconds)) / 2;
            seconds.Add(took);
            bandwidths.Add(bandwidth);
            fractions.Add((_done.Bytes / took / (bandwidth * 1e9), _done.PeakSeconds / took));
            Report?.Invoke();
        }
        foreach (CachedSequence sequence in _sequences)
            _cache.Release(sequence);
        return new InferenceResult
        {
            Test = test,
            Threads = ThreadTeam.Shared.ThreadCount,
            TokensPerSecond = tokens / Quantiles.Median(seconds),
            Minimum = tokens / seconds.Max(),
            Maximum = tokens / seconds.Min(),
            FractionOfBandwidth = Quantiles.Median(fractions.Select(fraction => fraction.Memory)),
            FractionOfPeak = Quantiles.Median(fractions.Select(fraction => fraction.Peak)),
            Bandwidth = Quantiles.Median(bandwidths),
            BytesPerToken = _done.Bytes / tokens,
            OperationsPerToken = _done.Operations / tokens,
        };
    }

    // The text that tests stand behind is read once.
    void Deepen(int depth)
    {
        if (_stem.Length > depth)
            _cache.Release(_stem);
        if (_stem.Length < depth)
            ReadPrompt(_stem, depth - _stem.Length);
    }

    // Sequences that all stand behind the same text.
    void Begin(int sequences)
    {
        foreach (CachedSequence sequence in _sequences)
            _cache.Release(sequence);
        while (_sequences.Count < sequences)
            _sequences.Add(new CachedSequence());
        _sequences.RemoveRange(sequences, _sequences.Count - sequences);
        foreach (CachedSequence sequence in _sequences)
        {
            _cache.Reserve(sequence, _stem.Length);
            for (int block = 0; block < Blocks(_stem.Length); block++)
            {
                for (int layer = 0; layer < _model.Config.LayerCount; layer++)
                    Buffer.MemoryCopy(_cache.Block(_stem, block, layer), _cache.Block(sequence, block, layer), _cache.Layout.Bytes, _cache.Layout.Bytes);
            }
            _cache.Advance(sequence, _stem.Length);
        }
        _done = default;
    }

    void ReadPrompt(CachedSequence sequence, int tokens)
    {
        int* ids = stackalloc int[Piece];
        for (int first = 0; first < tokens; first += Piece)
        {
            int count = Math.Min(Piece, tokens - first);
            for (int i = 0; i < count; i++)
                ids[i] = RandomToken();
            _batch.Clear(_cache);
            _cache.Reserve(sequence, count);
            _batch.Add(new ReadOnlySpan<int>(ids, count), sequence);
            // Only the last row of a prompt is asked for its next token.
            Pass(isDecode: false, logits: first + count == tokens);
            _cache.Advance(sequence, count);
        }
    }

    void Decode(int tokens)
    {
        for (int step = 0; step < tokens; step++)
        {
            _batch.Clear(_cache);
            foreach (CachedSequence sequence in _sequences)
            {
                _cache.Reserve(sequence, 1);
                _batch.Add([RandomToken()], sequence);
            }
            Pass(isDecode: true, logits: true);
            foreach (CachedSequence sequence in _sequences)
                _cache.Advance(sequence, 1);
        }
    }

    void Pass(bool isDecode, bool logits)
    {
        _tape.Reset();
        Tensor hidden = _model.Forward(_tape, _batch); // [T, H]
        int rows = logits ? _batch.SequenceCount : 0;
        if (logits)
        {
            int* last = _tape.Scope.Rent<int>(rows);
            for (int s = 0; s < rows; s++)
                last[s] = _batch.SequenceStarts[s + 1] - 1;
            var draw = new DrawAction { Sampler = _greedy, Logits = _model.Logits(_tape, _tape.SelectRows(hidden, last, rows)) }; // [B, V]
            ThreadTeam.Shared.Run(rows, ref draw);
        }
        _done += _work.LastPass(_batch, rows, isDecode, _cache.BytesPerToken);
    }

    int RandomToken() => (int)(_random.Double(_drawn++) * _model.Config.VocabularySize);

    /// <inheritdoc/>
    public void Dispose()
    {
        _cache.Dispose();
        _probe.Dispose();
        _tape.Dispose();
        _batch.Dispose();
    }

    struct DrawAction : IParallelAction
    {
        public SequenceSampler Sampler;
        public Tensor Logits;

        public readonly void Run(int part) => Sampler.Draw(new ReadOnlySpan<float>(Logits.Row(part), Logits.Columns), out _);
    }
}
