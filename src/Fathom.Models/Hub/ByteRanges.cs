// Which bytes of a file are there: disjoint ranges in ascending order.
namespace Fathom.Models.Hub;

sealed class ByteRanges
{
    readonly List<(long Begin, long End)> ranges = [];

    /// <summary>The ranges, ascending; ends are exclusive; no two touch.</summary>
    public IReadOnlyList<(long Begin, long End)> All => ranges;

    /// <summary>Bytes in all ranges.</summary>
    public long Count { get; private set; }

    /// <summary>Adds a range, joining what it touches.</summary>
    public void Add(long begin, long end)
    {
        if (begin >= end)
        {
            return;
        }

        int first = ranges.FindIndex(range => range.End >= begin);
        first = first < 0 ? ranges.Count : first;
        int after = first;
        for (; after < ranges.Count && ranges[after].Begin <= end; after++)
        {
            begin = Math.Min(begin, ranges[after].Begin);
            end = Math.Max(end, ranges[after].End);
            Count -= ranges[after].End - ranges[after].Begin;
        }

        ranges.RemoveRange(first, after - first);
        ranges.Insert(first, (begin, end));
        Count += end - begin;
    }

    /// <summary>What is missing of a file of <paramref name="size"/> bytes, in pieces of at most <paramref name="pieceBytes"/>.</summary>
    public List<(long Begin, long End)> Missing(long size, long pieceBytes)
    {
        List<(long, long)> pieces = [];
        long at = 0;
        foreach ((long begin, long end) in ranges.Append((size, size)))
        {
            for (; at < begin; at = Math.Min(begin, at + pieceBytes))
            {
                pieces.Add((at, Math.Min(begin, at + pieceBytes)));
            }

            at = end;
        }

        return pieces;
    }
}
