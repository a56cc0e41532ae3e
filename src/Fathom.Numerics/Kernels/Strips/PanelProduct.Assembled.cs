// Panels times activations with AVX512-VNNI, assembled at run time: one function per form of weights and number of rows.
//
// 32 rows of the strip by up to 6 rows of activations: per quad 2 loads of codes, 6 broadcasts, 12 vpdpbusd; 12 sums of a segment, 12 of
// a block. With signed codes (stored plus 128) the sums start at -128 times the sum of x, which costs a load instead of a zeroing.
using Fathom.Numerics.Kernels.Assembly;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace Fathom.Numerics.Kernels.Strips;

static unsafe class PanelProductAssembled
{
    /// <summary>Rows of activations at a time.</summary>
    public const int MostRows = 6;

    const int Line = StripFormat.LineBytes;

    // Registers: sums of a segment 0 to 11, sums of a block 12 to 23, codes 24 and 25, broadcasts 26 and 27, scales 28 and 29.
    const int Block = 12, Codes = 24, Broadcast = 26, Scales = 28;

    // [form, rows].
    static readonly AssembledFunctions s_functions = new(
        StripFormat.Forms * (MostRows + 1), (x, index) => Emit(x, StripFormat.OfForm(index / (MostRows + 1)), index % (MostRows + 1)));

    public static void Run(in StripFormat format, PanelCall* call, int rows)
        => ((delegate* unmanaged[SuppressGCTransition]<PanelCall*, void>)s_functions[format.Form * (MostRows + 1) + rows])(call);

    // Free registers of the calling convention only. rdi: the call, later the sums. rcx: panel. rsi, rax: activations of rows 0 and 3,
    // rdx apart. r8, r9: the same for corrections and sums of groups. r10: segments left in the block. r11: segments left.
    static void Emit(Assembler x, StripFormat format, int rows)
    {
        Label block = x.CreateLabel("block"), segment = x.CreateLabel("segment"), whole = x.CreateLabel("whole");
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
        x.lea(rax, __[rsi + rdx * 2]);
        x.add(rax, rdx);
        x.mov(r8, rsi);
        x.mov(r9, rax);
        x.push(rsi);
        for (int i = 0; i < 2 * rows; i++)
            x.vpxord(Registers.Zmm[Block + i], Registers.Zmm[Block + i], Registers.Zmm[Block + i]);
        if (format.IntegerScales)
        {
            x.push(rcx);
            x.add(rcx, format.PanelHeaderBytes);
        }

        x.Label(ref segment);
        int groups = format.GroupsPerSegment, quads = format.GroupLength / 4;
        for (int g = 0; g < groups; g++)
        {
            Start(x, format, rows, g);
            for (int j = g * quads; j < (g + 1) * quads; j++)
                Quad(x, format, rows, j);
            Finish(x, format, rows, g);
        }
        x.add(rcx, format.PanelSegmentBytes);
        x.add(rsi, StripFormat.SegmentLength);
        x.add(rax, StripFormat.SegmentLength);
        x.add(r8, 4 * groups);
        x.add(r9, 4 * groups);
        x.dec(r10);
        x.jne(segment);

        if (format.IntegerScales)
            x.pop(r10);
        x.pop(rsi);
        x.lea(rax, __[rsi + rdx * 2]);
        x.add(rax, rdx);
        if (format.IntegerScales)
            Scale(x, format, rows);
        for (int i = 0; i < rows; i++)
        {
            x.vbroadcastss(Registers.Zmm[Broadcast], __dword_ptr[Row(rsi, rax, i) + ActivationBlocks.Scale]);
            for (int v = 0; v < 2; v++)
            {
                AssemblerMemoryOperand sum = __[rdi + i * Line + v * 64];
                x.vfmadd213ps(Registers.Zmm[Block + 2 * i + v], Registers.Zmm[Broadcast], sum);
                x.vmovups(sum, Registers.Zmm[Block + 2 * i + v]);
            }
        }
        x.add(rsi, ActivationBlocks.Bytes);
        x.test(r11, r11);
        x.jne(block);
        x.vzeroupper();
        x.ret();
    }

    static AssemblerMemoryOperand Row(AssemblerRegister64 first, AssemblerRegister64 fourth, int row) => (row % 3) switch
    {
        0 => row < 3 ? first + 0 : fourth + 0,
        1 => row < 3 ? first + rdx : fourth + rdx,
        _ => row < 3 ? first + rdx * 2 : fourth + rdx * 2,
    };

    // The segment's sums: zero, or -128 times the sum of the row's codes.
    static void Start(Assembler x, StripFormat format, int rows, int group)
    {
        int corrections = format.GroupsPerSegment == 1 ? ActivationBlocks.Corrections32 : ActivationBlocks.Corrections16;
        for (int i = 0; i < rows; i++)
        {
            if (format.HasMinima)
            {
                x.vpxord(Registers.Zmm[2 * i], Registers.Zmm[2 * i], Registers.Zmm[2 * i]);
                x.vpxord(Registers.Zmm[2 * i + 1], Registers.Zmm[2 * i + 1], Registers.Zmm[2 * i + 1]);
                continue;
            }
            x.vpbroadcastd(Registers.Zmm[2 * i], __dword_ptr[Row(r8, r9, i) + corrections + 4 * group]);
            x.vmovdqa32(Registers.Zmm[2 * i + 1], Registers.Zmm[2 * i]);
        }
    }

    static void Quad(Assembler x, StripFormat format, int rows, int quad)
    {
        int at = format.PanelScaleBytes + quad * Line;
        x.vmovdqu32(Registers.Zmm[Codes], __[rcx + at]);
        x.vmovdqu32(Registers.Zmm[Codes + 1], __[rcx + at + 64]);
        for (int i = 0; i < rows; i++)
        {
            AssemblerRegisterZMM four = Registers.Zmm[Broadcast + i % 2];
            x.vpbroadcastd(four, __dword_ptr[Row(rsi, rax, i) + 4 * quad]);
            x.vpdpbusd(Registers.Zmm[2 * i], Registers.Zmm[Codes], four);
            x.vpdpbusd(Registers.Zmm[2 * i + 1], Registers.Zmm[Codes + 1], four);
        }
    }

    // The segment's sums into the block's.
    static void Finish(Assembler x, StripFormat format, int rows, int group)
    {
        if (format.IntegerScales)
        {
            for (int i = 0; i < 2 * rows; i++)
            {
                x.vpmulld(Registers.Zmm[i], Registers.Zmm[i], __[rcx + group * Line + i % 2 * 64]);
                x.vpaddd(Registers.Zmm[Block + i], Registers.Zmm[Block + i], Registers.Zmm[i]);
            }
            return;
        }
        x.vmovups(Registers.Zmm[Scales], __[rcx]);
        x.vmovups(Registers.Zmm[Scales + 1], __[rcx + 64]);
        for (int i = 0; i < 2 * rows; i++)
        {
            x.vcvtdq2ps(Registers.Zmm[i], Registers.Zmm[i]);
            x.vfmadd231ps(Registers.Zmm[Block + i], Registers.Zmm[i], Registers.Zmm[Scales + i % 2]);
        }
        if (!format.HasMinima)
            return;
        for (int i = 0; i < rows; i++)
        {
            x.vbroadcastss(Registers.Zmm[Broadcast], __dword_ptr[Row(r8, r9, i) + ActivationBlocks.FloatSums32]);
            for (int v = 0; v < 2; v++)
                x.vfmadd231ps(Registers.Zmm[Block + 2 * i + v], Registers.Zmm[Broadcast], __[rcx + Line + v * 64]);
        }
    }

    // The block's whole numbers to FP32. r10: the block's header.
    static void Scale(Assembler x, StripFormat format, int rows)
    {
        for (int v = 0; v < 2; v++)
            x.vmovups(Registers.Zmm[Scales + v], __[r10 + v * 64]);
        for (int i = 0; i < 2 * rows; i++)
        {
            x.vcvtdq2ps(Registers.Zmm[Block + i], Registers.Zmm[Block + i]);
            x.vmulps(Registers.Zmm[Block + i], Registers.Zmm[Block + i], Registers.Zmm[Scales + i % 2]);
        }
        if (!format.HasMinima)
            return;
        for (int i = 0; i < 2 * rows; i++)
            x.vpxord(Registers.Zmm[i], Registers.Zmm[i], Registers.Zmm[i]);
        int sums = format.GroupsPerSegment == 1 ? ActivationBlocks.Sums32 : ActivationBlocks.Sums16;
        for (int p = 0; p < StripFormat.BlockLength / format.GroupLength / 2; p++)
        {
            x.vmovdqu32(Registers.Zmm[Codes], __[r10 + (2 + p) * Line]);
            x.vmovdqu32(Registers.Zmm[Codes + 1], __[r10 + (2 + p) * Line + 64]);
            for (int i = 0; i < rows; i++)
            {
                AssemblerRegisterZMM pair = Registers.Zmm[Broadcast + i % 2];
                x.vpbroadcastd(pair, __dword_ptr[Row(rsi, rax, i) + sums + 4 * p]);
                x.vpdpwssd(Registers.Zmm[2 * i], Registers.Zmm[Codes], pair);
                x.vpdpwssd(Registers.Zmm[2 * i + 1], Registers.Zmm[Codes + 1], pair);
            }
        }
        for (int v = 0; v < 2; v++)
            x.vmovups(Registers.Zmm[Scales + v], __[r10 + Line + v * 64]);
        for (int i = 0; i < 2 * rows; i++)
        {
            x.vcvtdq2ps(Registers.Zmm[i], Registers.Zmm[i]);
            x.vfnmadd231ps(Registers.Zmm[Block + i], Registers.Zmm[i], Registers.Zmm[Scales + i % 2]);
        }
    }
}
