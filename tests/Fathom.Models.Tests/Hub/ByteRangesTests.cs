using Fathom.Models.Hub;

namespace Fathom.Models.Tests.Hub;

public class ByteRangesTests
{
    [Fact]
    public void Add_RandomRanges_AgreesWithAnArrayOfFlags()
    {
        const int Size = 60;
        var random = new Random(3);
        for (int round = 0; round < 500; round++)
        {
            var ranges = new ByteRanges();
            bool[] flags = new bool[Size];
            for (int i = 0; i < 12; i++)
            {
                int begin = random.Next(Size + 1), end = begin + random.Next(Math.Min(9, Size - begin + 1));
                ranges.Add(begin, end);
                Array.Fill(flags, true, begin, end - begin);
                Assert.Equal(flags.Count(flag => flag), ranges.Count);
            }

            // Ascending, apart, and exactly the flags.
            Assert.All(ranges.All.Zip(ranges.All.Skip(1)), pair => Assert.True(pair.First.End < pair.Second.Begin));
            Assert.Equal(flags, Flags(Size, ranges.All));
            int pieceBytes = random.Next(1, 12);
            var missing = ranges.Missing(Size, pieceBytes);
            Assert.Equal(flags.Select(flag => !flag), Flags(Size, missing));
            Assert.Equal(Size - ranges.Count, missing.Sum(piece => piece.End - piece.Begin));
            Assert.All(missing, piece => Assert.InRange(piece.End - piece.Begin, 1, pieceBytes));
        }
    }

    static bool[] Flags(int size, IEnumerable<(long Begin, long End)> ranges)
    {
        bool[] flags = new bool[size];
        foreach ((long begin, long end) in ranges)
        {
            Array.Fill(flags, true, (int)begin, (int)(end - begin));
        }

        return flags;
    }
}
