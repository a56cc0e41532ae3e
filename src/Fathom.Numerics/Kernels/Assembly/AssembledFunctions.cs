// Functions that are assembled when they are first called.
using Iced.Intel;

namespace Fathom.Numerics.Kernels.Assembly;

/// <summary>A table of assembled functions. Two threads may both make one: either stays.</summary>
/// <param name="count">How many.</param>
/// <param name="emit">Emits the function of an index.</param>
sealed unsafe class AssembledFunctions(int count, Action<Assembler, int> emit)
{
    readonly nint[] _functions = new nint[count];

    /// <summary>The function's address. Allocates nothing once it is made.</summary>
    public void* this[int index]
    {
        get
        {
            nint function = Volatile.Read(ref _functions[index]);
            return (void*)(function != 0 ? function : Make(index));
        }
    }

    // Apart, since what a lambda captures is allocated where its method begins.
    nint Make(int index)
    {
        var made = (nint)MachineCode.Assemble(x => emit(x, index));
        Volatile.Write(ref _functions[index], made);
        return made;
    }
}
