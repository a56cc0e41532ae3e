// Looks up rows of a table by token id, forward and backward.
using System.Runtime.CompilerServices;

namespace Fathom.Numerics.Kernels;

/// <summary>y[t] = table[ids[t]].</summary>
public static unsafe class Embedding
{
    /// <summary>Copies the rows of the ids.</summary>
    /// <param name="ids">[T], rows of the table.</param>
    /// <param name="table">[V, H].</param>
    /// <param name="y">[T, H].</param>
    /// <param name="tokens">T.</param>
    /// <param name="width">H.</param>
    public static void Forward(int* ids, float* table, float* y, int tokens, int width)
    {
        var action = new CopyRows { Ids = ids, Table = table, Y = y, Width = width };
        Traversal.Run(tokens, width, 1, ref action);
    }

    /// <summary>Adds dy[t] to dTable[ids[t]], in token order.</summary>
    /// <param name="ids">[T], rows of the table.</param>
    /// <param name="dy">[T, H].</param>
    /// <param name="dTable">[V, H].</param>
    /// <param name="tokens">T.</param>
    /// <param name="width">H.</param>
    public static void Backward(int* ids, float* dy, float* dTable, int tokens, int width)
    {
        var action = new AddColumns { Ids = ids, DY = dy, DTable = dTable, Tokens = tokens, Width = width };
        Traversal.Run(width, tokens, Traversal.ElementGranule, ref action);
    }

    struct CopyRows : IRangeAction
    {
        public int* Ids;
        public float* Table, Y;
        public long Width;

        public readonly void Run<TLanes>(long start, long end)
            where TLanes : struct, ILanes<TLanes>
        {
            for (long t = start; t < end; t++)
                Unsafe.CopyBlock(Y + t * Width, Table + Ids[t] * Width, (uint)(Width * sizeof(float)));
        }
    }

    struct AddColumns : IRangeAction
    {
        public int* Ids;
        public float* DY, DTable;
        public long Width;
        public int Tokens;

        public readonly void Run<TLanes>(long start, long end)
            where TLanes : struct, ILanes<TLanes>
        {
            for (long t = 0; t < Tokens; t++)
            {
                float* row = DTable + Ids[t] * Width;
                Traversal.Each<Elementwise.Sum, TLanes>(new Elementwise.Sum { X = row, Y = DY + t * Width, Z = row }, start, end);
            }
        }
    }
}
