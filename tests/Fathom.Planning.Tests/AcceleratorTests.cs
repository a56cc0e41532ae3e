// The reference accelerator's numbers against the published ones.

using Fathom.Planning.Hardware;
using Fathom.Planning.Prices;

namespace Fathom.Planning.Tests;

public class AcceleratorTests
{
    [Fact]
    public void H800_AchievedRate_IsThatOfV3PreTraining()
    {
        // 6 x 37e9 x 14.8e12 = 3.2856e24 FLOP; 2,664,000 h x 3600 s = 9.5904e9 s; the quotient is 342.59 TFLOP/s.
        Assert.Equal(342.59e12, Accelerator.H800.AchievedFlops, 0.01e12);
        Assert.Equal(0.34626, Accelerator.H800.Utilisation, 0.00001);
    }

    [Theory]
    [InlineData(2_664_000, 5_328_000)]
    [InlineData(2_788_000, 5_576_000)]
    [InlineData(101_000, 202_000)]
    public void H800Rental_PublishedHours_GivePublishedPrices(int hours, int dollars) =>
        Assert.Equal(dollars, HourlyPrice.H800Rental.For(hours));

    [Fact]
    public void For_NegativeHours_Throws() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => HourlyPrice.H800Rental.For(-1));
}
