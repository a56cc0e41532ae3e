// BF16 weights (and FP8 ones, widened) times activations rounded to BF16, with FP32 sums.
//
// A line of a strip or panel is a pair of columns of 32 rows, 128 bytes: [row][column]. Columns are filled up with zeros to whole 32.
// Each sum is one chain along k: with vectors in the order 1, 0, 3, 2, ... of vdpbf16ps (MatMulBf16.cs), the same bits on every rung
// but tiles, which add even and odd columns apart within every 32.
using System.Runtime.Intrinsics;
using Fathom.Numerics.Formats;
using Fathom.Numerics.Kernels.Assembly;
using Fathom.Numerics.Tensors;
using Fathom.Numerics.Threading;

namespace Fathom.Numerics.Kernels.Strips;

/// <summary>BF16 products.</summary>
readonly unsafe struct Bf16Kernel : IStripKernel
{
    /// <summary>Columns in a tile: strips and rows of activations are filled up to whole multiples.</summary>
    public const int Step = 32;

    /// <summary>Columns that all rows are multiplied with before the next: half a first-level cache of weights.</summary>
    const int ColumnsAtOnce = 512;

    static readonly Rung[] s_implemented =
        MachineCode.HasBf16Tiles ? [Rung.Scalar, Rung.Vector512, Rung.Assembled, Rung.Tiles]
        : MachineCode.HasBf16 ? [Rung.Scalar, Rung.Vector512, Rung.Assembled]
        : [Rung.Scalar, Rung.Vector512];

    /// <summary>The implementation that calls take at present.</summary>
    public static Rung Chosen => Ladder.Pick(s_implemented);

    /// <summary>Columns with the zeros behind them.</summary>
    public static int Padded(int columns) => (columns + Step - 1) / Step * Step;

    /// <inheritdoc/>
    /// <remarks>A line of cache more than the numbers need: rows a power of two apart would crowd a few sets of the first-level cache.</remarks>
    public static nint RowBytes(int columns) => Padded(columns) * sizeof(ushort) + 64;

    /// <inheritdoc/>
    public static void Convert(float* x, int ldx, int rows, int columns, byte* destination)
    {
        var action = new ConvertAction { X = x, LdX = ldx, Columns = columns, Destination = destination };
        ThreadTeam.Shared.Run(rows, ref action);
    }

    struct ConvertAction : IParallelAction
    {
        public float* X;
        public byte* Destination;
        public int LdX, Columns;

        public readonly void Run(int row)
        {
            var to = (ushort*)(Destination + row * RowBytes(Columns));
            BFloat16.FromSingle(X + (nint)row * LdX, to, Columns);
            new Span<ushort>(to + Columns, Padded(Columns) - Columns).Clear();
        }
    }

    /// <inheritdoc/>
    public static void Multiply(Rung rung, WeightStrips weight, int first, int count, byte* x, int rows, float* sums, ref AlignedBuffer panel)
    {
        int columns = Padded(weight.Columns);
        nint stripSums = StripMatMul.Padded(rows) * StripFormat.Rows;
        new Span<float>(sums, checked((int)(count * stripSums))).Clear();
        for (int column = 0; column < columns; column += ColumnsAtOnce)
        {
            int now = Math.Min(ColumnsAtOnce, columns - column);
            for (int strip = 0; strip < count; strip++)
            {
                Run(rung, new Bf16Call
                {
                    Lines = weight.Lines(first + strip, column, now, ref panel),
                    X = (ushort*)x + column,
                    XStride = RowBytes(weight.Columns),
                    Sums = sums + strip * stripSums,
                    Steps = now / Step,
                    Rows = rows,
                });
            }
        }
    }

    static void Run(Rung rung, Bf16Call call)
    {
        if (rung == Rung.Tiles)
        {
            Bf16Tiles.Run(&call);
            return;
        }
        int most = rung == Rung.Assembled ? Bf16Assembled.MostRows : 1;
        for (; call.Rows > 0; call.Rows -= most, call.X += most * call.XStride / sizeof(ushort), call.Sums += most * StripFormat.Rows)
        {
            switch (rung)
            {
                case Rung.Assembled: Bf16Assembled.Run(&call, (int)Math.Min(call.Rows, most)); break;
                case Rung.Vector512: OneRow(call); break;
                default: Scalar(call); break;
            }
        }
    }

    static void Scalar(in Bf16Call call)
    {
        for (int row = 0; row < StripFormat.Rows; row++)
        {
            float sum = call.Sums[row];
            for (int pair = 0; pair < call.Steps * Step / 2; pair++)
            {
                var line = (ushort*)(call.Lines + (nint)pair * StripFormat.LineBytes) + 2 * row;
                sum = MathF.FusedMultiplyAdd(BFloat16.ToSingle(line[1]), BFloat16.ToSingle(call.X[2 * pair + 1]), sum);
                sum = MathF.FusedMultiplyAdd(BFloat16.ToSingle(line[0]), BFloat16.ToSingle(call.X[2 * pair]), sum);
            }
            call.Sums[row] = sum;
        }
    }

    static void OneRow(in Bf16Call call)
    {
        Vector512<float> low = Vector512.Load(call.Sums), high = Vector512.Load(call.Sums + 16);
        Vector512<uint> upper = Vector512.Create(0xFFFF_0000);
        byte* lines = call.Lines;
        for (int pair = 0; pair < call.Steps * Step / 2; pair++, lines += StripFormat.LineBytes)
        {
            Vector512<uint> w0 = Vector512.Load((uint*)lines), w1 = Vector512.Load((uint*)lines + 16);
            Vector512<float> odd = Vector512.Create(BFloat16.ToSingle(call.X[2 * pair + 1])), even = Vector512.Create(BFloat16.ToSingle(call.X[2 * pair]));
            low = Vector512.FusedMultiplyAdd((w0 & upper).AsSingle(), odd, low);
            high = Vector512.FusedMultiplyAdd((w1 & upper).AsSingle(), odd, high);
            low = Vector512.FusedMultiplyAdd(Vector512.ShiftLeft(w0, 16).AsSingle(), even, low);
            high = Vector512.FusedMultiplyAdd(Vector512.ShiftLeft(w1, 16).AsSingle(), even, high);
        }
        low.Store(call.Sums);
        high.Store(call.Sums + 16);
    }
}

/// <summary>One call: lines of a strip times some rows of activations. Its layout is known to assembled code.</summary>
unsafe struct Bf16Call
{
    /// <summary>First line.</summary>
    public byte* Lines;

    /// <summary>First row's first column.</summary>
    public ushort* X;

    /// <summary>Bytes from one row of activations to the next.</summary>
    public nint XStride;

    /// <summary>[rows, 32] sums, added to.</summary>
    public float* Sums;

    /// <summary>Steps of 32 columns, 1 or more.</summary>
    public long Steps;

    /// <summary>Rows of activations, 1 or more.</summary>
    public long Rows;
}
