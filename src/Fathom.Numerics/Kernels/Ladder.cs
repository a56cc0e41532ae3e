// The ladder of kernel implementations: which rungs this processor has, and which one a kernel takes.
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Fathom.Numerics.Kernels.Assembly;

namespace Fathom.Numerics.Kernels;

/// <summary>Ways a kernel can be written, slowest first. Each falls back to the next lower one.</summary>
public enum Rung
{
    /// <summary>Plain C#: the truth the others are tested against.</summary>
    Scalar,

    /// <summary>256-bit vectors with fused multiply-add.</summary>
    Vector256,

    /// <summary>512-bit vectors.</summary>
    Vector512,

    /// <summary>Machine code assembled at run time, for instructions .NET has no intrinsics for.</summary>
    Assembled,

    /// <summary>Machine code over Intel's tiles (AMX).</summary>
    Tiles,
}

/// <summary>
/// Picks implementations. The environment variable <c>FATHOM_ISA</c> (<c>scalar</c>, <c>vector256</c>, <c>vector512</c>,
/// <c>assembled</c>, <c>tiles</c>) lowers the ceiling for a whole process; tests set <see cref="Ceiling"/>.
/// </summary>
public static class Ladder
{
    static readonly Rung s_hardware = DetectHardware();
    static Rung s_ceiling = ReadEnvironment();

    /// <summary>The highest rung kernels may take.</summary>
    public static Rung Ceiling
    {
        get => s_ceiling;
        set => s_ceiling = value;
    }

    /// <summary>The rungs this processor and system can run, lowest first. Assembled kernels check their own instructions besides.</summary>
    public static IReadOnlyList<Rung> Supported { get; } = [.. Enum.GetValues<Rung>().Where(r => r <= s_hardware)];

    /// <summary>The highest of <paramref name="implemented"/> that the processor has and <see cref="Ceiling"/> permits.</summary>
    /// <param name="implemented">The kernel's own table, lowest rung first; begins with <see cref="Rung.Scalar"/>.</param>
    public static Rung Pick(ReadOnlySpan<Rung> implemented)
    {
        Rung top = s_ceiling < s_hardware ? s_ceiling : s_hardware;
        for (int i = implemented.Length - 1; i > 0; i--)
        {
            if (implemented[i] <= top)
                return implemented[i];
        }
        return implemented[0];
    }

    static Rung DetectHardware()
    {
        if (!Vector256.IsHardwareAccelerated || !Fma.IsSupported)
            return Rung.Scalar;
        if (!Vector512.IsHardwareAccelerated || !Avx512F.IsSupported)
            return Rung.Vector256;
        return MachineCode.HasInt8Tiles && MachineCode.HasVnni ? Rung.Tiles : Rung.Assembled;
    }

    static Rung ReadEnvironment()
    {
        string? wish = Environment.GetEnvironmentVariable("FATHOM_ISA");
        if (string.IsNullOrEmpty(wish))
            return Rung.Tiles;
        return Enum.TryParse(wish, ignoreCase: true, out Rung rung) && Enum.IsDefined(rung)
            ? rung
            : throw new InvalidOperationException(
                $"FATHOM_ISA is '{wish}'; allowed are {string.Join(", ", Enum.GetNames<Rung>().Select(n => n.ToLowerInvariant()))}.");
    }
}
