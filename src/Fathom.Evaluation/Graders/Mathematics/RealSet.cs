// Sets of real numbers made of intervals and points, in one canonical form: sorted pieces that do not touch.
namespace Fathom.Evaluation.Graders.Mathematics;

/// <summary>An end of an interval.</summary>
/// <param name="Value">A real number or an infinity.</param>
/// <param name="Closed">Whether it belongs to the interval.</param>
internal readonly record struct Endpoint(Value Value, bool Closed);

/// <summary>A union of intervals; a point is an interval whose ends are the same.</summary>
internal sealed class RealSet
{
    readonly List<(Endpoint Low, Endpoint High)> pieces;

    RealSet(List<(Endpoint Low, Endpoint High)> pieces) => this.pieces = pieces;

    public static RealSet Empty { get; } = new([]);

    public static RealSet All { get; } = new([(new(Value.NegativeInfinity, false), new(Value.PositiveInfinity, false))]);

    /// <summary>Pieces it has.</summary>
    public int Count => pieces.Count;

    /// <summary>One interval; empty where its ends are the wrong way round.</summary>
    public static RealSet Interval(Endpoint low, Endpoint high)
    {
        int order = Compare(low.Value, high.Value);
        return order > 0 || order == 0 && !(low.Closed && high.Closed) ? Empty : new([(low, high)]);
    }

    /// <summary>The union in canonical form.</summary>
    public RealSet Union(RealSet other)
    {
        var all = pieces.Concat(other.pieces).ToList();
        all.Sort((a, b) => Compare(a.Low.Value, b.Low.Value) is var order && order != 0 ? order : b.Low.Closed.CompareTo(a.Low.Closed));
        var merged = new List<(Endpoint Low, Endpoint High)>();
        foreach (var piece in all)
        {
            if (merged.Count > 0 && Touches(merged[^1].High, piece.Low))
            {
                var last = merged[^1];
                int order = Compare(last.High.Value, piece.High.Value);
                merged[^1] = (last.Low, order > 0 ? last.High : order < 0 ? piece.High : new(last.High.Value, last.High.Closed || piece.High.Closed));
            }
            else
            {
                merged.Add(piece);
            }
        }
        return new(merged);
    }

    /// <summary>What belongs to both.</summary>
    public RealSet Intersection(RealSet other)
    {
        var result = Empty;
        foreach (var a in pieces)
        {
            foreach (var b in other.pieces)
            {
                int low = Compare(a.Low.Value, b.Low.Value), high = Compare(a.High.Value, b.High.Value);
                result = result.Union(Interval(
                    low > 0 ? a.Low : low < 0 ? b.Low : new(a.Low.Value, a.Low.Closed && b.Low.Closed),
                    high < 0 ? a.High : high > 0 ? b.High : new(a.High.Value, a.High.Closed && b.High.Closed)));
            }
        }
        return result;
    }

    /// <summary>What does not belong to it.</summary>
    public RealSet Complement()
    {
        var result = All;
        foreach (var (low, high) in pieces)
        {
            result = result.Intersection(
                Interval(new(Value.NegativeInfinity, false), new(low.Value, !low.Closed)).Union(Interval(new(high.Value, !high.Closed), new(Value.PositiveInfinity, false))));
        }
        return result;
    }

    /// <summary>Whether both are the same set.</summary>
    public bool Same(RealSet other) => pieces.Count == other.pieces.Count && pieces.Zip(other.pieces).All(pair => Same(pair.First.Low, pair.Second.Low) && Same(pair.First.High, pair.Second.High));

    // Infinity belongs to no interval, whatever bracket stands beside it.
    static bool Same(Endpoint a, Endpoint b) => Compare(a.Value, b.Value) == 0 && (a.Closed == b.Closed || a.Value.IsInfinite);

    static bool Touches(Endpoint high, Endpoint low)
    {
        int order = Compare(high.Value, low.Value);
        return order > 0 || order == 0 && (high.Closed || low.Closed);
    }

    // Values that may be equal are equal.
    static int Compare(Value a, Value b)
    {
        if (a.IsInfinite || b.IsInfinite)
            return (a.IsInfinite ? a.Exact.Sign : 0) - (b.IsInfinite ? b.Exact.Sign : 0);
        if (a.IsExact && b.IsExact)
            return a.Exact.CompareTo(b.Exact);
        Ball difference = a.Ball.Re - b.Ball.Re;
        return difference.ContainsZero ? 0 : difference.Sign;
    }
}
