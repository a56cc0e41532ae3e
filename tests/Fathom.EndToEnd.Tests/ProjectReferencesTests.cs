// The picture of the house, held against the project files: nothing points upward, and no project is missing from the picture.

using System.Xml.Linq;

namespace Fathom.EndToEnd.Tests;

public class ProjectReferencesTests
{
    /// <summary>Which projects each project may name. What lies below those comes along and needs no naming.</summary>
    static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Fathom.Numerics"] = [],
        ["Fathom.Text"] = [],
        ["Fathom.Models"] = ["Fathom.Numerics"],
        ["Fathom.Inference"] = ["Fathom.Models", "Fathom.Text"],
        ["Fathom.ChatClient"] = ["Fathom.Inference"],
        ["Fathom.Planning"] = ["Fathom.Models"],
        ["Fathom.CodeHost"] = [],
        ["Fathom.Evaluation"] = ["Fathom.Inference", "Fathom.CodeHost"],
        ["Fathom.Training"] = ["Fathom.Evaluation", "Fathom.Inference", "Fathom.Planning"],
        ["Fathom.Serving"] = ["Fathom.Inference", "Fathom.Planning", "Fathom.Evaluation"],
        ["Fathom.Claims"] = ["Fathom.Training", "Fathom.Evaluation", "Fathom.Inference", "Fathom.Planning"],
        ["Fathom.Cli"] =
        [
            "Fathom.Claims", "Fathom.Numerics", "Fathom.Text", "Fathom.Models", "Fathom.Inference", "Fathom.Planning", "Fathom.Evaluation", "Fathom.Training", "Fathom.Serving",
        ],
    };

    static string Root { get; } = FindRoot();

    public static TheoryData<string> Projects()
    {
        TheoryData<string> projects = [];
        foreach (string path in Directory.GetFiles(Path.Combine(Root, "src"), "*.csproj", SearchOption.AllDirectories))
            projects.Add(Path.GetRelativePath(Root, path));
        return projects;
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void Project_ReferencesOnlyWhatThePictureAllows(string path)
    {
        string name = Path.GetFileNameWithoutExtension(path);
        Assert.True(Allowed.ContainsKey(name), $"{path} is not in the picture.");
        Assert.Equal($"src/{name}/{name}.csproj", path.Replace('\\', '/'));
        string[] forbidden = [.. References(Path.Combine(Root, path)).Except(Allowed[name])];
        Assert.True(forbidden.Length == 0, $"{path} references {string.Join(", ", forbidden)}; allowed: {string.Join(", ", Allowed[name])}.");
    }

    [Fact]
    public void Picture_HasNoCycle()
    {
        // Projects stand in the picture from the bottom up, so each may name only what stands before it.
        List<string> below = [];
        foreach ((string name, string[] allowed) in Allowed)
        {
            Assert.Empty(allowed.Except(below));
            below.Add(name);
        }
    }

    [Theory]
    [MemberData(nameof(Projects))]
    public void Project_IsInTheSolution(string path) =>
        Assert.Contains(path.Replace('\\', '/'), File.ReadAllText(Path.Combine(Root, "Fathom.slnx")), StringComparison.Ordinal);

    static IEnumerable<string> References(string project) =>
        XDocument.Load(project).Descendants("ProjectReference").Select(reference => Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value.Replace('\\', '/')));

    static string FindRoot()
    {
        DirectoryInfo? at = new(AppContext.BaseDirectory);
        while (at is not null && !File.Exists(Path.Combine(at.FullName, "Fathom.slnx")))
            at = at.Parent;
        return at?.FullName ?? throw new DirectoryNotFoundException($"No folder above {AppContext.BaseDirectory} holds Fathom.slnx.");
    }
}
