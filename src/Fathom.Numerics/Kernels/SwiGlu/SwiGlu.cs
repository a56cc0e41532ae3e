// The gated activation of the feed-forward blocks (Shazeer 2020), forward and backward. Saves nothing: the sigmoid is computed again.
namespace Fathom.Numerics.Kernels;

/// <summary>y = silu(gate) * up with silu(g) = g sigmoid(g), element by element.</summary>
public static unsafe class SwiGlu
{
    /// <summary>Writes silu(gate) * up. y may be gate or up.</summary>
    /// <param name="gate">[T, F]; gate and up may be the halves of one [T, 2F].</param>
    /// <param name="ldGate">Leading dimension of gate.</param>
    /// <param name="up">[T, F].</param>
    /// <param name="ldUp">Leading dimension of up.</param>
    /// <param name="y">[T, F].</param>
    /// <param name="ldy">Leading dimension of y.</param>
    /// <param name="tokens">T.</param>
    /// <param name="width">F.</param>
    public static void Forward(float* gate, int ldGate, float* up, int ldUp, float* y, int ldy, int tokens, int width)
    {
        var action = new ForwardRows { Gate = gate, LdGate = ldGate, Up = up, LdUp = ldUp, Y = y, LdY = ldy, Width = width };
        Traversal.Run(tokens, 4L * width, 1, ref action);
    }

    /// <summary>
    /// Writes the gradients of gate and up: dUp = dy * silu(gate), dGate = dy * up * (s + silu(gate) * (1 - s)) with s = sigmoid(gate).
    /// dGate may be gate and dUp may be up.
    /// </summary>
    /// <param name="gate">[T, F], as given to <see cref="Forward"/>.</param>
    /// <param name="ldGate">Leading dimension of gate.</param>
    /// <param name="up">[T, F], as given to <see cref="Forward"/>.</param>
    /// <param name="ldUp">Leading dimension of up.</param>
    /// <param name="dy">[T, F].</param>
    /// <param name="lddy">Leading dimension of dy.</param>
    /// <param name="dGate">[T, F].</param>
    /// <param name="ldDGate">Leading dimension of dGate.</param>
    /// <param name="dUp">[T, F].</param>
    /// <param name="ldDUp">Leading dimension of dUp.</param>
    /// <param name="tokens">T.</param>
    /// <param name="width">F.</param>
    public static void Backward(
        float* gate, int ldGate, float* up, int ldUp, float* dy, int lddy, float* dGate, int ldDGate, float* dUp, int ldDUp,
        int tokens, int width)
    {
        var action = new BackwardRows
        {
            Gate = gate,
            LdGate = ldGate,
            Up = up,
            LdUp = ldUp,
            DY = dy,
            LdDY = lddy,
            DGate = dGate,
            LdDGate = ldDGate,
            DUp = dUp,
            LdDUp = ldDUp,
            Width = width,
        };
        Traversal.Run(tokens, 6L * width, 1, ref action);
    }

    struct ForwardRows : IRangeAction
    {
        public float* Gate, Up, Y;
        public long LdGate, LdUp, LdY;
        public int Width;

        public readonly void Run<TLanes>(long start, long end)
            where TLanes : struct, ILanes<TLanes>
        {
            for (long t = start; t < end; t++)
            {
                Traversal.Each<ForwardElement, TLanes>(
                    new ForwardElement { Gate = Gate + t * LdGate, Up = Up + t * LdUp, Y = Y + t * LdY }, 0, Width);
            }
        }
    }

    struct ForwardElement : IElementOperator
    {
        public float* Gate, Up, Y;

        public readonly void At<TLanes>(long i)
            where TLanes : struct, ILanes<TLanes>
        {
            TLanes gate = TLanes.Load(Gate + i);
            (gate * TLanes.Sigmoid(gate) * TLanes.Load(Up + i)).Store(Y + i);
        }
    }

    struct BackwardRows : IRangeAction
    {
        public float* Gate, Up, DY, DGate, DUp;
        public long LdGate, LdUp, LdDY, LdDGate, LdDUp;
        public int Width;

        public readonly void Run<TLanes>(long start, long end)
            where TLanes : struct, ILanes<TLanes>
        {
            for (long t = start; t < end; t++)
            {
                Traversal.Each<BackwardElement, TLanes>(
                    new BackwardElement
                    {
                        Gate = Gate + t * LdGate,
                        Up = Up + t * LdUp,
                        DY = DY + t * LdDY,
                        DGate = DGate + t * LdDGate,
                        DUp = DUp + t * LdDUp,
                    },
                    0, Width);
            }
        }
    }

    struct BackwardElement : IElementOperator
    {
        public float* Gate, Up, DY, DGate, DUp;

        public readonly void At<TLanes>(long i)
            where TLanes : struct, ILanes<TLanes>
        {
            TLanes gate = TLanes.Load(Gate + i), up = TLanes.Load(Up + i), dy = TLanes.Load(DY + i);
            TLanes sigmoid = TLanes.Sigmoid(gate);
            TLanes silu = gate * sigmoid;
            (dy * silu).Store(DUp + i);
            (dy * up * TLanes.MultiplyAdd(silu, TLanes.Create(1) - sigmoid, sigmoid)).Store(DGate + i);
        }
    }
}
