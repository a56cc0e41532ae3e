// Loops of nothing but independent multiply-adds.

using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Fathom.Numerics.Kernels.Assembly;
using Fathom.Numerics.Threading;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace Fathom.Numerics.Kernels.MachineLimits;

enum PeakKind
{
    Fma512,
    Fma256,
    Bf16,
    Vnni512,
    Vnni256,
}

/// <summary>Twelve independent chains of multiply-adds: more than latency times units on any processor so far.</summary>
unsafe struct PeakLoop : IParallelAction
{
    const int Rounds = 100_000, Chains = 12;

    /// <summary>Vector multiply-adds in one part.</summary>
    public const long FmaPerPart = (long)Rounds * Chains;

    static float s_sink;
    static delegate* unmanaged<long, void> s_bf16, s_vnni;

    public PeakKind Kind;

    public readonly void Run(int part)
    {
        switch (Kind)
        {
            case PeakKind.Fma512: s_sink = Fma512(); break;
            case PeakKind.Fma256: s_sink = Fma256(); break;
            case PeakKind.Vnni256: s_sink = Vnni256(); break;
            case PeakKind.Vnni512:
                if (s_vnni is null)
                    s_vnni = Assemble((x, chain) => x.vpdpbusd(chain, zmm16, zmm16));
                s_vnni(Rounds);
                break;
            default:
                if (s_bf16 is null)
                    s_bf16 = Assemble((x, chain) => x.vdpbf16ps(chain, zmm16, zmm16));
                s_bf16(Rounds);
                break;
        }
    }

    static float Fma512()
    {
        Vector512<float> x = Vector512.Create(0.5f), y = Vector512.Create(s_sink + 1f);
        Vector512<float> a = y, b = y, c = y, d = y, e = y, f = y, g = y, h = y, i = y, j = y, k = y, l = y;
        for (int round = 0; round < Rounds; round++)
        {
            a = Vector512.FusedMultiplyAdd(a, x, y);
            b = Vector512.FusedMultiplyAdd(b, x, y);
            c = Vector512.FusedMultiplyAdd(c, x, y);
            d = Vector512.FusedMultiplyAdd(d, x, y);
            e = Vector512.FusedMultiplyAdd(e, x, y);
            f = Vector512.FusedMultiplyAdd(f, x, y);
            g = Vector512.FusedMultiplyAdd(g, x, y);
            h = Vector512.FusedMultiplyAdd(h, x, y);
            i = Vector512.FusedMultiplyAdd(i, x, y);
            j = Vector512.FusedMultiplyAdd(j, x, y);
            k = Vector512.FusedMultiplyAdd(k, x, y);
            l = Vector512.FusedMultiplyAdd(l, x, y);
        }
        return Vector512.Sum(a + b + c + d + e + f + g + h + i + j + k + l);
    }

    static float Fma256()
    {
        Vector256<float> x = Vector256.Create(0.5f), y = Vector256.Create(s_sink + 1f);
        Vector256<float> a = y, b = y, c = y, d = y, e = y, f = y, g = y, h = y, i = y, j = y, k = y, l = y;
        for (int round = 0; round < Rounds; round++)
        {
            a = Fma.MultiplyAdd(a, x, y);
            b = Fma.MultiplyAdd(b, x, y);
            c = Fma.MultiplyAdd(c, x, y);
            d = Fma.MultiplyAdd(d, x, y);
            e = Fma.MultiplyAdd(e, x, y);
            f = Fma.MultiplyAdd(f, x, y);
            g = Fma.MultiplyAdd(g, x, y);
            h = Fma.MultiplyAdd(h, x, y);
            i = Fma.MultiplyAdd(i, x, y);
            j = Fma.MultiplyAdd(j, x, y);
            k = Fma.MultiplyAdd(k, x, y);
            l = Fma.MultiplyAdd(l, x, y);
        }
        return Vector256.Sum(a + b + c + d + e + f + g + h + i + j + k + l);
    }

    static float Vnni256()
    {
        Vector256<byte> x = Vector256.Create((byte)1);
        Vector256<sbyte> y = Vector256.Create((sbyte)1);
        Vector256<int> a = Vector256.Create((int)s_sink), b = a, c = a, d = a, e = a, f = a, g = a, h = a, i = a, j = a, k = a, l = a;
        for (int round = 0; round < Rounds; round++)
        {
            a = AvxVnni.MultiplyWideningAndAdd(a, x, y);
            b = AvxVnni.MultiplyWideningAndAdd(b, x, y);
            c = AvxVnni.MultiplyWideningAndAdd(c, x, y);
            d = AvxVnni.MultiplyWideningAndAdd(d, x, y);
            e = AvxVnni.MultiplyWideningAndAdd(e, x, y);
            f = AvxVnni.MultiplyWideningAndAdd(f, x, y);
            g = AvxVnni.MultiplyWideningAndAdd(g, x, y);
            h = AvxVnni.MultiplyWideningAndAdd(h, x, y);
            i = AvxVnni.MultiplyWideningAndAdd(i, x, y);
            j = AvxVnni.MultiplyWideningAndAdd(j, x, y);
            k = AvxVnni.MultiplyWideningAndAdd(k, x, y);
            l = AvxVnni.MultiplyWideningAndAdd(l, x, y);
        }
        return Vector256.Sum(a + b + c + d + e + f + g + h + i + j + k + l);
    }

    // rdi: rounds.
    static delegate* unmanaged<long, void> Assemble(Action<Assembler, AssemblerRegisterZMM> emitOne) => (delegate* unmanaged<long, void>)MachineCode.Assemble(x =>
    {
        AssemblerRegisterZMM[] chains = [zmm0, zmm1, zmm2, zmm3, zmm4, zmm5, zmm6, zmm7, zmm8, zmm9, zmm10, zmm11];
        foreach (AssemblerRegisterZMM chain in chains)
            x.vpxord(chain, chain, chain);
        x.vpxord(zmm16, zmm16, zmm16);
        Label loop = x.CreateLabel();
        x.Label(ref loop);
        foreach (AssemblerRegisterZMM chain in chains)
            emitOne(x, chain);
        x.dec(rdi);
        x.jne(loop);
        x.vzeroupper();
        x.ret();
    });
}
