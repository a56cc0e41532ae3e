// BF16 lines times activations with vdpbf16ps, assembled at run time: 32 rows of the strip by up to 12 rows of activations.
using Fathom.Numerics.Kernels.Assembly;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace Fathom.Numerics.Kernels.Strips;

static unsafe class Bf16Assembled
{
    /// <summary>Rows of activations at a time.</summary>
    public const int MostRows = 12;

    const int Line = StripFormat.LineBytes;

    // By rows.
    static readonly AssembledFunctions s_functions = new(MostRows + 1, Emit);

    public static void Run(Bf16Call* call, int rows) => ((delegate* unmanaged[SuppressGCTransition]<Bf16Call*, void>)s_functions[rows])(call);

    // rcx: lines. rsi, rax, r8, r9: rows 0, 3, 6, 9 of activations, rdx apart. rdi: sums. r10: steps left.
    static void Emit(Assembler x, int rows)
    {
        Label step = x.CreateLabel();
        AssemblerRegister64[] bases = [rsi, rax, r8, r9];
        x.mov(rcx, __[rdi]);
        x.mov(rsi, __[rdi + 8]);
        x.mov(rdx, __[rdi + 16]);
        x.mov(r10, __[rdi + 32]);
        x.mov(rdi, __[rdi + 24]);
        for (int b = 1; b < bases.Length; b++)
        {
            x.lea(bases[b], __[bases[b - 1] + rdx * 2]);
            x.add(bases[b], rdx);
        }
        for (int i = 0; i < 2 * rows; i++)
            x.vmovups(Registers.Zmm[i], __[rdi + 64 * i]);
        x.Label(ref step);
        for (int pair = 0; pair < Bf16Kernel.Step / 2; pair++)
        {
            x.vmovups(zmm24, __[rcx + pair * Line]);
            x.vmovups(zmm25, __[rcx + pair * Line + 64]);
            for (int i = 0; i < rows; i++)
            {
                AssemblerRegisterZMM both = i % 2 == 0 ? zmm26 : zmm27;
                AssemblerRegister64 row = bases[i / 3];
                x.vpbroadcastd(both, (i % 3) switch { 0 => __dword_ptr[row + 4 * pair], 1 => __dword_ptr[row + rdx + 4 * pair], _ => __dword_ptr[row + rdx * 2 + 4 * pair] });
                x.vdpbf16ps(Registers.Zmm[2 * i], zmm24, both);
                x.vdpbf16ps(Registers.Zmm[2 * i + 1], zmm25, both);
            }
        }
        x.add(rcx, Bf16Kernel.Step / 2 * Line);
        foreach (AssemblerRegister64 row in bases)
            x.add(row, 2 * Bf16Kernel.Step);
        x.dec(r10);
        x.jne(step);
        for (int i = 0; i < 2 * rows; i++)
            x.vmovups(__[rdi + 64 * i], Registers.Zmm[i]);
        x.vzeroupper();
        x.ret();
    }
}
