// Writes the rows of new tokens into the blocks of a cache, in the cache's format, and reads latents back.
using Fathom.Numerics.Formats;

namespace Fathom.Numerics.Kernels;

/// <summary>The tokens of a batch and the blocks of the sequences they belong to.</summary>
public readonly unsafe struct CachedBatch
{
    /// <summary>How a block is laid out.</summary>
    public CacheLayout Layout { get; init; }

    /// <summary>Block b of sequence s is Blocks[s * <see cref="TableStride"/> + b].</summary>
    public byte** Blocks { get; init; }

    /// <summary>Entries per sequence in the table.</summary>
    public int TableStride { get; init; }

    /// <summary>[SequenceCount + 1] first new token of each sequence.</summary>
    public int* Starts { get; init; }

    /// <summary>[SequenceCount] tokens before each sequence's first new one.</summary>
    public int* PastLengths { get; init; }

    /// <summary>Sequences in the batch.</summary>
    public int SequenceCount { get; init; }

    /// <summary>The same batch from sequence <paramref name="first"/> to <paramref name="end"/>, exclusive; token numbers stay.</summary>
    public CachedBatch Slice(int first, int end) => this with
    {
        Blocks = Blocks + ((long)first * TableStride),
        Starts = Starts + first,
        PastLengths = PastLengths + first,
        SequenceCount = end - first,
    };

    internal byte* Block(int sequence, int position) => Blocks[((long)sequence * TableStride) + (position / CacheLayout.BlockLength)];
}

/// <summary>Moves rows between FP32 tensors and the blocks of a cache.</summary>
/// <remarks>What a token's row becomes depends on that row alone. 8 bit: scale = largest magnitude of the group / 127, codes rounded to even.</remarks>
public static unsafe class CacheRows
{
    /// <summary>Stores the keys and values of a batch's tokens.</summary>
    /// <param name="batch">Where; its layout is grouped.</param>
    /// <param name="keys">[T, heads, key width].</param>
    /// <param name="values">[T, heads, value width].</param>
    public static void Write(in CachedBatch batch, float* keys, float* values)
    {
        var action = new WriteAction { Batch = batch, First = keys, Second = values };
        Run(batch, ref action);
    }

    /// <summary>Stores the latents and rotary keys of a batch's tokens.</summary>
    /// <param name="batch">Where; its layout is latent.</param>
    /// <param name="latents">[T, rank].</param>
    /// <param name="rotary">[T, rope].</param>
    public static void WriteLatents(in CachedBatch batch, float* latents, float* rotary)
    {
        var action = new WriteAction { Batch = batch, First = latents, Second = rotary };
        Run(batch, ref action);
    }

    /// <summary>Reads the latents and rotary keys of a sequence's tokens back as FP32.</summary>
    /// <param name="batch">Where; its layout is latent.</param>
    /// <param name="sequence">Which sequence of the batch.</param>
    /// <param name="first">Position of the first token.</param>
    /// <param name="count">Tokens.</param>
    /// <param name="latents">Result, [count, rank].</param>
    /// <param name="rotary">Result, [count, rope].</param>
    public static void ReadLatents(in CachedBatch batch, int sequence, int first, int count, float* latents, float* rotary)
    {
        var action = new ReadAction { Batch = batch, Sequence = sequence, First = first, Latents = latents, Rotary = rotary };
        Traversal.Run(count, batch.Layout.KeyWidth, 1, ref action);
    }

    static void Run(in CachedBatch batch, ref WriteAction action)
    {
        CacheLayout layout = batch.Layout;
        Traversal.Run(
            batch.Starts[batch.SequenceCount] - batch.Starts[0], layout.HeadCount * (layout.KeyWidth + (layout.IsLatent ? 0 : layout.ValueWidth)), 1, ref action);
    }

    struct WriteAction : IRangeAction
    {
        public CachedBatch Batch;
        public float* First, Second;

        public readonly void Run<TLanes>(long start, long end)
            where TLanes : struct, ILanes<TLanes>
        {
            CacheLayout layout = Batch.Layout;
            int sequence = 0, keyWidth = layout.KeyWidth, valueWidth = layout.ValueWidth, heads = layout.HeadCount;
            float* row = stackalloc float[layout.IsLatent ? keyWidth : 1];
            for (long i = start; i < end; i++)
            {
                int token = Batch.Starts[0] + (int)i;
                while (Batch.Starts[sequence + 1] <= token)
                    sequence++;
                int position = Batch.PastLengths[sequence] + token - Batch.Starts[sequence], place = position % CacheLayout.BlockLength;
                byte* block = Batch.Block(sequence, position);
                if (layout.IsLatent)
                {
                    new Span<float>(First + ((long)token * valueWidth), valueWidth).CopyTo(new(row, valueWidth));
                    new Span<float>(Second + ((long)token * (keyWidth - valueWidth)), keyWidth - valueWidth).CopyTo(new(row + valueWidth, keyWidth - valueWidth));
                    Store(layout.Type, row, keyWidth, block, (float*)(block + layout.KeyScalesAt(0)), place * (long)keyWidth, 1, place * layout.KeyScales, 1);
                    continue;
                }
                for (int head = 0; head < heads; head++)
                {
                    Store(
                        layout.Type, First + (((long)token * heads) + head) * keyWidth, keyWidth, block + layout.KeysAt(head),
                        (float*)(block + layout.KeyScalesAt(head)), place, CacheLayout.BlockLength, place, CacheLayout.BlockLength);
                    Store(
                        layout.Type, Second + (((long)token * heads) + head) * valueWidth, valueWidth, block + layout.ValuesAt(head),
                        (float*)(block + layout.ValueScalesAt(head)), place * (long)valueWidth, 1, place * layout.ValueScales, 1);
                }
            }
        }

        // Element d of the row goes to place at + d * step, the scale of group g to scaleAt + g * scaleStep.
        static void Store(ElementType type, float* row, int width, void* elements, float* scales, long at, int step, int scaleAt, int scaleStep)
        {
            switch (type)
            {
                case ElementType.F32:
                    for (int d = 0; d < width; d++)
                        ((float*)elements)[at + ((long)d * step)] = row[d];
                    break;
                case ElementType.BF16:
                    for (int d = 0; d < width; d++)
                        ((ushort*)elements)[at + ((long)d * step)] = BFloat16.FromSingle(row[d]);
                    break;
                default:
                    for (int first = 0; first < width; first += CacheLayout.ScaleGroup, scaleAt += scaleStep)
                    {
                        int end = Math.Min(first + CacheLayout.ScaleGroup, width);
                        float largest = 0;
                        for (int d = first; d < end; d++)
                            largest = MathF.Max(largest, MathF.Abs(row[d]));
                        float scale = largest / 127, inverse = largest == 0 ? 0 : 127 / largest;
                        scales[scaleAt] = scale;
                        // A row that is not finite has a scale that is not: it stays not a number.
                        for (int d = first; d < end; d++)
                            ((sbyte*)elements)[at + ((long)d * step)] = (sbyte)Math.Clamp(MathF.Round(row[d] * inverse), -127, 127);
                    }
                    break;
            }
        }
    }

    struct ReadAction : IRangeAction
    {
        public CachedBatch Batch;
        public int Sequence, First;
        public float* Latents, Rotary;

        public readonly void Run<TLanes>(long start, long end)
            where TLanes : struct, ILanes<TLanes>
        {
            CacheLayout layout = Batch.Layout;
            int rank = layout.ValueWidth, rope = layout.KeyWidth - rank, padded = AttentionRow<TLanes>.Padded(layout.KeyWidth);
            float* row = stackalloc float[padded];
            for (long i = start; i < end; i++)
            {
                int position = First + (int)i, place = position % CacheLayout.BlockLength;
                byte* block = Batch.Block(Sequence, position);
                CacheTile<TLanes>.WidenRows(
                    layout.Type, block + (place * (long)layout.KeyWidth * layout.Type.ByteSize()), (float*)(block + layout.KeyScalesAt(0)) + (place * layout.KeyScales),
                    layout.KeyScales, layout.KeyWidth, 1, layout.KeyWidth, row, padded);
                new Span<float>(row, rank).CopyTo(new(Latents + (i * rank), rank));
                new Span<float>(row + rank, rope).CopyTo(new(Rotary + (i * rope), rope));
            }
        }
    }
}
