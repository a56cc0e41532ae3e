// Adam with decoupled weight decay (Loshchilov and Hutter 2019, algorithm 2), one pass over a parameter.
namespace Fathom.Numerics.Kernels;

/// <summary>
/// m = beta1 m + (1 - beta1) g, v = beta2 v + (1 - beta2) g², p = p - lr * (m / (1 - beta1^step) / (sqrt(v / (1 - beta2^step)) + eps) + decay * p).
/// </summary>
public static unsafe class AdamW
{
    /// <summary>Updates a parameter and its moments.</summary>
    /// <param name="p">[count], the parameter.</param>
    /// <param name="g">[count], its gradient; not changed.</param>
    /// <param name="m">[count], the first moment; zeros before the first step.</param>
    /// <param name="v">[count], the second moment; zeros before the first step.</param>
    /// <param name="count">Elements.</param>
    /// <param name="learningRate">Of this step.</param>
    /// <param name="beta1">Decay of the first moment, in [0, 1).</param>
    /// <param name="beta2">Decay of the second moment, in [0, 1).</param>
    /// <param name="eps">Added to the root of the second moment.</param>
    /// <param name="weightDecay">Decoupled decay, multiplied by the learning rate.</param>
    /// <param name="gradientScale">The gradient is multiplied by this first (the clipping factor).</param>
    /// <param name="step">1 at the first step: decides the bias corrections.</param>
    public static void Step(
        float* p, float* g, float* m, float* v, long count, float learningRate, float beta1, float beta2, float eps, float weightDecay,
        float gradientScale, int step)
    {
        Traversal.Map(
            new Update
            {
                P = p,
                G = g,
                M = m,
                V = v,
                Beta1 = beta1,
                Rest1 = 1 - beta1,
                Beta2 = beta2,
                Rest2 = 1 - beta2,
                Eps = eps,
                GradientScale = gradientScale,
                Keep = (float)(1 - (double)learningRate * weightDecay),
                StepSize = (float)(learningRate / (1 - Math.Pow(beta1, step))),
                InverseRootCorrection2 = (float)(1 / Math.Sqrt(1 - Math.Pow(beta2, step))),
            },
            count);
    }

    struct Update : IElementOperator
    {
        public float* P, G, M, V;
        public float Beta1, Rest1, Beta2, Rest2, Eps, GradientScale, Keep, StepSize, InverseRootCorrection2;

        public readonly void At<TLanes>(long i)
            where TLanes : struct, ILanes<TLanes>
        {
            TLanes g = TLanes.Load(G + i) * TLanes.Create(GradientScale);
            TLanes m = TLanes.MultiplyAdd(TLanes.Create(Beta1), TLanes.Load(M + i), TLanes.Create(Rest1) * g);
            TLanes v = TLanes.MultiplyAdd(TLanes.Create(Beta2), TLanes.Load(V + i), TLanes.Create(Rest2) * g * g);
            m.Store(M + i);
            v.Store(V + i);
            TLanes root = TLanes.MultiplyAdd(TLanes.Sqrt(v), TLanes.Create(InverseRootCorrection2), TLanes.Create(Eps));
            TLanes p = TLanes.Load(P + i) * TLanes.Create(Keep);
            TLanes.MultiplyAdd(TLanes.Create(-StepSize), m / root, p).Store(P + i);
        }
    }
}
