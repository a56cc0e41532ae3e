// The switches of .ci/run do what they say: without this, a misspelt one would test the top rung again and again.

using Fathom.Numerics.Kernels;

namespace Fathom.Numerics.Tests.Kernels;

[Collection("ladder")]
public class LadderTests
{
    static readonly Rung[] EveryRung = Enum.GetValues<Rung>();

    [Fact]
    public void Pick_UnderFathomIsa_TakesThatRungOrTheHighestThereIs()
    {
        string? wish = Environment.GetEnvironmentVariable("FATHOM_ISA");
        Rung ceiling = string.IsNullOrEmpty(wish) ? Rung.Tiles : Enum.Parse<Rung>(wish, ignoreCase: true);
        Rung highest = Ladder.Supported[^1];
        Assert.Equal(ceiling < highest ? ceiling : highest, Ladder.Pick(EveryRung));
    }

    [Fact]
    public void Supported_WithInstructionSetsSwitchedOff_EndsBelowThem()
    {
        Rung highest = Ladder.Supported[^1];
        if (IsOff("DOTNET_EnableHWIntrinsic") || IsOff("DOTNET_EnableAVX2"))
            Assert.Equal(Rung.Scalar, highest);
        else if (IsOff("DOTNET_EnableAVX512"))
            Assert.True(highest <= Rung.Vector256, $"highest is {highest}");
        else
            Assert.Equal(EveryRung[..((int)highest + 1)], Ladder.Supported);
    }

    static bool IsOff(string variable) => Environment.GetEnvironmentVariable(variable) == "0";
}
