// Memory walked from end to end, for measurements of bandwidth beside a run that is bound by it.

using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using Fathom.Numerics.Threading;

namespace Fathom.Numerics.Kernels.MachineLimits;

/// <summary>Holds 256 MB to walk. A machine whose last cache holds them shows that cache instead.</summary>
public sealed unsafe class MemoryProbe : IDisposable
{
    /// <summary>Bytes that it holds, but for what threads leave over.</summary>
    public const long Bytes = 256 << 20;

    readonly ThreadTeam _team;
    readonly nint _floats;
    float* _memory;

    /// <summary>Takes and touches the memory.</summary>
    /// <param name="team">The threads that walk, each its own share.</param>
    public MemoryProbe(ThreadTeam team)
    {
        _team = team;
        _floats = (nint)(Bytes / sizeof(float) / team.ThreadCount / 3 / 64 * 64) * 3 * team.ThreadCount;
        _memory = (float*)NativeMemory.AlignedAlloc((nuint)_floats * sizeof(float), 64);
        // Pages must be touched, and by numbers that are not denormal.
        for (nint i = 0; i < _floats; i++)
            _memory[i] = 1f;
    }

    /// <summary>Reading from end to end, GB/s: the best of rounds of a few milliseconds.</summary>
    /// <param name="seconds">How long to measure.</param>
    public double Read(double seconds) => Measure(triad: false, seconds);

    internal double Measure(bool triad, double seconds)
    {
        var loop = new MemoryLoop { Memory = _memory, Share = _floats / _team.ThreadCount, Triad = triad };
        return MachineLimits.Best(_team, loop, _floats * sizeof(float) / (double)_team.ThreadCount * 1e-9, seconds);
    }

    /// <summary>Frees the memory.</summary>
    public void Dispose()
    {
        NativeMemory.AlignedFree(_memory);
        _memory = null;
    }
}

/// <summary>Each part walks its own third-divided share of memory.</summary>
unsafe struct MemoryLoop : IParallelAction
{
    static float s_sink;

    public float* Memory;
    public nint Share;
    public bool Triad;

    public readonly void Run(int part)
    {
        float* mine = Memory + part * Share;
        if (!Triad)
        {
            Vector256<float> a = default, b = default, c = default, d = default;
            for (nint i = 0; i + 32 <= Share; i += 32)
            {
                a += Vector256.Load(mine + i);
                b += Vector256.Load(mine + i + 8);
                c += Vector256.Load(mine + i + 16);
                d += Vector256.Load(mine + i + 24);
            }
            s_sink = Vector256.Sum(a + b + c + d);
            return;
        }
        nint third = Share / 3;
        Vector256<float> scale = Vector256.Create(0.5f);
        for (nint i = 0; i + 8 <= third; i += 8)
            (Vector256.Load(mine + third + i) + scale * Vector256.Load(mine + 2 * third + i)).Store(mine + i);
    }
}
