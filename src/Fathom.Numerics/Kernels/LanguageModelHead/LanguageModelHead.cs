// The output head, its softmax and its loss in one: logits exist for one chunk of tokens at a time and never for all.
using System.Runtime.CompilerServices;
using Fathom.Numerics.Tensors;
using FloatMatMul = Fathom.Numerics.Kernels.MatMul.MatMul;

namespace Fathom.Numerics.Kernels;

/// <summary>
/// logits = h Wᵀ / temperature, log-softmax, a loss per token (<see cref="ITokenObjective"/>) and the gradients of h and W.
/// Tokens without a target cost nothing. Memory: one chunk of [<see cref="ChunkTokens"/>, V] logits per calling thread.
/// </summary>
public static unsafe class LanguageModelHead
{
    /// <summary>Tokens whose logits are held at a time. Results do not depend on it: gradients of W continue in token order.</summary>
    public const int ChunkTokens = 128;

    [ThreadStatic]
    static Scratch s_rows, s_floats;

    /// <summary>Forward and, where asked for, backward. Returns the sum of the losses, added in token order.</summary>
    /// <param name="h">[T, H], contiguous.</param>
    /// <param name="tokens">T.</param>
    /// <param name="width">H.</param>
    /// <param name="head">[V, H]; FP32 where a gradient is asked for.</param>
    /// <param name="targets">[T], the token each row is to predict; negative for none.</param>
    /// <param name="temperature">Divides the logits; greater than 0.</param>
    /// <param name="objective">Called per token with a target.</param>
    /// <param name="dHidden">[T, H], written, zero for tokens without a target; null for none.</param>
    /// <param name="dW">[V, H], added to; null for none.</param>
    /// <param name="logp">[T], log-probabilities of the targets, 0 without one; null for none.</param>
    /// <param name="entropy">[T], entropies of the distributions in nats, 0 without a target; null for none.</param>
    /// <exception cref="InvalidOperationException">A gradient is asked for and the head is not FP32.</exception>
    public static double Run<TObjective>(
        float* h, int tokens, int width, Weight head, int* targets, float temperature, ref TObjective objective,
        float* dHidden, float* dW, float* logp, float* entropy)
        where TObjective : struct, ITokenObjective
    {
        int vocabulary = head.Rows;
        int* rows = s_rows.Get<int>(tokens);
        int count = 0;
        for (int t = 0; t < tokens; t++)
        {
            if (targets[t] >= 0)
                rows[count++] = t;
        }
        Clear(dHidden, (long)tokens * width);
        Clear(logp, tokens);
        Clear(entropy, tokens);

        // One block of scratch: logits [chunk, V], hidden rows [chunk, H], their gradients [chunk, H], four numbers per token.
        int most = Math.Min(count, ChunkTokens);
        float* logits = s_floats.Get<float>((long)most * vocabulary + 2L * most * width + 4L * most);
        float* hidden = logits + (long)most * vocabulary, dHiddenRows = hidden + (long)most * width;
        float* rowLogp = dHiddenRows + (long)most * width, rowEntropy = rowLogp + most, inverseSums = rowEntropy + most, gradients = inverseSums + most;

        double loss = 0;
        for (int first = 0; first < count; first += ChunkTokens)
        {
            int chunk = Math.Min(ChunkTokens, count - first);
            int* chunkRows = rows + first;
            Dispatch.Gather(h, width, chunkRows, hidden, chunk, width);
            if (head.Values is { } w)
                FloatMatMul.NT(hidden, width, w.Data, width, logits, vocabulary, chunk, vocabulary, width, false);
            else
                PackedMatMul.NT(hidden, width, head, logits, vocabulary, chunk);
            var softmax = new SoftmaxRows
            {
                Logits = logits,
                Vocabulary = vocabulary,
                Rows = chunkRows,
                Targets = targets,
                InverseTemperature = 1 / temperature,
                LogP = rowLogp,
                Entropy = rowEntropy,
                InverseSums = inverseSums,
            };
            Traversal.Run(chunk, 4L * vocabulary, 1, ref softmax);
            for (int i = 0; i < chunk; i++)
            {
                int t = chunkRows[i];
                loss += objective.Evaluate(t, rowLogp[i], rowEntropy[i], out gradients[i]);
                if (logp != null)
                    logp[t] = rowLogp[i];
                if (entropy != null)
                    entropy[t] = rowEntropy[i];
            }
            if (dHidden == null && dW == null)
                continue;
            var backward = new BackwardRows
            {
                Logits = logits,
                Vocabulary = vocabulary,
                Rows = chunkRows,
                Targets = targets,
                InverseTemperature = 1 / temperature,
                Gradients = gradients,
                InverseSums = inverseSums,
            };
            Traversal.Run(chunk, vocabulary, 1, ref backward);
            if (dHidden != null)
            {
                FloatMatMul.NN(logits, vocabulary, head.Trainable.Data, width, dHiddenRows, width, chunk, width, vocabulary, false);
                for (int i = 0; i < chunk; i++)
                    Unsafe.CopyBlock(dHidden + (long)chunkRows[i] * width, dHiddenRows + (long)i * width, (uint)(width * sizeof(float)));
            }
            if (dW != null)
                FloatMatMul.TN(logits, vocabulary, hidden, width, dW, width, vocabulary, width, chunk, true);
        }
        return loss;
    }

    static void Clear(float* values, long count)
    {
        if (values != null)
            Elementwise.Fill(values, 0, count);
    }

    /// <summary>Logits become exp(logit - greatest logit), at the temperature; their sums, log-probabilities and entropies are noted.</summary>
    struct SoftmaxRows : IRangeAction
    {
        public float* Logits, LogP, Entropy, InverseSums;
        public int* Rows, Targets;
        public long Vocabulary;
        public float InverseTemperature;

        public readonly void Run<TLanes>(long start, long end)
            where TLanes : struct, ILanes<TLanes>
        {
            for (long i = start; i < end; i++)
            {
                float* logits = Logits + i * Vocabulary;
                float max = Reduction.Max<TLanes>(logits, Vocabulary);
                float target = (logits[Targets[Rows[i]]] - max) * InverseTemperature;
                (double sum, double weighted) = Reduction.SumPair<ExpTerms, TLanes>(
                    new ExpTerms { Logits = logits, Max = max, InverseTemperature = InverseTemperature }, Vocabulary);
                double log = Math.Log(sum);
                LogP[i] = (float)(target - log);
                Entropy[i] = (float)(log - weighted / sum);
                InverseSums[i] = (float)(1 / sum);
            }
        }
    }

    /// <summary>With z = (logit - max) / temperature: the terms e^z and z e^z; e^z replaces the logit.</summary>
    struct ExpTerms : ITermPair
    {
        public float* Logits;
        public float Max, InverseTemperature;

        public readonly void AddTo<TLanes>(ref TLanes sum, ref TLanes weighted, long i)
            where TLanes : struct, ILanes<TLanes>
        {
            TLanes z = (TLanes.Load(Logits + i) - TLanes.Create(Max)) * TLanes.Create(InverseTemperature);
            TLanes exp = TLanes.Exp(z);
            exp.Store(Logits + i);
            sum += exp;
            weighted = TLanes.MultiplyAdd(z, exp, weighted);
        }
    }

    /// <summary>Exponentials become gradients of the logits: gradient / temperature * (one-hot - probability).</summary>
    struct BackwardRows : IRangeAction
    {
        public float* Logits, Gradients, InverseSums;
        public int* Rows, Targets;
        public long Vocabulary;
        public float InverseTemperature;

        public readonly void Run<TLanes>(long start, long end)
            where TLanes : struct, ILanes<TLanes>
        {
            for (long i = start; i < end; i++)
            {
                float* logits = Logits + i * Vocabulary;
                float gradient = Gradients[i] * InverseTemperature;
                Traversal.Each<Elementwise.Product, TLanes>(
                    new Elementwise.Product { X = logits, Factor = -gradient * InverseSums[i], Y = logits }, 0, Vocabulary);
                logits[Targets[Rows[i]]] += gradient;
            }
        }
    }
}
