// A weight's rows 32 by 32 side by side, for fast products; made once, from the rows as the file has them.
using System.Runtime.InteropServices;
using Fathom.Numerics.Kernels.Strips;
using Fathom.Numerics.Threading;

namespace Fathom.Numerics.Tensors;

/// <summary>The strips of one weight, in memory of their own.</summary>
sealed unsafe class WeightStrips
{
    readonly byte* _data;

    /// <summary>Packs a weight on the team.</summary>
    public WeightStrips(Weight weight)
    {
        Format = StripFormat.Of(weight.Type);
        (Rows, Columns) = (weight.Rows, weight.Columns);
        Count = (weight.Rows + StripFormat.Rows - 1) / StripFormat.Rows;
        StripBytes = Format.StripBytes(weight.Columns);
        // The vectors that unpack may read past the last line.
        _data = (byte*)NativeMemory.AlignedAlloc(checked((nuint)(Count * StripBytes + 64)), 64);
        var action = new PackAction { Weight = weight, Strips = this };
        ThreadTeam.Shared.Run(Count, ref action);
    }

    /// <summary>Frees the memory.</summary>
    ~WeightStrips() => NativeMemory.AlignedFree(_data);

    /// <summary>The weight's type, as strips have it.</summary>
    public StripFormat Format { get; }

    /// <summary>Features out.</summary>
    public int Rows { get; }

    /// <summary>Features in.</summary>
    public int Columns { get; }

    /// <summary>Number of strips.</summary>
    public int Count { get; }

    /// <summary>Bytes of a strip.</summary>
    public long StripBytes { get; }

    /// <summary>First byte of a strip.</summary>
    public byte* At(int strip) => _data + strip * StripBytes;

    struct PackAction : IParallelAction
    {
        public Weight Weight;
        public WeightStrips Strips;

        public readonly void Run(int strip)
        {
            int first = strip * StripFormat.Rows;
            StripPacker.Pack(
                Strips.Format, Weight.Data + first * Weight.RowBytes, Weight.RowBytes, Math.Min(StripFormat.Rows, Weight.Rows - first), Weight.Columns, Strips.At(strip));
        }
    }
}
