// Inputs and parameters for trials of operators: noise that is written anew before every trial, as the operator before would have written it.
using Fathom.Models.Configs;
using Fathom.Models.Layers;
using Fathom.Numerics.Gradients;
using Fathom.Numerics.Kernels;
using Fathom.Numerics.Random;
using Fathom.Numerics.Tensors;

namespace Fathom.Planning.Here;

/// <summary>Memory of one operator's trials.</summary>
sealed unsafe class TrialMemory : IDisposable
{
    /// <summary>Floats of noise; longer tensors repeat them.</summary>
    const int NoiseLength = 1 << 18;

    const float WeightScale = 0.03f;

    static readonly float[] s_noise = Noise();

    readonly MemoryScope _scope = new();
    readonly List<(Tensor Tensor, Tensor? Gradient)> _inputs = [];
    readonly Tape _setup = new();
    RotaryEmbedding? _rotary;

    /// <summary>An input [rows, columns].</summary>
    /// <param name="rows">Rows.</param>
    /// <param name="columns">Columns.</param>
    /// <param name="hasGradient">Whether another operator has given it a gradient before, to which this one's is added.</param>
    public Tensor Input(int rows, int columns, bool hasGradient = false)
    {
        Tensor tensor = _scope.Rent(rows, columns);
        Fill(tensor);
        Tensor? gradient = hasGradient ? _scope.RentZeroed(rows, columns) : null;
        _inputs.Add((tensor, gradient));
        return tensor;
    }

    /// <summary>A parameter [rows, columns] with its gradient.</summary>
    public Weight Matrix(int rows, int columns) => new(Parameter(rows, columns));

    /// <summary>A parameter [rows, columns] with its gradient.</summary>
    public Tensor Parameter(int rows, int columns)
    {
        Tensor tensor = _scope.Rent(rows, columns);
        Fill(tensor);
        // As small as weights are: large products would make probabilities so small that arithmetic slows down.
        Elementwise.Scale(tensor.Data, WeightScale, tensor.Data, tensor.Length);
        tensor.Gradient = _scope.RentZeroed(rows, columns);
        return tensor;
    }

    /// <summary>The gradient of a result.</summary>
    public Tensor Like(Tensor result) => _scope.RentLike(result);

    /// <summary>Numbers, one for each index.</summary>
    public int* Numbers(int count, Func<int, int> number)
    {
        int* numbers = _scope.Rent<int>(count);
        for (int i = 0; i < count; i++)
            numbers[i] = number(i);
        return numbers;
    }

    /// <summary>Cosines and sines of a model for sequences of <paramref name="length"/> tokens.</summary>
    public RotaryTable Rotary(ModelConfig config, int length)
    {
        _rotary ??= new RotaryEmbedding(config);
        using PackedBatch batch = new();
        batch.Add(new int[length]);
        return _rotary.TableFor(batch);
    }

    /// <summary>A routing of tokens by random scores, with the raggedness that chance gives.</summary>
    public Routing Routing(int tokens, int experts, RouterRule rule)
    {
        Routing routing = new();
        int* starts = Numbers(2, i => i * tokens);
        Tensor logits = _scope.Rent(tokens, experts);
        CounterRandom random = new(1, 0x40D7);
        for (long i = 0; i < logits.Length; i++)
            logits.Data[i] = (float)random.Normal((ulong)i);
        _setup.Route(logits, null, rule, starts, 1, 0, routing);
        return routing;
    }

    /// <summary>Writes the inputs anew and takes back the gradients that the last trial gave them.</summary>
    public void Refresh()
    {
        foreach ((Tensor tensor, Tensor? gradient) in _inputs)
        {
            Fill(tensor);
            tensor.Gradient = gradient;
        }
    }

    /// <summary>Fills a tensor with noise, on all threads.</summary>
    public static void Fill(Tensor tensor)
    {
        fixed (float* noise = s_noise)
        {
            for (long first = 0; first < tensor.Length; first += NoiseLength)
            {
                int count = (int)Math.Min(NoiseLength, tensor.Length - first);
                Elementwise.Copy(noise, 64, tensor.Data + first, 64, count / 64, 64);
                if (count % 64 != 0)
                    Elementwise.Copy(noise, count % 64, tensor.Data + first + count / 64 * 64, count % 64, 1, count % 64);
            }
        }
    }

    static float[] Noise()
    {
        CounterRandom random = new(1, 0x7214);
        float[] noise = GC.AllocateUninitializedArray<float>(NoiseLength, pinned: true);
        for (int i = 0; i < noise.Length; i++)
            noise[i] = (float)(2 * random.Double((ulong)i) - 1);
        return noise;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _scope.Dispose();
        _setup.Dispose();
        _rotary?.Dispose();
    }
}
