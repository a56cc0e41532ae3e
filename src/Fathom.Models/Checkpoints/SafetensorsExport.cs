// A stored model, whatever its files are, written as a Hugging Face folder in a chosen format.
using System.Runtime.InteropServices;
using Fathom.Models.Configs;
using Fathom.Numerics.Formats;
using Fathom.Numerics.Kernels;
using Fathom.Numerics.Tensors;

namespace Fathom.Models.Checkpoints;

/// <summary>Writes <c>config.json</c> and <c>model*.safetensors</c> from any checkpoint, a stretch of rows at a time.</summary>
public static unsafe class SafetensorsExport
{
    /// <summary>Numbers converted at a time.</summary>
    const long ChunkElements = 4 << 20;

    /// <summary>
    /// Writes a model. With <see cref="ElementType.F8E4M3"/> the projections become FP8 with a factor per 128 x 128 block and the rest BF16, as
    /// DeepSeek-V3 is published; otherwise all matrices, norms and biases have <paramref name="type"/>. Selection biases are always FP32.
    /// A tensor that already has its format is copied byte by byte.
    /// </summary>
    /// <param name="source">The model.</param>
    /// <param name="folder">Where to write; made when missing.</param>
    /// <param name="type">F32, BF16, F16 or F8E4M3.</param>
    /// <param name="shardBytes">Size over which the next file is begun.</param>
    /// <param name="progress">Told before every tensor: its name, how many are written, how many there are.</param>
    /// <exception cref="ArgumentOutOfRangeException">The type is none of these.</exception>
    /// <exception cref="CheckpointException">A tensor of the source is missing or wrong.</exception>
    /// <exception cref="IOException">The folder cannot be written or is full.</exception>
    public static void Write(ICheckpoint source, string folder, ElementType type, long shardBytes = ModelFolder.DefaultShardBytes, Action<string, int, int>? progress = null)
    {
        if (type is not (ElementType.F32 or ElementType.BF16 or ElementType.F16 or ElementType.F8E4M3))
            throw new ArgumentOutOfRangeException(nameof(type), type, "A folder's weights are F32, BF16, F16 or F8E4M3.");
        bool fp8 = type == ElementType.F8E4M3;
        ModelConfig config = source.Config with
        {
            WeightType = fp8 ? ElementType.BF16 : type,
            Quantization = fp8 ? new Fp8Config(Float8Blocks.Side, Float8Blocks.Side) : null,
            Rotary = source.Config.Rotary with { Interleaved = IsInterleaved(source.Config.Family) },
        };
        Dictionary<string, TensorSpec> sources = TensorNames.Of(source.Config).ToDictionary(spec => spec.Name);
        TensorSpec[] specs = [.. TensorNames.Of(config)];
        int done = 0;
        IEnumerable<TensorSource> tensors = specs.Select(spec =>
        {
            bool scale = spec.Role == TensorRole.BlockScale;
            string name = scale ? spec.Name[..^ScaleSuffix.Length] : spec.Name;
            // Found out before anything is written.
            TensorSpec origin = sources[sources[name].CopyOf ?? name];
            Weight weight = source.Read(origin);
            ElementType target = scale || spec.Role == TensorRole.SelectionBias ? ElementType.F32
                : fp8 && IsBlocked(spec, specs) ? ElementType.F8E4M3 : config.WeightType;
            Func<int, int>? row = RowOrder(source.Config, config, origin);
            return new TensorSource(spec.Name, target, [.. spec.Shape.Select(size => (long)size)], stream =>
            {
                progress?.Invoke(spec.Name, done++, specs.Length);
                if (scale)
                    WriteBlocks(stream, weight, row, factors: true);
                else if (target == ElementType.F8E4M3)
                    WriteBlocks(stream, weight, row, factors: false);
                else
                    WriteRows(stream, weight, row, target);
            });
        });
        Directory.CreateDirectory(folder);
        ModelFolder.Write(folder, tensors, shardBytes);
        AtomicFile.WriteText(Path.Combine(folder, ModelFolder.ConfigFileName), config.ToJson());
    }

    const string ScaleSuffix = "_scale_inv";

    static bool IsBlocked(TensorSpec spec, TensorSpec[] specs) => spec.Role is TensorRole.Projection or TensorRole.RoutedExpert
        && Array.Exists(specs, other => other.Role == TensorRole.BlockScale && other.Name == spec.Name + ScaleSuffix);

    // The order of the rotary pairs in Hugging Face files.
    static bool IsInterleaved(ModelFamily family) => family is ModelFamily.DeepSeekV2 or ModelFamily.DeepSeekV3;

    // Files whose rotary pairs are neighbours hold row 2i + j of a head where Hugging Face has row j dim/2 + i.
    static Func<int, int>? RowOrder(ModelConfig from, ModelConfig to, TensorSpec spec)
    {
        if (from.Rotary.Interleaved == to.Rotary.Interleaved || from.Attention is not GroupedQueryAttentionConfig grouped
            || !(spec.Name.Contains(".q_proj.", StringComparison.Ordinal) || spec.Name.Contains(".k_proj.", StringComparison.Ordinal)))
            return null;
        int size = grouped.HeadDim, half = size / 2;
        return row => row / size * size + row % size % half * 2 + row % size / half;
    }

    static void WriteRows(Stream stream, Weight weight, Func<int, int>? row, ElementType type)
    {
        int columns = weight.Columns;
        if (weight.Type == type && row is null)
        {
            for (int first = 0; first < weight.Rows; first += Height(weight))
                Write(stream, weight.Data + first * weight.RowBytes, Math.Min(Height(weight), weight.Rows - first) * weight.RowBytes);
            return;
        }
        ForEachStretch(weight, row, Height(weight), (values, rows) =>
        {
            long count = (long)rows * columns;
            var bytes = (byte*)NativeMemory.Alloc((nuint)type.ByteLength(count));
            try
            {
                ElementEncoder.FromSingle(type, values, bytes, count);
                Write(stream, bytes, type.ByteLength(count));
            }
            finally
            {
                NativeMemory.Free(bytes);
            }
        });
    }

    static void WriteBlocks(Stream stream, Weight weight, Func<int, int>? row, bool factors)
    {
        int columns = weight.Columns, blocks = Float8Blocks.Count(columns, Float8Blocks.Side);
        if (row is null && weight is { BlockRows: Float8Blocks.Side, BlockColumns: Float8Blocks.Side })
        {
            if (factors)
                Write(stream, (byte*)weight.BlockScales, (long)sizeof(float) * blocks * Float8Blocks.Count(weight.Rows, Float8Blocks.Side));
            else
                Write(stream, weight.Data, weight.RowBytes * weight.Rows);
            return;
        }
        var scales = new float[blocks];
        var codes = new byte[checked(Float8Blocks.Side * columns)];
        ForEachStretch(weight, row, Float8Blocks.Side, (values, rows) =>
        {
            fixed (float* s = scales)
            fixed (byte* c = codes)
                Float8Blocks.QuantizeBlocks(values, c, s, rows, columns);
            stream.Write(factors ? MemoryMarshal.AsBytes(scales.AsSpan()) : codes.AsSpan(0, rows * columns));
        });
    }

    delegate void Stretch(float* values, int rows);

    static int Height(Weight weight) => (int)Math.Clamp(ChunkElements / Math.Max(weight.Columns, 1), 1, weight.Rows);

    // values: [rows, columns], decoded, in the order of the target.
    static void ForEachStretch(Weight weight, Func<int, int>? row, int height, Stretch use)
    {
        height = Math.Min(height, weight.Rows);
        var values = (float*)NativeMemory.AlignedAlloc((nuint)height * (nuint)weight.Columns * sizeof(float), 64);
        try
        {
            for (int first = 0; first < weight.Rows; first += height)
            {
                int rows = Math.Min(height, weight.Rows - first);
                if (row is null)
                {
                    PackedMatMul.Decode(weight, first, rows, values);
                }
                else
                {
                    for (int i = 0; i < rows; i++)
                        weight.Decode(row(first + i), 1, values + (long)i * weight.Columns);
                }
                use(values, rows);
            }
        }
        finally
        {
            NativeMemory.AlignedFree(values);
        }
    }

    static void Write(Stream stream, byte* bytes, long count)
    {
        const int most = 1 << 28;
        for (long i = 0; i < count; i += most)
            stream.Write(new ReadOnlySpan<byte>(bytes + i, (int)Math.Min(most, count - i)));
    }
}
