// recipes/recipe.schema.json is generated; this test holds it up to date.

using System.Text.Json;
using Fathom.Training.Recipes;

namespace Fathom.Training.Tests.Recipes;

public class RecipeSchemaTests
{
    /// <summary>Set FATHOM_UPDATE=1 to write the file instead of comparing with it.</summary>
    [Fact]
    public void SchemaFile_IsUpToDate()
    {
        string path = Path.Combine(RepositoryRoot(), "recipes", "recipe.schema.json");
        string expected = RecipeSchema.Generate();
        if (Environment.GetEnvironmentVariable("FATHOM_UPDATE") == "1")
            File.WriteAllText(path, expected);
        Assert.True(File.Exists(path) && File.ReadAllText(path) == expected,
            "recipes/recipe.schema.json is out of date; run: FATHOM_UPDATE=1 dotnet test -c Release tests/Fathom.Training.Tests --filter SchemaFile_IsUpToDate");
    }

    [Fact]
    public void Generate_HoldsDescriptionRangeAndDefault()
    {
        JsonElement root = JsonDocument.Parse(RecipeSchema.Generate()).RootElement;
        JsonElement rl = root.GetProperty("properties").GetProperty("stages").GetProperty("items").GetProperty("oneOf").EnumerateArray()
            .Single(stage => stage.GetProperty("properties").GetProperty("stage").GetProperty("const").GetString() == "rl");
        JsonElement group = rl.GetProperty("properties").GetProperty("groupSize");
        Assert.Equal("integer", group.GetProperty("type").GetString());
        Assert.Equal(2, group.GetProperty("minimum").GetInt32());
        Assert.Equal(16, group.GetProperty("default").GetInt32());
        Assert.StartsWith("Responses sampled per question", group.GetProperty("description").GetString(), StringComparison.Ordinal);
        Assert.False(rl.GetProperty("additionalProperties").GetBoolean());
    }

    static string RepositoryRoot()
    {
        DirectoryInfo? at = new(AppContext.BaseDirectory);
        while (at is not null && !File.Exists(Path.Combine(at.FullName, "Fathom.slnx")))
            at = at.Parent;
        return at?.FullName ?? throw new DirectoryNotFoundException($"No folder above {AppContext.BaseDirectory} holds Fathom.slnx.");
    }
}
