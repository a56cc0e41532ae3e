// The tape: recycling without the collector, and the two halves of a backward pass.

using Fathom.Numerics.Gradients;
using Fathom.Numerics.Kernels;
using Fathom.Numerics.Random;
using Fathom.Numerics.Tensors;
using Fathom.Testing;

namespace Fathom.Numerics.Tests.Gradients;

[Collection("alone")]
public sealed unsafe class TapeTests
{
    // A block in little: norm, gated unit with a residual sum, a tied table used at both ends. H features, T tokens.
    sealed class Network : IDisposable
    {
        public const int T = 9, H = 12, F = 20, V = 15;

        readonly MemoryScope _scope = new();
        readonly int* _ids;

        public Network()
        {
            var random = new CounterRandom(3, 1);
            ulong index = 0;
            Tensor Parameter(int rows, int columns)
            {
                Tensor tensor = _scope.Rent(rows, columns);
                foreach (ref float value in tensor.Span)
                    value = (float)random.Normal(index++);
                tensor.Gradient = _scope.RentZeroed(rows, columns);
                return tensor;
            }
            (Table, Gain, Gate, Up, Down) = (Parameter(V, H), Parameter(H, 1), Parameter(F, H), Parameter(F, H), Parameter(H, F));
            (_gate, _up) = (new Weight(Gate), new Weight(Up));
            _ids = _scope.Rent<int>(T);
            for (int i = 0; i < T; i++)
                _ids[i] = i * 7 % V;
        }

        readonly Weight _gate, _up;

        public Tensor Table, Gain, Gate, Up, Down;

        public Tensor[] Parameters => [Table, Gain, Gate, Up, Down];

        public Tensor Forward(Tape tape)
        {
            Tensor x = tape.Embed(_ids, T, Table);
            Tensor normed = tape.RmsNorm(x, Gain, 1e-6f);
            Tensor y = tape.Add(x, tape.Linear(tape.SwiGlu(tape.LinearPair(normed, _gate, _up)), Down));
            return tape.Linear(y, Table);
        }

        public void Dispose() => _scope.Dispose();
    }

    static float[][] Gradients(bool defer)
    {
        using Network network = new();
        using Tape tape = new() { Recording = true };
        Tensor y = network.Forward(tape);
        y.Gradient = tape.Scope.RentLike(y);
        for (int i = 0; i < y.Length; i++)
            y.Gradient.Data[i] = MathF.Sin(i);
        if (defer)
        {
            tape.Backward(deferWeights: true);
            foreach (Tensor parameter in network.Parameters)
                Assert.All(parameter.Gradient!.Span.ToArray(), value => Assert.Equal(0, value));
            tape.BackwardWeights();
        }
        else
        {
            tape.Backward();
        }
        return [.. network.Parameters.Select(parameter => parameter.Gradient!.Span.ToArray())];
    }

    [Fact]
    public void Backward_WeightsDeferred_GivesTheSameBits()
    {
        float[][] whole = Gradients(defer: false), halves = Gradients(defer: true);
        for (int i = 0; i < whole.Length; i++)
        {
            Assert.Contains(whole[i], value => value != 0);
            Assert.Equal(whole[i], halves[i]);
        }
    }

    [Fact]
    public void Step_SteadyState_AllocatesNothingFromTheCollector()
    {
        using Network network = new();
        using Tape tape = new() { Recording = true };
        void Step()
        {
            tape.Reset();
            Tensor y = network.Forward(tape);
            y.Gradient = tape.Scope.RentZeroed(y.Rows, y.Columns);
            tape.Backward();
        }
        Step();
        Step();
        long held = tape.Scope.BytesHeld;
        long allocated = Allocations.OnOneThread(() =>
        {
            for (int i = 0; i < 20; i++)
                Step();
        });
        Assert.Equal(0, allocated);
        Assert.Equal(held, tape.Scope.BytesHeld);
    }

    [Fact]
    public void Forward_NotRecording_KeepsNoHistory_AndGivesTheSameBits()
    {
        using Network network = new();
        using Tape recording = new() { Recording = true }, plain = new();
        Assert.Equal(network.Forward(recording).Span.ToArray(), network.Forward(plain).Span.ToArray());
        Assert.Equal(0, plain.Count);
        Assert.Equal(7, recording.Count);
        recording.Reset();
        Assert.Equal(0, recording.Count);
    }

    [Fact]
    public void Backward_ResultNobodyUsed_IsPassedOver()
    {
        using Network network = new();
        using Tape tape = new() { Recording = true };
        network.Forward(tape);
        tape.Backward();
        foreach (Tensor parameter in network.Parameters)
            Assert.All(parameter.Gradient!.Span.ToArray(), value => Assert.Equal(0, value));
    }
}
