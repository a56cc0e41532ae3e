// Stop strings in streamed text: nothing that is taken back is shown, at any cut.
using System.Text;
using Fathom.Numerics.Random;

namespace Fathom.Inference.Tests;

public sealed class StopTextFilterTests
{
    // By definition: characters are added one by one until the text ends with a stop string.
    static (string Text, bool Stopped) Whole(string text, string[] stops)
    {
        for (int end = 1; end <= text.Length; end++)
        {
            if (stops.Where(stop => text[..end].EndsWith(stop, StringComparison.Ordinal)).OrderByDescending(stop => stop.Length).FirstOrDefault() is { } found)
                return (text[..(end - found.Length)], true);
        }
        return (text, false);
    }

    [Fact]
    public void RandomTexts_EndWhereTheFirstStopStringIsComplete_AtEveryCut()
    {
        var random = new RandomStream(1, 0x57);
        int stopped = 0;
        for (int round = 0; round < 20_000; round++)
        {
            string Word(int most) => string.Concat(Enumerable.Range(0, random.NextInt(1, most)).Select(_ => "abc"[random.NextInt(3)]));
            string[] stops = [.. Enumerable.Range(0, random.NextInt(4)).Select(_ => Word(5))];
            string text = Word(30);
            (string expected, bool isStopped) = Whole(text, stops);
            var filter = new StopTextFilter(stops);
            var shown = new StringBuilder();
            for (int at = 0; at < text.Length;)
            {
                int length = Math.Min(random.NextInt(1, 6), text.Length - at);
                shown.Append(filter.Append(text.AsSpan(at, length)));
                at += length;
                // What is shown is never taken back, and only what may be a beginning is missing.
                Assert.StartsWith(shown.ToString(), expected, StringComparison.Ordinal);
                if (!filter.IsStopped)
                    Assert.True(at - shown.Length < stops.Select(stop => stop.Length).DefaultIfEmpty(1).Max());
            }
            Assert.Equal(isStopped, filter.IsStopped);
            Assert.Equal(expected, shown + filter.Finish());
            stopped += isStopped ? 1 : 0;
        }
        Assert.InRange(stopped, 1000, 19_000);
    }
}
