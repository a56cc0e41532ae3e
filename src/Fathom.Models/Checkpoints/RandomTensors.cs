// Random weights in any format, fast: normal numbers are encoded once per format and size, and tensors are put together from pieces of
// that. For timing: what is multiplied must be ordinary numbers with ordinary scales, but need not be new ones everywhere.
using Fathom.Models.Checkpoints.Gguf;
using Fathom.Numerics.Formats;
using Fathom.Numerics.Random;
using Fathom.Numerics.Tensors;
using Fathom.Numerics.Threading;

namespace Fathom.Models.Checkpoints;

/// <summary>Makes random tensors. A tensor's bits depend on the seed, its name, shape and format alone.</summary>
/// <param name="seed">Seeds all tensors.</param>
sealed unsafe class RandomTensors(ulong seed) : IDisposable
{
    /// <summary>Standard deviation of biases.</summary>
    const double BiasDeviation = 0.02;

    // Pieces of 65,536 elements out of two million: hundreds of whole blocks each, at one of thousands of places.
    const int PoolElements = 1 << 21, PieceElements = 1 << 16;

    // Bytes that go to a stream at a time, in elements.
    const int ChunkElements = 1 << 23;

    readonly MemoryScope _memory = new();
    readonly Dictionary<(ElementType, float), nint> _pools = [];
    float* _normal, _scaled;

    /// <summary>Fills memory with a tensor: norms with 1, biases and matrices with normal numbers, those of matrices of standard deviation 1/√columns.</summary>
    /// <param name="spec">The tensor, or one that lends it role and columns.</param>
    /// <param name="name">What its bits are derived from.</param>
    /// <param name="type">A format that <see cref="ElementEncoder"/> writes.</param>
    /// <param name="first">The first element, a multiple of 65,536.</param>
    /// <param name="count">Elements, whole blocks.</param>
    /// <param name="destination">Their bytes.</param>
    public void Fill(TensorSpec spec, string name, ElementType type, long first, long count, byte* destination)
    {
        if (spec.Role == TensorRole.Norm)
        {
            // Vectors are FP32 in every file.
            new Span<float>(destination, checked((int)count)).Fill(1);
            return;
        }
        float deviation = (float)(spec.Shape.Length > 1 ? 1 / Math.Sqrt(spec.Shape[^1]) : BiasDeviation);
        var fill = new FillPieces
        {
            Pool = Pool(type, deviation),
            Random = new CounterRandom(seed, CounterRandom.StreamOf(name)),
            Type = type,
            FirstPiece = first / PieceElements,
            Count = count,
            Destination = destination,
        };
        ThreadTeam.Shared.Run(checked((int)((count + PieceElements - 1) / PieceElements)), ref fill);
    }

    /// <summary>A tensor of a GGUF file.</summary>
    public TensorSource Source(GgufTensor tensor, ElementType type, Action<EncodingError>? report)
    {
        long elements = tensor.Shape.Aggregate(1L, (product, size) => checked(product * size));
        return new TensorSource(tensor.Name, type, tensor.Shape, stream =>
        {
            using var scope = new MemoryScope();
            byte* bytes = scope.Rent<byte>(type.ByteLength(Math.Min(elements, ChunkElements)));
            for (long first = 0; first < elements; first += ChunkElements)
            {
                long count = Math.Min(ChunkElements, elements - first);
                Fill(tensor.Parts[0], tensor.Name, type, first, count, bytes);
                stream.Write(new ReadOnlySpan<byte>(bytes, checked((int)type.ByteLength(count))));
            }
            report?.Invoke(new EncodingError(tensor.Name, type, elements, type.ByteLength(elements), 0, 0));
        });
    }

    /// <inheritdoc/>
    public void Dispose() => _memory.Dispose();

    byte* Pool(ElementType type, float deviation)
    {
        if (_pools.TryGetValue((type, deviation), out nint known))
            return (byte*)known;
        if (_normal is null)
        {
            _normal = _memory.Rent<float>(PoolElements);
            _scaled = _memory.Rent<float>(PoolElements);
            var draw = new DrawNormal { Random = new CounterRandom(seed, 0), Values = _normal };
            ThreadTeam.Shared.Run(PoolElements / PieceElements, ref draw);
        }
        byte* pool = _memory.Rent<byte>(type.ByteLength(PoolElements));
        for (int i = 0; i < PoolElements; i++)
            _scaled[i] = _normal[i] * deviation;
        ElementEncoder.FromSingle(type, _scaled, pool, PoolElements);
        _pools.Add((type, deviation), (nint)pool);
        return pool;
    }

    struct DrawNormal : IParallelAction
    {
        public CounterRandom Random;
        public float* Values;

        public readonly void Run(int part)
        {
            for (int i = part * PieceElements, end = i + PieceElements; i < end; i++)
                Values[i] = (float)Random.Normal((ulong)i);
        }
    }

    struct FillPieces : IParallelAction
    {
        public byte* Pool, Destination;
        public CounterRandom Random;
        public ElementType Type;
        public long FirstPiece, Count;

        public readonly void Run(int part)
        {
            long at = (long)part * PieceElements, bytes = Type.ByteLength(Math.Min(PieceElements, Count - at));
            ulong places = (ulong)((PoolElements - PieceElements) / Type.BlockLength());
            long block = (long)(Random.UInt64((ulong)(FirstPiece + part)) % places);
            Buffer.MemoryCopy(Pool + block * Type.BlockBytes(), Destination + Type.ByteLength(at), bytes, bytes);
        }
    }
}
