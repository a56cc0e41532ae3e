// One attention problem in guarded memory, with gaps between tokens, and its naive solution in double precision.
using Fathom.Numerics.Kernels;
using Fathom.Testing;

namespace Fathom.Numerics.Tests.Kernels;

/// <summary>Random queries, keys and values of a packed ragged batch, and room for results and gradients.</summary>
sealed unsafe class AttentionCase : IDisposable
{
    const int Gap = 3;

    readonly List<IDisposable> _owned = [];

    public AttentionCase(AttentionShape shape, int[] lengths, int seed)
    {
        Shape = shape;
        Lengths = lengths;
        Starts = [0, .. lengths.Select((_, i) => lengths.Take(i + 1).Sum())];
        Tokens = Starts[^1];
        Random = new System.Random(seed);
        QStride = (shape.HeadCount * shape.QueryDim) + Gap;
        KStride = (shape.KeyValueHeadCount * shape.QkDim) + Gap;
        VStride = (shape.KeyValueHeadCount * shape.VDim) + Gap;
        SharedStride = shape.SharedDim + Gap;
        OStride = (shape.HeadCount * shape.VDim) + Gap;
        (Q, K, V, Shared, OGradient) = (Filled(QStride), Filled(KStride), Filled(VStride), Filled(SharedStride), Filled(OStride));
        (QGradient, KGradient, VGradient, SharedGradient, O) = (Room(QStride), Room(KStride), Room(VStride), Room(SharedStride), Room(OStride));
        LogSumExp = Own(new GuardedMemory<float>(Tokens * shape.HeadCount));
        StartsMemory = Own(new GuardedMemory<int>(Starts));
    }

    public AttentionShape Shape { get; }
    public int[] Lengths { get; }
    public int[] Starts { get; }
    public int Tokens { get; }
    public System.Random Random { get; }
    public int QStride { get; }
    public int KStride { get; }
    public int VStride { get; }
    public int SharedStride { get; }
    public int OStride { get; }
    public GuardedMemory<float> Q { get; }
    public GuardedMemory<float> K { get; }
    public GuardedMemory<float> V { get; }
    public GuardedMemory<float> Shared { get; }
    public GuardedMemory<float> O { get; }
    public GuardedMemory<float> LogSumExp { get; }
    public GuardedMemory<float> OGradient { get; }
    public GuardedMemory<float> QGradient { get; }
    public GuardedMemory<float> KGradient { get; }
    public GuardedMemory<float> VGradient { get; }
    public GuardedMemory<float> SharedGradient { get; }
    public GuardedMemory<int> StartsMemory { get; }

    public AttentionInputs Inputs => new()
    {
        Q = Q.Pointer,
        QTokenStride = QStride,
        QHeadStride = Shape.QueryDim,
        K = K.Pointer,
        KTokenStride = KStride,
        KHeadStride = Shape.QkDim,
        SharedK = Shape.SharedDim == 0 ? null : Shared.Pointer,
        SharedKTokenStride = SharedStride,
        V = V.Pointer,
        VTokenStride = VStride,
        VHeadStride = Shape.VDim,
    };

    public void Forward() => CausalAttention.Forward(Shape, Inputs, StartsMemory.Pointer, Lengths.Length, O.Pointer, OStride, LogSumExp.Pointer);

    public void Backward()
    {
        var gradients = new AttentionGradients { Q = QGradient.Pointer, K = KGradient.Pointer, V = VGradient.Pointer, SharedK = Shape.SharedDim == 0 ? null : SharedGradient.Pointer };
        CausalAttention.Backward(Shape, Inputs, StartsMemory.Pointer, Lengths.Length, O.Pointer, OStride, LogSumExp.Pointer, OGradient.Pointer, gradients);
    }

    /// <summary>The result of one query row in double precision, straight from the definition; also its log-sum-exp.</summary>
    public (double[] O, double LogSumExp) Naive(int sequence, int position, int head)
    {
        int keyHead = head / (Shape.HeadCount / Shape.KeyValueHeadCount), token = Starts[sequence] + position;
        var scores = new double[position + 1];
        for (int j = 0; j <= position; j++)
        {
            int key = Starts[sequence] + j;
            double dot = 0;
            for (int d = 0; d < Shape.QueryDim; d++)
            {
                double k = d < Shape.QkDim
                    ? K.Pointer[(key * KStride) + (keyHead * Shape.QkDim) + d]
                    : Shared.Pointer[(key * SharedStride) + d - Shape.QkDim];
                dot += Q.Pointer[(token * QStride) + (head * Shape.QueryDim) + d] * k;
            }
            scores[j] = dot * Shape.Scale;
        }
        double max = scores.Max(), sum = scores.Sum(s => Math.Exp(s - max));
        var o = new double[Shape.VDim];
        for (int j = 0; j <= position; j++)
        {
            for (int d = 0; d < Shape.VDim; d++)
                o[d] += Math.Exp(scores[j] - max) / sum * V.Pointer[((Starts[sequence] + j) * VStride) + (keyHead * Shape.VDim) + d];
        }
        return (o, max + Math.Log(sum));
    }

    /// <summary>The sum over all results of o times its gradient, in double precision: the loss whose gradients the backward gives.</summary>
    public double NaiveLoss(int sequence)
    {
        double loss = 0;
        for (int position = 0; position < Lengths[sequence]; position++)
        {
            for (int head = 0; head < Shape.HeadCount; head++)
            {
                double[] o = Naive(sequence, position, head).O;
                for (int d = 0; d < Shape.VDim; d++)
                    loss += o[d] * OGradient.Pointer[((Starts[sequence] + position) * OStride) + (head * Shape.VDim) + d];
            }
        }
        return loss;
    }

    public void Dispose() => _owned.ForEach(o => o.Dispose());

    GuardedMemory<float> Filled(int stride)
    {
        GuardedMemory<float> memory = Room(stride);
        foreach (ref float value in memory.Span)
            value = (float)((Random.NextDouble() * 2) - 1);
        return memory;
    }

    // The last token has no gap behind it: one float too far is a fault.
    GuardedMemory<float> Room(int stride)
    {
        GuardedMemory<float> memory = Own(new GuardedMemory<float>(Math.Max(0, (Tokens * stride) - Gap)));
        memory.Span.Fill(7f);
        return memory;
    }

    GuardedMemory<T> Own<T>(GuardedMemory<T> memory)
        where T : unmanaged
    {
        _owned.Add(memory);
        return memory;
    }
}
