// The command line's manners: help that teaches, and wrong usage that says what would be right.
namespace Fathom.EndToEnd.Tests;

public class UsageTests
{
    [Theory]
    [InlineData("train")]
    [InlineData("generate")]
    [InlineData("chat")]
    [InlineData("eval")]
    [InlineData("verify")]
    [InlineData("inspect")]
    [InlineData("init")]
    [InlineData("tokenize")]
    [InlineData("render")]
    [InlineData("pull")]
    [InlineData("list")]
    [InlineData("remove")]
    [InlineData("tasks")]
    [InlineData("report")]
    [InlineData("bench train")]
    [InlineData("plan price")]
    [InlineData("plan serve")]
    [InlineData("plan total")]
    [InlineData("claims")]
    public void Help_OfEveryVerb_DescribesItAndGivesExamples(string verb)
    {
        Outcome help = Executable.Run([.. verb.Split(' '), "--help"]).Ends(0);
        Assert.Contains("Usage:", help.Output, StringComparison.Ordinal);
        int examples = help.Output.IndexOf("Examples:", StringComparison.Ordinal);
        Assert.True(examples > 0, help.Output);
        Assert.Contains($"  fathom {verb}", help.Output[examples..], StringComparison.Ordinal);
        Assert.Empty(help.Error);
    }

    [Fact]
    public void NothingAtAll_ShowsTheVerbsAndIsWrongUsage()
    {
        Outcome outcome = Executable.Run().Ends(2);
        foreach (string verb in new[] { "train", "generate", "chat", "eval", "verify", "inspect", "init", "tokenize", "render", "bench" })
            Assert.Contains($"  {verb} ", outcome.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void UnknownVerb_NamesTheNearest() => Executable.Run("trian", "nano-r1").Says(2, "'trian'", "'train'");

    [Fact]
    public void UnknownOption_NamesTheNearestAndWhereTheHelpIs() => Executable.Run("train", "nano-r1", "--resum").Says(2, "'--resum'", "'--resume'", "fathom train --help");

    [Theory]
    [InlineData("plan", "train", "deepseek-v3")]
    [InlineData("plan", "memory", "deepseek-v3")]
    [InlineData("plan", "serve", "--preset", "deepseek-day")]
    [InlineData("plan", "total")]
    public void Devices_HaveTheSameNamesInEveryPlan(params string[] plan)
    {
        foreach (string name in new[] { "--cluster", "--gpu", "--device" })
            Executable.Run([.. plan, name, "h810"]).Says(2, "'h810'", "'h800'");
    }

    [Fact]
    public void UnknownOption_IsNotTakenForAnArgument() => Executable.Run("plan", "memory", "--modl", "deepseek-v3").Says(2, "no option '--modl'", "fathom plan memory --help");

    [Fact]
    public void MissingArgument_IsWrongUsage() => Executable.Run("verify", "somewhere").Says(2, "fathom verify --help");

    [Fact]
    public void WrongType_SaysWhatIsExpected() => Executable.Run("init", "nano", "-o", "x", "--seed", "abc").Says(2, "abc", "--seed", "whole number");

    [Fact]
    public void OutOfRange_SaysWhatIsAllowed() => Executable.Run("generate", "x", "-p", "hi", "--top-p", "1.5").Says(2, "--top-p is 1.5", "above 0 and at most 1");

    [Fact]
    public void Tasks_Json_HasAProblemAndBothSolutions()
    {
        var tasks = Executable.Run("tasks", "--json").Ends(0).Json();
        Assert.True(tasks.GetArrayLength() >= 10);
        foreach (var task in tasks.EnumerateArray())
        {
            Assert.NotEmpty(task.GetProperty("prompt").GetString()!);
            Assert.Equal(task.GetProperty("answer").GetString(), task.GetProperty("careful").GetProperty("answer").GetString());
            Assert.NotEmpty(task.GetProperty("hasty").GetProperty("reasoning").GetString()!);
        }
    }
}
