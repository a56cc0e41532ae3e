// Absorbed latent attention over a bfloat16 cache with Intel's tiles (AMX): keys are multiplied as they lie in the cache, latents after
// two tokens' rows were interleaved. Queries and weights are FP32 and enter as the sum of two bfloat16 numbers, so that the products
// round no worse than those of widened keys: 2^-16 of a factor, which the tiles' spare speed pays for.
// Letters: 16 rows (heads of tokens) make a group; 32 columns of a key, or 32 tokens, make a step.
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Fathom.Numerics.Formats;
using Fathom.Numerics.Kernels.Assembly;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace Fathom.Numerics.Kernels;

static unsafe class LatentTiles
{
    /// <summary>Rows of a group and tokens of a tile.</summary>
    public const int Rows = 16;

    /// <summary>Columns of values at a time: four tiles.</summary>
    const int Strip = 64;

    const int Step = 32, TileBytes = 1024, Blocks = CachedAttention.SplitLength / CacheLayout.BlockLength;

    /// <summary>From one row of weights to the next, in elements: off the multiples of 512 bytes.</summary>
    const int WeightRow = CachedAttention.SplitLength + Step;

    static readonly byte* s_shapes = Registers.TileShapes(_ => (Rows, 64));

    const int ToScores = 0, ToSums = 1;

    static readonly AssembledFunctions s_functions = new(2, (x, function) =>
    {
        if (function == ToScores)
            EmitScores(x);
        else
            EmitSums(x);
    });

    /// <summary>Whether tiles can take a cache of this layout whose rows so many heads read.</summary>
    public static bool Takes(in CacheLayout layout, int heads)
        => layout.IsLatent && layout.Type == ElementType.BF16 && layout.KeyWidth % Step == 0 && layout.ValueWidth % Strip == 0 && heads >= Rows / 2;

    /// <summary>Floats of scratch for <paramref name="rows"/> rows.</summary>
    public static long ScratchFloats(in CacheLayout layout, int rows)
        => (PanelFloats(layout) * Groups(rows)) + ((long)Rows * layout.KeyWidth) + (Rows * WeightRow) + (CacheLayout.BlockLength * Rows)
            + (Blocks * CacheLayout.BlockLength / 2 * ValueRow(layout));

    static int Groups(int rows) => (rows + Rows - 1) / Rows;

    // A group's queries: high parts, then low parts, each [key width / 2, 16] pairs.
    static long PanelFloats(in CacheLayout layout) => 2L * layout.KeyWidth / 2 * Rows;

    // Floats from one pair of tokens to the next: off the powers of two.
    static int ValueRow(in CacheLayout layout) => layout.ValueWidth + 16;

    /// <summary>Where things lie in the scratch.</summary>
    public readonly struct Places(in CacheLayout layout, int rows, float* scratch)
    {
        public readonly CacheLayout Layout = layout;

        public readonly float* Panels = scratch;

        /// <summary>Two parts of 16 rows of queries.</summary>
        public readonly ushort* Parts = (ushort*)(scratch + (PanelFloats(layout) * Groups(rows)));

        /// <summary>Two parts of 16 rows of weights.</summary>
        public readonly ushort* Weights = (ushort*)(scratch + (PanelFloats(layout) * Groups(rows)) + ((long)Rows * layout.KeyWidth));

        /// <summary>[64, 16] scores as the tiles leave them.</summary>
        public readonly float* Crossed = scratch + (PanelFloats(layout) * Groups(rows)) + ((long)Rows * layout.KeyWidth) + (Rows * WeightRow);

        /// <summary>[128 pairs of tokens, value width] pairs.</summary>
        public readonly float* Values = scratch + (PanelFloats(layout) * Groups(rows)) + ((long)Rows * layout.KeyWidth) + (Rows * WeightRow)
            + (CacheLayout.BlockLength * Rows);
    }

    /// <summary>Makes panels of FP32 queries.</summary>
    /// <param name="places">The scratch.</param>
    /// <param name="rows">Rows of queries.</param>
    /// <param name="queries">[rows, key width], rows <paramref name="queryRow"/> apart.</param>
    /// <param name="queryRow">In floats.</param>
    public static void LoadQueries(in Places places, int rows, float* queries, int queryRow)
    {
        int width = places.Layout.KeyWidth, pairs = width / 2;
        for (int first = 0; first < rows; first += Rows)
        {
            int count = Math.Min(Rows, rows - first);
            ushort* high = places.Parts, low = high + (Rows * width);
            for (int r = 0; r < count; r++)
                Part(queries + ((long)(first + r) * queryRow), width, high + (r * width), low + (r * width));
            float* panel = places.Panels + (first / Rows * PanelFloats(places.Layout));
            Transposition.Run<Lanes16>((float*)high, pairs, count, pairs, panel, Rows);
            Transposition.Run<Lanes16>((float*)low, pairs, count, pairs, panel + (pairs * Rows), Rows);
        }
    }

    /// <summary>Interleaves the latents of a block's tokens by twos, zeros behind the last.</summary>
    public static void LoadBlock(in Places places, int block, ushort* latents, int tokens)
    {
        int width = places.Layout.KeyWidth, rank = places.Layout.ValueWidth, row = ValueRow(places.Layout);
        uint* destination = (uint*)places.Values + ((long)block * CacheLayout.BlockLength / 2 * row);
        int end = (tokens + Step - 1) / Step * Step;
        for (int t = 0; t < end; t += 2, latents += 2 * width, destination += row)
        {
            for (int d = 0; d < rank; d += 16)
            {
                Vector512<uint> even = t < tokens ? Avx512F.ConvertToVector512UInt32(Vector256.Load(latents + d)) : default;
                Vector512<uint> odd = t + 1 < tokens ? Avx512F.ConvertToVector512UInt32(Vector256.Load(latents + width + d)) : default;
                (even | (odd << 16)).Store(destination + d);
            }
        }
    }

    /// <summary>scores [16 rows, 64] of one group and the keys of one block.</summary>
    public static void Scores(in Places places, int firstRow, ushort* keys, float* scores, int scoreRow)
    {
        long panelFloats = PanelFloats(places.Layout);
        float* panel = places.Panels + (firstRow / Rows * panelFloats);
        var call = new Call
        {
            Left = keys,
            LeftRow = places.Layout.KeyWidth * sizeof(ushort),
            Right = panel,
            RightLow = panel + (panelFloats / 2),
            Result = places.Crossed,
            ResultRow = Rows * sizeof(float),
            Steps = places.Layout.KeyWidth / Step,
        };
        Run(ToScores, &call);
        Transposition.Run<Lanes16>(places.Crossed, Rows, CacheLayout.BlockLength, Rows, scores, scoreRow);
    }

    /// <summary>contexts [16 rows, value width] = weights [rows, tokens] times the latents of the split.</summary>
    public static void Weigh(in Places places, int rows, int tokens, float* weights, int weightRow, float* contexts, int contextRow)
    {
        if (tokens == 0)
        {
            for (int r = 0; r < Rows; r++)
                AttentionRow<Lanes16>.Clear(contexts + ((long)r * contextRow), 0, places.Layout.ValueWidth);
            return;
        }
        int end = (tokens + Step - 1) / Step * Step, padded = AttentionRow<Lanes16>.Padded(tokens);
        ushort* high = places.Weights, low = high + (Rows * WeightRow);
        for (int r = 0; r < Rows; r++, weights += weightRow)
        {
            if (r < rows)
            {
                AttentionRow<Lanes16>.Clear(weights, padded, end);
                Part(weights, end, high + (r * WeightRow), low + (r * WeightRow));
                continue;
            }
            new Span<ushort>(high + (r * WeightRow), end).Clear();
            new Span<ushort>(low + (r * WeightRow), end).Clear();
        }
        for (int column = 0; column < places.Layout.ValueWidth; column += Strip)
        {
            var call = new Call
            {
                Left = high,
                LeftLow = low,
                LeftRow = WeightRow * sizeof(ushort),
                Right = places.Values + column,
                RightRow = ValueRow(places.Layout) * sizeof(float),
                Result = contexts + column,
                ResultRow = (long)contextRow * sizeof(float),
                Steps = end / Step,
            };
            Run(ToSums, &call);
        }
    }

    // x = high + low, to 2^-16 of x: the high part cut off, the low one rounded. A number that is not finite stays so in the high part.
    static void Part(float* source, int count, ushort* high, ushort* low)
    {
        for (int i = 0; i < count; i += 32)
        {
            Vector512<uint> mask = Vector512.Create(0xFFFF_0000u), first = Vector512.Load((uint*)source + i), second = Vector512.Load((uint*)source + i + 16);
            Vector512.Narrow(first >> 16, second >> 16).Store(high + i);
            Vector512<uint> firstRest = Rounded(first, first & mask), secondRest = Rounded(second, second & mask);
            Vector512.Narrow(firstRest >> 16, secondRest >> 16).Store(low + i);
        }

        static Vector512<uint> Rounded(Vector512<uint> x, Vector512<uint> high)
            => (x.AsSingle() - high.AsSingle()).AsUInt32() + Vector512.Create(0x8000u);
    }

    struct Call
    {
        public void* Left, LeftLow;
        public long LeftRow;
        public void* Right, RightLow;
        public long RightRow;
        public void* Result;
        public long ResultRow, Steps;
    }

    const int Left = 0, LeftLow = 8, LeftRow = 16, Right = 24, RightLow = 32, RightRow = 40, Result = 48, ResultRow = 56, Steps = 64;

    static void Run(int function, Call* call) => ((delegate* unmanaged[SuppressGCTransition]<Call*, void>)s_functions[function])(call);

    static readonly AssemblerRegisterTMM[] s_results = [tmm0, tmm1, tmm2, tmm3];

    // Four times sixteen tokens by sixteen rows: keys (left) as they lie, queries (right) in two parts.
    // Keys at rsi, r8, r9, rdi, rdx apart. Queries at rcx and r11. r10: steps left. rax: 64.
    static void EmitScores(Assembler x)
    {
        Begin(x);
        x.push(rdi);
        x.mov(rsi, __[rdi + Left]);
        x.mov(rdx, __[rdi + LeftRow]);
        x.mov(rcx, __[rdi + Right]);
        x.mov(r11, __[rdi + RightLow]);
        x.mov(r10, __[rdi + Steps]);
        x.mov(rdi, rdx);
        x.shl(rdi, 4);
        x.lea(r8, __[rsi + rdi]);
        x.lea(r9, __[r8 + rdi]);
        x.add(rdi, r9);
        Label step = x.CreateLabel();
        x.Label(ref step);
        x.tileloadd(tmm4, __[rcx + rax]);
        x.tileloadd(tmm5, __[r11 + rax]);
        AssemblerRegister64[] keys = [rsi, r8, r9, rdi];
        for (int i = 0; i < keys.Length; i++)
        {
            AssemblerRegisterTMM left = i % 2 == 0 ? tmm6 : tmm7;
            x.tileloadd(left, __[keys[i] + rdx]);
            x.tdpbf16ps(s_results[i], left, tmm4);
            x.tdpbf16ps(s_results[i], left, tmm5);
            x.add(keys[i], 2 * Step);
        }
        x.add(rcx, TileBytes);
        x.add(r11, TileBytes);
        x.dec(r10);
        x.jne(step);
        x.pop(rdi);
        x.mov(rsi, __[rdi + Result]);
        x.mov(rdx, __[rdi + ResultRow]);
        x.mov(rcx, rdx);
        x.shl(rcx, 4);
        foreach (AssemblerRegisterTMM result in s_results)
        {
            x.tilestored(__[rsi + rdx], result);
            x.add(rsi, rcx);
        }
        x.tilerelease();
        x.ret();
    }

    // Sixteen rows by four times sixteen columns: weights (left) in two parts, pairs of latents (right).
    // Weights at rsi and r11, rdx apart. Latents at rcx, r9 apart, r8 to the next step. r10: steps left.
    static void EmitSums(Assembler x)
    {
        Begin(x);
        x.mov(rsi, __[rdi + Left]);
        x.mov(r11, __[rdi + LeftLow]);
        x.mov(rdx, __[rdi + LeftRow]);
        x.mov(rcx, __[rdi + Right]);
        x.mov(r9, __[rdi + RightRow]);
        x.mov(r10, __[rdi + Steps]);
        x.mov(r8, r9);
        x.shl(r8, 4);
        Label step = x.CreateLabel();
        x.Label(ref step);
        x.tileloadd(tmm4, __[rsi + rdx]);
        x.tileloadd(tmm5, __[r11 + rdx]);
        for (int i = 0; i < s_results.Length; i++)
        {
            AssemblerRegisterTMM right = i % 2 == 0 ? tmm6 : tmm7;
            x.tileloadd(right, __[rcx + r9 + (64 * i)]);
            x.tdpbf16ps(s_results[i], tmm4, right);
            x.tdpbf16ps(s_results[i], tmm5, right);
        }
        x.add(rsi, 2 * Step);
        x.add(r11, 2 * Step);
        x.add(rcx, r8);
        x.dec(r10);
        x.jne(step);
        x.mov(rsi, __[rdi + Result]);
        x.mov(rdx, __[rdi + ResultRow]);
        for (int i = 0; i < s_results.Length; i++)
            x.tilestored(__[rsi + rdx + (64 * i)], s_results[i]);
        x.tilerelease();
        x.ret();
    }

    static void Begin(Assembler x)
    {
        x.mov(rax, (long)s_shapes);
        x.ldtilecfg(__[rax]);
        x.mov(eax, 64);
        foreach (AssemblerRegisterTMM result in s_results)
            x.tilezero(result);
    }
}
