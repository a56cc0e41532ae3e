// AdamW over all parameters of a model: moments in flat memory beside the parameters, one fused pass per run of parameters that
// decay alike.
using System.Runtime.InteropServices;
using Fathom.Models.Checkpoints;
using Fathom.Models.Layers;
using Fathom.Numerics.Formats;
using Fathom.Numerics.Kernels;

namespace Fathom.Training.Optimizers;

/// <summary>Settings of one optimizer step.</summary>
/// <param name="LearningRate">Step size.</param>
/// <param name="WeightDecay">Decoupled decay of matrices.</param>
/// <param name="Beta1">Decay of the first moment.</param>
/// <param name="Beta2">Decay of the second moment.</param>
/// <param name="ClipNorm">Largest global gradient norm.</param>
public readonly record struct OptimizerStep(double LearningRate, double WeightDecay, double Beta1, double Beta2, double ClipNorm);

/// <summary>AdamW with global norm clipping (Loshchilov and Hutter; settings as in V3 section 4.2).</summary>
public sealed unsafe class AdamWOptimizer : IDisposable
{
    const float Epsilon = 1e-8f;

    readonly ModelParameters _parameters;
    readonly float* _first;
    readonly float* _second;
    readonly List<(long Start, long Length, bool Decays)> _runs = [];

    /// <summary>Moments of zero for the trainable parameters of a model, whose gradients it switches on.</summary>
    public AdamWOptimizer(ModelParameters parameters)
    {
        _parameters = parameters;
        parameters.EnableGradients();
        nuint bytes = (nuint)(parameters.Length * sizeof(float));
        _first = (float*)NativeMemory.AlignedAlloc(bytes, 64);
        _second = (float*)NativeMemory.AlignedAlloc(bytes, 64);
        Reset();
        for (int i = 0; i < parameters.All.Count; i++)
        {
            Parameter p = parameters.All[i];
            if (!p.Trainable)
                continue;
            // Padding between parameters has zero values and gradients, so it may run along.
            long end = i + 1 < parameters.All.Count ? parameters.All[i + 1].Offset : parameters.Length;
            if (_runs.Count > 0 && _runs[^1].Decays == p.Decays && _runs[^1].Start + _runs[^1].Length == p.Offset)
                _runs[^1] = _runs[^1] with { Length = end - _runs[^1].Start };
            else
                _runs.Add((p.Offset, end - p.Offset, p.Decays));
        }
    }

    /// <summary>Steps taken since the last <see cref="Reset"/>; enters the bias correction.</summary>
    public int StepCount { get; private set; }

    /// <summary>Sets moments and step count to zero, as at the start of a stage.</summary>
    public void Reset()
    {
        StepCount = 0;
        NativeMemory.Clear(_first, (nuint)(_parameters.Length * sizeof(float)));
        NativeMemory.Clear(_second, (nuint)(_parameters.Length * sizeof(float)));
    }

    /// <summary>The global 2-norm of the gradients.</summary>
    public double GradientNorm() => Math.Sqrt(Numerics.Kernels.GradientNorm.SumOfSquares(_parameters.Gradients, _parameters.Length));

    /// <summary>Moves the parameters along their gradients, clipped to <see cref="OptimizerStep.ClipNorm"/>.</summary>
    /// <param name="settings">The step's settings.</param>
    /// <param name="norm">What <see cref="GradientNorm()"/> gave.</param>
    public void Step(in OptimizerStep settings, double norm)
    {
        StepCount++;
        float scale = norm > settings.ClipNorm ? (float)(settings.ClipNorm / norm) : 1f;
        foreach ((long start, long length, bool decays) in _runs)
        {
            AdamW.Step(
                _parameters.Values + start, _parameters.Gradients + start, _first + start, _second + start, length, (float)settings.LearningRate,
                (float)settings.Beta1, (float)settings.Beta2, Epsilon, decays ? (float)settings.WeightDecay : 0f, scale, StepCount);
        }
    }

    /// <summary>The moments, for a checkpoint.</summary>
    public IEnumerable<TensorSource> ToSources()
    {
        long[] shape = [_parameters.Length];
        return [Source("first", _first), Source("second", _second)];
        TensorSource Source(string name, float* values) => TensorSource.Floats(name, shape, values, ElementType.F32);
    }

    /// <summary>Takes the moments back from a checkpoint.</summary>
    /// <param name="file">Written from <see cref="ToSources"/>.</param>
    /// <param name="stepCount">The step count at that time.</param>
    public void Restore(SafetensorsFile file, int stepCount)
    {
        file.CopyTo("first", _first);
        file.CopyTo("second", _second);
        StepCount = stepCount;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        NativeMemory.AlignedFree(_first);
        NativeMemory.AlignedFree(_second);
    }
}
