// Form C against expectations made with another implementation, and its time on hostile text.

using System.Diagnostics;
using System.Globalization;
using System.Text;
using Fathom.Text.Normalization;

namespace Fathom.Text.Tests.Normalization;

public class NfcTests
{
    static string Compose(string text) => Encoding.UTF8.GetString(Nfc.Compose(Encoding.UTF8.GetBytes(text)));

    [Fact]
    public void RecordedCases_AreComposedExactly()
    {
        int compared = 0;
        foreach (string line in File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Data", "nfc.txt")).Where(l => !l.StartsWith('#')))
        {
            string[] sides = [.. line.Split(';').Select(side => string.Concat(side.Split(' ').Select(
                hex => char.ConvertFromUtf32(int.Parse(hex, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture)))))];
            Assert.Equal(sides[1], Compose(sides[0]));
            Assert.Equal(sides[1], Compose(sides[1]));
            // A boundary on both sides changes nothing.
            Assert.Equal("x" + sides[1], "x" + Compose(sides[0]));
            compared++;
        }
        Assert.True(compared > 2000, $"{compared} cases");
    }

    [Theory]
    [InlineData("plain ASCII", "plain ASCII")]
    [InlineData("e\u0301 and \u00E9", "\u00E9 and \u00E9")]
    [InlineData("\u1112\u1161\u11AB\u1100\u1173\u11AF", "한글")]
    [InlineData("q\u0307\u0323", "q\u0323\u0307")] // marks in the order of their classes
    [InlineData("\u212B", "\u00C5")] // the Ångström sign
    [InlineData("\u0958", "\u0915\u093C")] // excluded from composition
    [InlineData("", "")]
    public void Example_IsComposed(string text, string expected) => Assert.Equal(expected, Compose(text));

    [Fact]
    public void ComposedText_IsGivenBackItself()
    {
        byte[] text = Encoding.UTF8.GetBytes("Ünïcödé 中文 日本語 한국어 עברית 👍🏽");
        Assert.True(Nfc.Compose(text) == text.AsSpan());
    }

    [Fact]
    public void InvalidBytes_AreKept_AndSeparate()
    {
        byte[] text = [.. "e\u0301"u8, 0xFF, 0xCC, .. "\u0301"u8, 0xE2, 0x82, .. "e\u0301"u8];
        Assert.Equal([.. "\u00E9"u8, 0xFF, 0xCC, .. "\u0301"u8, 0xE2, 0x82, .. "\u00E9"u8], Nfc.Compose(text).ToArray());
    }

    [Fact]
    public void MarksInTheWrongOrder_AMillionOfThem_TakeLinearithmicTime()
    {
        // Classes 230 and 220 in turn: an insertion sort would need 10^11 steps.
        string text = "a" + string.Concat(Enumerable.Repeat("\u0307\u0323", 1 << 18));
        Stopwatch clock = Stopwatch.StartNew();
        string composed = Compose(text);
        Assert.Equal("\u1EA1" + new string('\u0323', (1 << 18) - 1) + new string('\u0307', 1 << 18), composed);
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(20), $"{clock.Elapsed}");
    }
}
