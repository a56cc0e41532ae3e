// A figure names its number, unit and source, and keeps money exactly.

namespace Fathom.Planning.Tests;

public class FigureTests
{
    [Fact]
    public void ToString_NamesNumberUnitAndSource() =>
        Assert.Equal("peak = 9.894E+14 FLOP/s (data sheet)", new Figure("peak", 989.4e12, "FLOP/s", "data sheet").ToString());

    [Fact]
    public void Money_IsExact_WhereADoubleIsNot()
    {
        Figure sum = Figure.Money("sum", 5_576_000.10m, "USD", "2,788,000.05 h x $2");
        Assert.Equal(5_576_000.10m, sum.Amount);
        Assert.Equal("sum = 5576000.10 USD (2,788,000.05 h x $2)", sum.ToString());
    }

    [Theory]
    [InlineData("assumption: nobody says", true)]
    [InlineData("data sheet, no assumption", false)]
    public void IsAssumption_TellsByTheMark(string source, bool assumed) => Assert.Equal(assumed, new Figure("x", 1, "", source).IsAssumption);
}
