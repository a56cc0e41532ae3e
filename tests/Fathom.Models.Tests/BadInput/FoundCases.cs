// Inputs that once broke a reader, kept as files: each must end in a typed error for ever.
namespace Fathom.Models.Tests.BadInput;

static class FoundCases
{
    /// <summary>Paths of the kept inputs of one kind; there is at least one.</summary>
    public static IEnumerable<string> Of(string kind)
    {
        string[] cases = Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "BadInput", "Cases"), $"{kind}-*");
        Assert.NotEmpty(cases);
        return cases;
    }
}
