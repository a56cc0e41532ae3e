// The limits are measurements: only their order and plausibility can be tested.

using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Fathom.Numerics.Threading;
using Limits = Fathom.Numerics.Kernels.MachineLimits.MachineLimits;

namespace Fathom.Numerics.Tests.Kernels.MachineLimits;

public sealed class MachineLimitsTests
{
    [Fact]
    public void Measure_OneThread_IsPlausibleForOneCore()
    {
        Limits limits = Limits.Measure(1);
        Assert.Equal(1, limits.Threads);
        // Below: a tenth of a GHz with one unit. Above: 10 GHz with four units.
        Check(Vector512.IsHardwareAccelerated, limits.Fma512, 2 * 16);
        Check(Fma.IsSupported, limits.Fma256, 2 * 8);
        Assert.Equal(Math.Max(limits.Fma512, limits.Fma256), limits.Single);
        Assert.InRange(limits.Bf16, 0, 40 * 64);
        Check(Avx512F.IsSupported && (X86Base.CpuId(7, 0).Ecx & 1 << 11) != 0 && OperatingSystem.IsLinux(), limits.Vnni512, 8 * 16);
        Check(AvxVnni.IsSupported, limits.Vnni256, 8 * 8);
        // 16 x 16 sums of 64 products in 16 cycles or more; 0 where the system keeps tiles back.
        Assert.InRange(limits.AmxInt8, 0, 10 * 2 * 16 * 64);
        Assert.InRange(limits.AmxBf16, 0, 10 * 2 * 16 * 32);
        Assert.Equal(Math.Max(limits.Single, Math.Max(limits.Bf16, limits.AmxBf16)), limits.BFloat);
        Assert.Equal(Math.Max(limits.AmxInt8, Math.Max(limits.Vnni512, limits.Vnni256)), limits.Int8);
        Assert.InRange(limits.Read, 0.05, 2000);
        Assert.InRange(limits.Triad, 0.05, 2000);

        static void Check(bool supported, double rate, int operations)
        {
            if (supported)
                Assert.InRange(rate, 0.1 * operations, 40 * operations);
            else
                Assert.Equal(0, rate);
        }
    }

    [Fact]
    public void MeasureFma_WiderVectors_AreNotSlower()
    {
        if (!Vector512.IsHardwareAccelerated)
            return;
        using var team = new ThreadTeam(1);
        // Best of rounds of a fifth of a millisecond; a processor that runs 512 bits in two halves reaches the same rate.
        Assert.True(Limits.MeasureFma512(team, 0.1) > 0.5 * Limits.MeasureFma256(team, 0.1));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1025)]
    public void Measure_ThreadCountOutOfRange_Throws(int threads)
        => Assert.Throws<ArgumentOutOfRangeException>(() => Limits.Measure(threads));
}
