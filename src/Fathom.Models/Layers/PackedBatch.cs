// A packed ragged batch: the tokens of many sequences in one run, with their boundaries and positions and, in inference, their caches.
// Training documents, prompt chunks, decode steps and GRPO groups are all this; nothing is ever padded.
using System.Runtime.InteropServices;

namespace Fathom.Models.Layers;

/// <summary>Tokens of many sequences, flat. Reused from step to step: <see cref="Clear"/>, then add.</summary>
public sealed unsafe class PackedBatch : IDisposable
{
    int _tokenCapacity;
    int _sequenceCapacity;
    CachedSequence[] _cached = [];

    /// <summary>An empty batch without a cache.</summary>
    public PackedBatch() => Clear();

    /// <summary>Number of tokens T.</summary>
    public int TokenCount { get; private set; }

    /// <summary>Number of sequences B.</summary>
    public int SequenceCount { get; private set; }

    /// <summary>[T] token ids.</summary>
    public int* Tokens { get; private set; }

    /// <summary>[T] position of each token in its sequence, counted from the sequence's first token ever.</summary>
    public int* Positions { get; private set; }

    /// <summary>[B + 1] index of each sequence's first token in the batch.</summary>
    public int* SequenceStarts { get; private set; }

    /// <summary>[B] tokens of each sequence that stand in the cache before this batch.</summary>
    public int* PastLengths { get; private set; }

    /// <summary>The cache, when the batch continues cached sequences; null in training.</summary>
    public KvCache? Cache { get; private set; }

    /// <summary>The sequences' places in the cache.</summary>
    public ReadOnlySpan<CachedSequence> Cached => _cached.AsSpan(0, Cache is null ? 0 : SequenceCount);

    /// <summary>
    /// Sequences of the whole optimizer step of which this batch is a pass: means over sequences divide by it, so that they do not
    /// depend on the split. 0: the batch is the whole step.
    /// </summary>
    public int StepSequenceCount { get; set; }

    /// <summary>Empties the batch.</summary>
    /// <param name="cache">The cache its sequences will stand in, or null.</param>
    public void Clear(KvCache? cache = null)
    {
        TokenCount = 0;
        SequenceCount = 0;
        Cache = cache;
        EnsureSequences(1);
        SequenceStarts[0] = 0;
    }

    /// <summary>Adds a whole sequence at positions 0, 1, ...</summary>
    public void Add(ReadOnlySpan<int> tokens) => Append(tokens, 0);

    /// <summary>Adds the next tokens of a cached sequence; they follow what the cache holds.</summary>
    /// <exception cref="InvalidOperationException">The batch was cleared without a cache.</exception>
    public void Add(ReadOnlySpan<int> tokens, CachedSequence sequence) => Add(tokens, sequence, sequence.Length);

    /// <summary>Adds tokens of a cached sequence at a place of its own choice, for a layer whose rows go less far than the others'.</summary>
    /// <param name="tokens">The tokens.</param>
    /// <param name="sequence">Has blocks for them.</param>
    /// <param name="past">Position of the first of them.</param>
    /// <exception cref="InvalidOperationException">The batch was cleared without a cache.</exception>
    public void Add(ReadOnlySpan<int> tokens, CachedSequence sequence, int past)
    {
        if (Cache is null)
            throw new InvalidOperationException("A cached sequence needs a batch that was cleared with its cache.");
        int index = SequenceCount;
        Append(tokens, past);
        if (_cached.Length <= index)
            Array.Resize(ref _cached, Math.Max(16, 2 * _cached.Length));
        _cached[index] = sequence;
    }

    void Append(ReadOnlySpan<int> tokens, int past)
    {
        EnsureTokens(TokenCount + tokens.Length);
        EnsureSequences(SequenceCount + 1);
        for (int i = 0; i < tokens.Length; i++)
        {
            Tokens[TokenCount + i] = tokens[i];
            Positions[TokenCount + i] = past + i;
        }
        TokenCount += tokens.Length;
        PastLengths[SequenceCount] = past;
        SequenceStarts[++SequenceCount] = TokenCount;
    }

    void EnsureTokens(int count)
    {
        if (count <= _tokenCapacity)
            return;
        _tokenCapacity = Math.Max(count, 2 * _tokenCapacity);
        Tokens = (int*)NativeMemory.Realloc(Tokens, (nuint)_tokenCapacity * sizeof(int));
        Positions = (int*)NativeMemory.Realloc(Positions, (nuint)_tokenCapacity * sizeof(int));
    }

    void EnsureSequences(int count)
    {
        if (count <= _sequenceCapacity)
            return;
        _sequenceCapacity = Math.Max(count, Math.Max(16, 2 * _sequenceCapacity));
        SequenceStarts = (int*)NativeMemory.Realloc(SequenceStarts, (nuint)(_sequenceCapacity + 1) * sizeof(int));
        PastLengths = (int*)NativeMemory.Realloc(PastLengths, (nuint)_sequenceCapacity * sizeof(int));
    }

    /// <summary>Frees the native arrays.</summary>
    public void Dispose()
    {
        NativeMemory.Free(Tokens);
        NativeMemory.Free(Positions);
        NativeMemory.Free(SequenceStarts);
        NativeMemory.Free(PastLengths);
        Tokens = Positions = SequenceStarts = PastLengths = null;
        _tokenCapacity = _sequenceCapacity = TokenCount = SequenceCount = 0;
    }
}
