// The tile assembled at run time: like the 512-bit tile in C#, with exact row counts and with vdpbf16ps for BF16.

using Fathom.Numerics.Kernels.Assembly;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace Fathom.Numerics.Kernels.MatMul;

/// <summary>The instruction that multiplies and adds one word.</summary>
interface IMultiplyAdd
{
    /// <summary>Numbers below the normal range are to count as zero: for FP32 that is a mode of the processor.</summary>
    static abstract bool Flushes { get; }

    /// <summary>sum += x · y, with y a register.</summary>
    static abstract void Emit(Assembler assembler, AssemblerRegisterZMM sum, AssemblerRegisterZMM x, AssemblerRegisterZMM y);

    /// <summary>sum += x · y, with y one word in memory for all lanes.</summary>
    static abstract void Emit(Assembler assembler, AssemblerRegisterZMM sum, AssemblerRegisterZMM x, AssemblerMemoryOperand y);
}

/// <summary>One FP32 multiply-add per word.</summary>
readonly struct SingleMultiplyAdd : IMultiplyAdd
{
    public static bool Flushes => false;

    public static void Emit(Assembler assembler, AssemblerRegisterZMM sum, AssemblerRegisterZMM x, AssemblerRegisterZMM y)
        => assembler.vfmadd231ps(sum, x, y);

    public static void Emit(Assembler assembler, AssemblerRegisterZMM sum, AssemblerRegisterZMM x, AssemblerMemoryOperand y)
        => assembler.vfmadd231ps(sum, x, y);
}

/// <summary>One FP32 multiply-add per word with the flushing of vdpbf16ps: the same bits from widened BF16.</summary>
readonly struct WidenedMultiplyAdd : IMultiplyAdd
{
    public static bool Flushes => true;

    public static void Emit(Assembler assembler, AssemblerRegisterZMM sum, AssemblerRegisterZMM x, AssemblerRegisterZMM y)
        => assembler.vfmadd231ps(sum, x, y);

    public static void Emit(Assembler assembler, AssemblerRegisterZMM sum, AssemblerRegisterZMM x, AssemblerMemoryOperand y)
        => assembler.vfmadd231ps(sum, x, y);
}

/// <summary>Two BF16 multiply-adds per word.</summary>
readonly struct Bf16MultiplyAdd : IMultiplyAdd
{
    public static bool Flushes => false; // The instruction does so by itself.

    public static void Emit(Assembler assembler, AssemblerRegisterZMM sum, AssemblerRegisterZMM x, AssemblerRegisterZMM y)
        => assembler.vdpbf16ps(sum, x, y);

    public static void Emit(Assembler assembler, AssemblerRegisterZMM sum, AssemblerRegisterZMM x, AssemblerMemoryOperand y)
        => assembler.vdpbf16ps(sum, x, y);
}

/// <summary>Machine code for every tile of up to 8 rows by 3 vectors, or 12 rows by 1.</summary>
readonly unsafe struct TileAssembled<TMultiplyAdd> : ITile
    where TMultiplyAdd : struct, IMultiplyAdd
{
    const int WidestRows = 8, NarrowestRows = 12, Widest = 3;

    static readonly nint[] s_code = AssembleAll();

    public static int Lanes => 16;

    public static int MaxVectors => Widest;

    public static int MaxRows(int vectors) => vectors == 1 ? NarrowestRows : WidestRows;

    public static void Run(TileCall* call, int rows, int vectors)
        => ((delegate* unmanaged[SuppressGCTransition]<TileCall*, void>)s_code[(rows - 1) * Widest + vectors - 1])(call);

    static nint[] AssembleAll()
    {
        var code = new nint[NarrowestRows * Widest];
        for (int vectors = 1; vectors <= Widest; vectors++)
        {
            for (int rows = 1; rows <= MaxRows(vectors); rows++)
                code[(rows - 1) * Widest + vectors - 1] = (nint)MachineCode.Assemble(x => Emit(x, rows, vectors));
        }
        return code;
    }

    // System V convention: the TileCall's address is in rdi; all registers used here are free for a callee.
    static void Emit(Assembler x, int rows, int vectors)
    {
        if (TMultiplyAdd.Flushes)
        {
            // The control word and its changed copy lie below the stack pointer, in the part a leaf function may use.
            const int flushToZero = 1 << 15, denormalsAreZero = 1 << 6;
            x.stmxcsr(__dword_ptr[rsp - 16]);
            x.mov(eax, __dword_ptr[rsp - 16]);
            x.or(eax, flushToZero | denormalsAreZero);
            x.mov(__dword_ptr[rsp - 12], eax);
            x.ldmxcsr(__dword_ptr[rsp - 12]);
        }
        AssemblerRegister64 a = rax, b = rcx, steps = rdx, lane = r8, lane3 = r9, aStep = r11, bStep = rsi;
        x.mov(a, __[rdi]);
        x.mov(lane, __[rdi + 8]);
        x.mov(aStep, __[rdi + 16]);
        x.lea(lane3, __[lane + lane * 2]);

        // C first: r10 and rcx have other uses later.
        x.mov(r10, __[rdi + 40]);
        x.mov(rcx, __[rdi + 48]);
        x.cmp(__qword_ptr[rdi + 64], 0);
        Label zero = x.CreateLabel(), loop = x.CreateLabel(), begin = x.CreateLabel();
        x.je(zero);
        for (int i = 0; i < rows; i++)
        {
            for (int v = 0; v < vectors; v++)
                x.vmovups(Sum(i, v), __[r10 + v * 64]);
            x.add(r10, rcx);
        }
        x.jmp(begin);
        x.Label(ref zero);
        for (int i = 0; i < rows * vectors; i++)
            x.vpxord(Sum(0, 0, i), Sum(0, 0, i), Sum(0, 0, i));
        x.Label(ref begin);
        x.mov(b, __[rdi + 24]);
        x.mov(bStep, __[rdi + 32]);
        x.mov(steps, __[rdi + 56]);
        // Rows 0 to 3 from a, 4 to 7 from r10. Rows 8 to 11 need one more base: the stack keeps the call's address.
        if (rows > 4)
            x.lea(r10, __[a + lane * 4]);
        if (rows > 8)
        {
            x.push(rdi);
            x.lea(rdi, __[a + lane * 8]);
        }

        x.Label(ref loop);
        for (int v = 0; v < vectors; v++)
        {
            x.vmovups(Vector(v), __[b + v * 64]);
            // Eight steps ahead: B comes from the second-level cache, in place even with a stride no prefetcher follows.
            x.prefetcht0(__byte_ptr[b + bStep * 8 + v * 64]);
        }
        for (int i = 0; i < rows; i++)
        {
            AssemblerRegister64 row = i < 4 ? a : i < 8 ? r10 : rdi;
            AssemblerMemoryOperandFactory word = vectors == 1 ? __dword_bcst : __dword_ptr;
            AssemblerMemoryOperand y = (i % 4) switch
            {
                0 => word[row],
                1 => word[row + lane],
                2 => word[row + lane * 2],
                _ => word[row + lane3],
            };
            if (vectors == 1)
            {
                TMultiplyAdd.Emit(x, Sum(i, 0), Vector(0), y);
                continue;
            }
            AssemblerRegisterZMM broadcast = i % 2 == 0 ? zmm30 : zmm31;
            x.vbroadcastss(broadcast, y);
            for (int v = 0; v < vectors; v++)
                TMultiplyAdd.Emit(x, Sum(i, v), Vector(v), broadcast);
        }
        x.add(b, bStep);
        x.add(a, aStep);
        if (rows > 4)
            x.add(r10, aStep);
        if (rows > 8)
            x.add(rdi, aStep);
        x.dec(steps);
        x.jne(loop);

        if (rows > 8)
            x.pop(rdi);
        x.mov(r10, __[rdi + 40]);
        x.mov(rcx, __[rdi + 48]);
        for (int i = 0; i < rows; i++)
        {
            for (int v = 0; v < vectors; v++)
                x.vmovups(__[r10 + v * 64], Sum(i, v));
            x.add(r10, rcx);
        }
        if (TMultiplyAdd.Flushes)
            x.ldmxcsr(__dword_ptr[rsp - 16]);
        x.vzeroupper();
        x.ret();

        AssemblerRegisterZMM Sum(int row, int vector, int offset = 0) => Registers.Zmm[row * vectors + vector + offset];
        AssemblerRegisterZMM Vector(int v) => Registers.Zmm[27 + v];
    }
}
