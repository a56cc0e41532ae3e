// The filter of system calls, as a program for the kernel's packet filter machine.
using System.Runtime.InteropServices;
using N = Fathom.Evaluation.Sandbox.Launching.SystemCallNumbers;

namespace Fathom.Evaluation.Sandbox.Launching;

/// <summary>Builds the filter: forbidden calls fail with "not permitted", unknown ones with "no such call"; a new thread may be made, a new
/// process not.</summary>
static class SeccompFilter
{
    [StructLayout(LayoutKind.Sequential)]
    public readonly record struct Instruction(ushort Code, byte IfTrue, byte IfFalse, uint Value);

    // Operations of the machine (linux/bpf_common.h) and the offsets in struct seccomp_data.
    const ushort Load = 0x20, JumpIfEqual = 0x15, JumpIfAtLeast = 0x35, JumpIfAnyBit = 0x45, Return = 0x06;
    const uint NumberOffset = 0, ArchitectureOffset = 4, FirstArgumentOffset = 16;
    const uint Allow = 0x7fff0000, Kill = 0x80000000, NotPermitted = 0x00050000 | 1, NoSuchCall = 0x00050000 | 38;
    const uint Architecture64 = 0xc000003e;
    const uint CloneThread = 0x00010000;
    const int Clone3 = 435;

    /// <summary>The filter for x64.</summary>
    public static Instruction[] Build()
    {
        List<Instruction> filter =
        [
            new(Load, 0, 0, ArchitectureOffset),
            new(JumpIfEqual, 1, 0, Architecture64),
            new(Return, 0, 0, Kill), // 32-bit calls have other numbers
            new(Load, 0, 0, NumberOffset),
            new(JumpIfAtLeast, 0, 1, N.Highest + 1),
            new(Return, 0, 0, NoSuchCall),
            // The C library asks for clone3 first, whose flags a filter cannot see, and takes clone where there is none.
            new(JumpIfEqual, 0, 1, Clone3),
            new(Return, 0, 0, NoSuchCall),
            new(JumpIfEqual, 0, 4, N.Clone),
            new(Load, 0, 0, FirstArgumentOffset),
            new(JumpIfAnyBit, 1, 0, CloneThread),
            new(Return, 0, 0, NotPermitted),
            new(Return, 0, 0, Allow),
        ];
        foreach (int number in N.Forbidden)
        {
            filter.Add(new(JumpIfEqual, 0, 1, (uint)number));
            filter.Add(new(Return, 0, 0, NotPermitted));
        }
        filter.Add(new(Return, 0, 0, Allow));
        return [.. filter];
    }
}
