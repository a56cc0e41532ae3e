// Loops of nothing but products of tiles (Intel AMX): eight tiles of 16 rows x 64 bytes, of which four are independent sums.
// Leaves out every other use of tiles; the configuration is the thread's own and is given back after each part.

using Fathom.Numerics.Kernels.Assembly;
using Fathom.Numerics.Threading;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace Fathom.Numerics.Kernels.MachineLimits;

/// <summary>Four chains of <c>tdpbssd</c> (8 bits) or <c>tdpbf16ps</c>.</summary>
unsafe struct TileLoop : IParallelAction
{
    const int Rounds = 20_000, Chains = 4, Rows = 16, RowBytes = 64;

    static delegate* unmanaged<long, byte*, void> s_int8, s_bf16;

    static readonly byte* s_shapes = Registers.TileShapes(_ => (Rows, RowBytes));

    public bool IsBf16;

    /// <summary>Multiplications and additions in one part: 16 x 16 sums of as many products in each instruction as a row has elements.</summary>
    public readonly double OperationsPerPart => 2.0 * Rows * (RowBytes / sizeof(int)) * (RowBytes / (IsBf16 ? sizeof(ushort) : sizeof(byte))) * Chains * Rounds;

    public readonly void Run(int part)
    {
        if (IsBf16 && s_bf16 is null)
            s_bf16 = (delegate* unmanaged<long, byte*, void>)MachineCode.Assemble(x => Emit(x, x.tdpbf16ps));
        else if (!IsBf16 && s_int8 is null)
            s_int8 = (delegate* unmanaged<long, byte*, void>)MachineCode.Assemble(x => Emit(x, x.tdpbssd));
        (IsBf16 ? s_bf16 : s_int8)(Rounds, s_shapes);
    }

    // rdi: rounds, rsi: the configuration.
    static void Emit(Assembler x, Action<AssemblerRegisterTMM, AssemblerRegisterTMM, AssemblerRegisterTMM> multiply)
    {
        AssemblerRegisterTMM[] chains = [tmm0, tmm1, tmm2, tmm3];
        x.ldtilecfg(__[rsi]);
        foreach (AssemblerRegisterTMM tile in (AssemblerRegisterTMM[])[.. chains, tmm4, tmm5, tmm6, tmm7])
            x.tilezero(tile);
        Label loop = x.CreateLabel();
        x.Label(ref loop);
        for (int i = 0; i < chains.Length; i++)
            multiply(chains[i], i < 2 ? tmm4 : tmm5, i % 2 == 0 ? tmm6 : tmm7);
        x.dec(rdi);
        x.jne(loop);
        x.tilerelease();
        x.ret();
    }
}
