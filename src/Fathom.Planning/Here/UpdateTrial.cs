// What a step does once, however many passes it has: gradients set to zero, their norm, AdamW.
using System.Diagnostics;
using System.Runtime.InteropServices;
using Fathom.Numerics.Kernels;
using Fathom.Numerics.Statistics;

namespace Fathom.Planning.Here;

/// <summary>Measures the update of a step.</summary>
static unsafe class UpdateTrial
{
    // Four arrays of 64 MB: more would only take longer, as they are beyond the near caches already.
    const long MostParameters = 16L << 20;
    const int Rounds = 7;

    /// <summary>Seconds of one update.</summary>
    /// <param name="parameters">Parameters of the model.</param>
    public static double Measure(long parameters)
    {
        long count = Math.Min(parameters, MostParameters);
        nuint bytes = checked((nuint)count * sizeof(float));
        float* memory = (float*)NativeMemory.AlignedAlloc(4 * bytes, 64);
        try
        {
            NativeMemory.Clear(memory, 4 * bytes);
            float* values = memory, gradients = values + count, first = gradients + count, second = first + count;
            List<double> seconds = [];
            for (int round = -1; round < Rounds; round++)
            {
                long start = Stopwatch.GetTimestamp();
                NativeMemory.Clear(gradients, bytes);
                _ = GradientNorm.SumOfSquares(gradients, count);
                AdamW.Step(values, gradients, first, second, count, 1e-3f, 0.9f, 0.95f, 1e-8f, 0.1f, 1, round + 2);
                if (round >= 0)
                    seconds.Add(Stopwatch.GetElapsedTime(start).TotalSeconds);
            }
            return Quantiles.Median(seconds) * (parameters / (double)count);
        }
        finally
        {
            NativeMemory.AlignedFree(memory);
        }
    }
}
