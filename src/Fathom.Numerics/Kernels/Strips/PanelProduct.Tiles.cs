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

    static readonly AssembledFunctions s_functions = new(StripFormat.Forms, (x, form) => Emit(x, StripFormat.OfForm(form)));

    /// <summary>Whether tiles multiply this type: those with FP32 minima stay with vectors.</summary>
    public static bool Takes(in StripFormat format) => format.IntegerScales || !format.HasMinima;

    public static void Run(in StripFormat format, PanelCall* call)
        => ((delegate* unmanaged[SuppressGCTransition]<PanelCall*, void>)s_functions[format.Form])(call);

    // Tiles 0 to 3 sums [16][16], 4 and 5 activations [16][group], 6 and 7 weights [group / 4][16][4].
    static (int Rows, int RowBytes) Shape(int tile, int group)
        => (tile is 6 or 7 ? group / 4 : Rows, tile is 4 or 5 ? group : Half);

    // rdi: sums. rcx: panel. rsi: activations of row 0, rdx apart. rax: bytes of a line. r8: bytes of a tile's row. r9: walks along the
    // rows. r10: segments left in the block. r11: segments left. The stack below rbp: four tiles of sums, then the call.
    static void Emit(Assembler x, StripFormat format)
    {
        x.push(rbp);
        x.mov(rbp, rsp);
        x.sub(rsp, 4 * TileBytes + 64);
        x.and(rsp, -64);
        x.mov(__[rsp + 4 * TileBytes], rdi);
        x.mov(rax, (long)Registers.TileShapes(tile => Shape(tile, format.GroupLength)));
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
                x.vpxord(Registers.Zmm[i], Registers.Zmm[i], Registers.Zmm[i]);
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
        x.vmovups(Registers.Zmm[D], __[rcx + half]);
        if (format.HasMinima)
        {
            x.vmovups(Registers.Zmm[DMin], __[rcx + Line + half]);
            for (int p = 0; p < StripFormat.BlockLength / format.GroupLength / 2; p++)
                x.vmovdqu32(Registers.Zmm[Pairs + p], __[rcx + (2 + p) * Line + half]);
        }
        x.add(rcx, format.PanelHeaderBytes);
    }

    static void Multiply(Assembler x, StripFormat format, int half, int segment)
    {
        int quads = format.GroupLength / 4;
        for (int g = 0; g < format.GroupsPerSegment; g++)
        {
            int tile = segment * format.GroupsPerSegment + g;
            AssemblerRegisterTMM sums = Registers.Tmm[tile], activations = Registers.Tmm[4 + tile % 2], weights = Registers.Tmm[6 + tile % 2];
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
            x.vmovups(Registers.Zmm[Factors], __[rcx + (segment * format.PanelSegmentBytes + g * Line + half)]);
            for (int i = 0; i < Rows; i++)
            {
                AssemblerMemoryOperand sums = __[rsp + (tile * TileBytes + i * Half)];
                if (format.IntegerScales)
                {
                    x.vpmulld(Registers.Zmm[Term], Registers.Zmm[Factors], sums);
                    x.vpaddd(Registers.Zmm[i], Registers.Zmm[i], Registers.Zmm[Term]);
                }
                else
                {
                    x.vcvtdq2ps(Registers.Zmm[Term], sums);
                    x.vfmadd231ps(Registers.Zmm[i], Registers.Zmm[Term], Registers.Zmm[Factors]);
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
                x.vcvtdq2ps(Registers.Zmm[i], Registers.Zmm[i]);
                x.vmulps(Registers.Zmm[i], Registers.Zmm[i], Registers.Zmm[D]);
            }
            if (format.HasMinima)
            {
                x.vpxord(Registers.Zmm[Minima], Registers.Zmm[Minima], Registers.Zmm[Minima]);
                for (int p = 0; p < StripFormat.BlockLength / format.GroupLength / 2; p++)
                    x.vpdpwssd(Registers.Zmm[Minima], Registers.Zmm[Pairs + p], __dword_bcst[r9 + (minima + 4 * p)]);
                x.vcvtdq2ps(Registers.Zmm[Minima], Registers.Zmm[Minima]);
                x.vfnmadd231ps(Registers.Zmm[i], Registers.Zmm[Minima], Registers.Zmm[DMin]);
            }
            x.vbroadcastss(Registers.Zmm[Scale], __dword_ptr[r9 + ActivationBlocks.Scale]);
            AssemblerMemoryOperand sum = __[rdi + (i * Line + half)];
            x.vfmadd213ps(Registers.Zmm[i], Registers.Zmm[Scale], sum);
            x.vmovups(sum, Registers.Zmm[i]);
            x.add(r9, rdx);
        }
    }
}
