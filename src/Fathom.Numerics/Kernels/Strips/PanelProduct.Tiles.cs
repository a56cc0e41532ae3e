// Panels times activations with Intel's tiles (AMX): 16 rows of the strip by 16 rows of activations per instruction, one group of
// columns deep, since each group has its own scale. The sums leave the tile through memory, then take their scales in vectors.
// Codes are signed here: no correction for an offset is needed.
using Fathom.Numerics.Kernels.Assembly;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace Fathom.Numerics.Kernels.Strips;

static unsafe class PanelProductTiles
{
    /// <summary>Rows of activations at a time; all of them are read, whether there are as many or not.</summary>
    public const int Rows = 16;

    /// <summary>From so many rows on tiles are faster than vectors, which take six rows at a time.</summary>
    public const int FewestRows = 5;

    const int Line = StripFormat.LineBytes, Half = Line / 2, TileBytes = Rows * Half;

    // Vectors: sums of a block 0 to 15, then as named.
    const int Term = 16, Scale = 17, Minima = 18, Factors = 19, Pairs = 20, D = 28, DMin = 29;

    static readonly AssemblerRegisterZMM[] s_zmm =
    [
        zmm0, zmm1, zmm2, zmm3, zmm4, zmm5, zmm6, zmm7, zmm8, zmm9, zmm10, zmm11, zmm12, zmm13, zmm14, zmm15,
        zmm16, zmm17, zmm18, zmm19, zmm20, zmm21, zmm22, zmm23, zmm24, zmm25, zmm26, zmm27, zmm28, zmm29, zmm30, zmm31,
    ];

    static readonly AssemblerRegisterTMM[] s_tmm = [tmm0, tmm1, tmm2, tmm3, tmm4, tmm5, tmm6, tmm7];

    // By group length: tiles 0 to 3 sums [16][16], 4 and 5 activations [16][group], 6 and 7 weights [group / 4][16][4].
    static readonly byte[] s_configurations = Configurations();

    static readonly nint[] s_functions = new nint[8];

    /// <summary>Whether tiles multiply this type: those with FP32 minima stay with vectors.</summary>
    public static bool Takes(in StripFormat format) => format.IntegerScales || !format.HasMinima;

    public static void Run(in StripFormat format, PanelCall* call)
    {
        int form = (format.IntegerScales ? 4 : 0) | (format.HasMinima ? 2 : 0) | (format.GroupsPerSegment - 1);
        nint function = Volatile.Read(ref s_functions[form]);
        if (function == 0)
        {
            // Two threads may both make one, and either stays.
            StripFormat made = format;
            function = (nint)MachineCode.Assemble(x => Emit(x, made));
            Volatile.Write(ref s_functions[form], function);
        }
        ((delegate* unmanaged[SuppressGCTransition]<PanelCall*, void>)function)(call);
    }

    static byte[] Configurations()
    {
        byte[] all = GC.AllocateArray<byte>(2 * 64, pinned: true);
        for (int i = 0; i < 2; i++)
        {
            Span<byte> one = all.AsSpan(64 * i, 64);
            int group = 16 << i;
            // Palette 1; from byte 16 the bytes per row of each tile, two bytes each, from byte 48 its rows.
            one[0] = 1;
            for (int tile = 0; tile < 8; tile++)
            {
                one[16 + 2 * tile] = (byte)(tile is 4 or 5 ? group : Half);
                one[48 + tile] = (byte)(tile is 6 or 7 ? group / 4 : Rows);
            }
        }
        return all;
    }

    // rdi: sums. rcx: panel. rsi: activations of row 0, rdx apart. rax: bytes of a line. r8: bytes of a tile's row. r9: walks along the
    // rows. r10: segments left in the block. r11: segments left. The stack below rbp: four tiles of sums, then the call.
    static void Emit(Assembler x, StripFormat format)
    {
        x.push(rbp);
        x.mov(rbp, rsp);
        x.sub(rsp, 4 * TileBytes + 64);
        x.and(rsp, -64);
        x.mov(__[rsp + 4 * TileBytes], rdi);
        x.mov(rax, System.Runtime.InteropServices.Marshal.UnsafeAddrOfPinnedArrayElement(s_configurations, format.GroupLength == 16 ? 0 : 64));
        x.ldtilecfg(__[rax]);
        x.mov(eax, Line);
        x.mov(r8d, Half);
        int atOnce = 4 / format.GroupsPerSegment;
        for (int half = 0; half < Line; half += Half)
        {
            Label block = x.CreateLabel(), whole = x.CreateLabel(), several = x.CreateLabel(), one = x.CreateLabel(), end = x.CreateLabel();
            x.mov(rdi, __[rsp + 4 * TileBytes]);
            x.mov(rcx, __[rdi]);
            x.mov(rsi, __[rdi + 8]);
            x.mov(rdx, __[rdi + 16]);
            x.mov(r11, __[rdi + 32]);
            x.mov(rdi, __[rdi + 24]);

            x.Label(ref block);
            x.mov(r10, StripFormat.SegmentsPerBlock);
            x.cmp(r11, r10);
            x.jge(whole);
            x.mov(r10, r11);
            x.Label(ref whole);
            x.sub(r11, r10);
            x.mov(__[rsp + 4 * TileBytes + 8], rsi);
            for (int i = 0; i < Rows; i++)
                x.vpxord(s_zmm[i], s_zmm[i], s_zmm[i]);
            if (format.IntegerScales)
                Header(x, format, half);

            x.Label(ref several);
            x.cmp(r10, atOnce);
            x.jl(one);
            // Four tiles first: the vectors work on the first one's sums while the last one's are made.
            for (int s = 0; s < atOnce; s++)
                Multiply(x, format, half, s);
            for (int s = 0; s < atOnce; s++)
                Add(x, format, half, s);
            Advance(x, format, atOnce);
            x.jmp(several);
            x.Label(ref one);
            x.test(r10, r10);
            x.je(end);
            Multiply(x, format, half, 0);
            Add(x, format, half, 0);
            Advance(x, format, 1);
            x.jmp(one);
            x.Label(ref end);

            x.mov(rsi, __[rsp + 4 * TileBytes + 8]);
            Finish(x, format, half);
            x.add(rsi, ActivationBlocks.Bytes);
            x.test(r11, r11);
            x.jne(block);
        }
        x.tilerelease();
        x.vzeroupper();
        x.mov(rsp, rbp);
        x.pop(rbp);
        x.ret();
    }

    static void Advance(Assembler x, StripFormat format, int segments)
    {
        x.add(rcx, segments * format.PanelSegmentBytes);
        x.add(rsi, segments * StripFormat.SegmentLength);
        x.sub(r10, segments);
    }

    // The block's d, dmin and minima stay in registers.
    static void Header(Assembler x, StripFormat format, int half)
    {
        x.vmovups(s_zmm[D], __[rcx + half]);
        if (format.HasMinima)
        {
            x.vmovups(s_zmm[DMin], __[rcx + Line + half]);
            for (int p = 0; p < StripFormat.BlockLength / format.GroupLength / 2; p++)
                x.vmovdqu32(s_zmm[Pairs + p], __[rcx + (2 + p) * Line + half]);
        }
        x.add(rcx, format.PanelHeaderBytes);
    }

    static void Multiply(Assembler x, StripFormat format, int half, int segment)
    {
        int quads = format.GroupLength / 4;
        for (int g = 0; g < format.GroupsPerSegment; g++)
        {
            int tile = segment * format.GroupsPerSegment + g;
            AssemblerRegisterTMM sums = s_tmm[tile], activations = s_tmm[4 + tile % 2], weights = s_tmm[6 + tile % 2];
            x.tileloadd(weights, __[rcx + rax + (segment * format.PanelSegmentBytes + format.PanelScaleBytes + g * quads * Line + half)]);
            x.tileloadd(activations, __[rsi + rdx + (segment * StripFormat.SegmentLength + g * format.GroupLength)]);
            x.tilezero(sums);
            x.tdpbssd(sums, activations, weights);
            x.tilestored(__[rsp + r8 + tile * TileBytes], sums);
        }
    }

    static void Add(Assembler x, StripFormat format, int half, int segment)
    {
        for (int g = 0; g < format.GroupsPerSegment; g++)
        {
            int tile = segment * format.GroupsPerSegment + g;
            x.vmovups(s_zmm[Factors], __[rcx + (segment * format.PanelSegmentBytes + g * Line + half)]);
            for (int i = 0; i < Rows; i++)
            {
                AssemblerMemoryOperand sums = __[rsp + (tile * TileBytes + i * Half)];
                if (format.IntegerScales)
                {
                    x.vpmulld(s_zmm[Term], s_zmm[Factors], sums);
                    x.vpaddd(s_zmm[i], s_zmm[i], s_zmm[Term]);
                }
                else
                {
                    x.vcvtdq2ps(s_zmm[Term], sums);
                    x.vfmadd231ps(s_zmm[i], s_zmm[Term], s_zmm[Factors]);
                }
            }
        }
    }

    // The block's sums into the call's.
    static void Finish(Assembler x, StripFormat format, int half)
    {
        int minima = format.GroupsPerSegment == 1 ? ActivationBlocks.Sums32 : ActivationBlocks.Sums16;
        x.mov(r9, rsi);
        for (int i = 0; i < Rows; i++)
        {
            if (format.IntegerScales)
            {
                x.vcvtdq2ps(s_zmm[i], s_zmm[i]);
                x.vmulps(s_zmm[i], s_zmm[i], s_zmm[D]);
            }
            if (format.HasMinima)
            {
                x.vpxord(s_zmm[Minima], s_zmm[Minima], s_zmm[Minima]);
                for (int p = 0; p < StripFormat.BlockLength / format.GroupLength / 2; p++)
                    x.vpdpwssd(s_zmm[Minima], s_zmm[Pairs + p], __dword_bcst[r9 + (minima + 4 * p)]);
                x.vcvtdq2ps(s_zmm[Minima], s_zmm[Minima]);
                x.vfnmadd231ps(s_zmm[i], s_zmm[Minima], s_zmm[DMin]);
            }
            x.vbroadcastss(s_zmm[Scale], __dword_ptr[r9 + ActivationBlocks.Scale]);
            AssemblerMemoryOperand sum = __[rdi + (i * Line + half)];
            x.vfmadd213ps(s_zmm[i], s_zmm[Scale], sum);
            x.vmovups(sum, s_zmm[i]);
            x.add(r9, rdx);
        }
    }
}
