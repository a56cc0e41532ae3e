// BF16 lines times activations with Intel's tiles (AMX): 32 rows of the strip by one, sixteen or many times thirty-two rows
// of activations.
using Fathom.Numerics.Kernels.Assembly;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace Fathom.Numerics.Kernels.Strips;

static unsafe class Bf16Tiles
{
    /// <summary>Rows of activations in a tile. With more than one row whole tiles are read and written.</summary>
    public const int Rows = 16;

    const int Line = StripFormat.LineBytes, Half = Line / 2;

    // For one row, sixteen, thirty-two.
    static readonly AssembledFunctions s_functions = new(3, Emit);

    public static void Run(Bf16Call* call)
        => ((delegate* unmanaged[SuppressGCTransition]<Bf16Call*, void>)s_functions[call->Rows == 1 ? 0 : call->Rows <= Rows ? 1 : 2])(call);

    // Tiles 0 to 3 sums [rows][16], 4 and 5 activations [rows][32], 6 and 7 weights [16 pairs][16][2].
    static (int Rows, int RowBytes) Shape(int tile, int rows) => (tile is 6 or 7 ? Rows : rows, Half);

    // rcx: lines. rsi, r8: activations of the first and second sixteen, rdx apart. rdi: sums. rax: bytes of a line. r10: steps left.
    // r9: the call. r11: rows left. The configuration costs some hundred cycles: once for all rows.
    static void Emit(Assembler x, int form)
    {
        Label group = x.CreateLabel(), step = x.CreateLabel();
        int sixteens = form == 2 ? 2 : 1;
        x.mov(rax, (long)Registers.TileShapes(tile => Shape(tile, form == 0 ? 1 : Rows)));
        x.ldtilecfg(__[rax]);
        x.mov(r9, rdi);
        x.mov(rsi, __[r9 + 8]);
        x.mov(rdx, __[r9 + 16]);
        x.mov(rdi, __[r9 + 24]);
        x.mov(r11, __[r9 + 40]);
        x.mov(eax, Line);

        x.Label(ref group);
        x.mov(rcx, __[r9]);
        x.mov(r10, __[r9 + 32]);
        x.push(rsi);
        if (sixteens == 2)
        {
            x.mov(r8, rdx);
            x.shl(r8, 4);
            x.add(r8, rsi);
        }
        AssemblerRegisterTMM[] sums = [tmm0, tmm1, tmm2, tmm3];
        for (int i = 0; i < 2 * sixteens; i++)
            x.tileloadd(sums[i], __[rdi + rax + (i / 2 * Rows * Line + i % 2 * Half)]);
        x.Label(ref step);
        x.tileloadd(tmm6, __[rcx + rax]);
        x.tileloadd(tmm4, __[rsi + rdx]);
        x.tdpbf16ps(tmm0, tmm4, tmm6);
        x.tileloadd(tmm7, __[rcx + rax + Half]);
        x.tdpbf16ps(tmm1, tmm4, tmm7);
        if (sixteens == 2)
        {
            x.tileloadd(tmm5, __[r8 + rdx]);
            x.tdpbf16ps(tmm2, tmm5, tmm6);
            x.tdpbf16ps(tmm3, tmm5, tmm7);
            x.add(r8, 2 * Bf16Kernel.Step);
        }
        x.add(rcx, Bf16Kernel.Step / 2 * Line);
        x.add(rsi, 2 * Bf16Kernel.Step);
        x.dec(r10);
        x.jne(step);
        for (int i = 0; i < 2 * sixteens; i++)
            x.tilestored(__[rdi + rax + (i / 2 * Rows * Line + i % 2 * Half)], sums[i]);
        x.pop(rsi);
        x.mov(r10, rdx);
        x.shl(r10, 5);
        x.add(rsi, r10);
        x.add(rdi, 2 * Rows * Line);
        x.sub(r11, 2 * Rows);
        x.jg(group);
        x.tilerelease();
        x.ret();
    }
}
