// Assembled code runs, and its memory is never writable and executable at once.

using System.Globalization;
using Fathom.Numerics.Kernels.Assembly;
using static Iced.Intel.AssemblerRegisters;

namespace Fathom.Numerics.Tests.Kernels.Assembly;

public sealed unsafe class MachineCodeTests
{
    [Fact]
    public void AssembledFunction_Called_ComputesAndLiesInReadExecuteMemory()
    {
        if (!MachineCode.Supported)
            return;
        var addOne = (delegate* unmanaged<int, int>)MachineCode.Assemble(x =>
        {
            x.lea(eax, __[rdi + 1]);
            x.ret();
        });
        Assert.Equal(42, addOne(41));
        Assert.Equal("r-xp", Permissions((ulong)addOne));
    }

    static string Permissions(ulong address)
    {
        foreach (string line in File.ReadLines("/proc/self/maps"))
        {
            string[] range = line.Split(' ', 2)[0].Split('-');
            if (address >= ulong.Parse(range[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture)
                && address < ulong.Parse(range[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture))
            {
                return line.Split(' ')[1];
            }
        }
        return "unmapped";
    }
}
