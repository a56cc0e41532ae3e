// Where recipes come from: the built-in ones by name, others by file; and the check that a resumed run has the recipe it began with.

using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Fathom.Training.Recipes;

/// <summary>Loads recipes.</summary>
public static class RecipeFile
{
    const string ResourcePrefix = "recipes/";
    const string Extension = ".jsonc";

    static readonly Assembly Assembly = typeof(RecipeFile).Assembly;

    /// <summary>Names of the built-in recipes, sorted.</summary>
    public static IReadOnlyList<string> BuiltIn { get; } =
    [
        .. Assembly.GetManifestResourceNames()
            .Where(name => name.StartsWith(ResourcePrefix, StringComparison.Ordinal) && name.EndsWith(Extension, StringComparison.Ordinal))
            .Select(name => name[ResourcePrefix.Length..^Extension.Length])
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>Loads a recipe by a built-in name or from a file (whatever exists as one, or has a path separator or an extension).</summary>
    /// <param name="nameOrPath">A built-in recipe's name or a file's path.</param>
    /// <param name="overrides">Changes, applied in order before the recipe is checked.</param>
    /// <exception cref="RecipeException">The recipe is unknown, cannot be read, or is wrong.</exception>
    public static Recipe Load(string nameOrPath, IEnumerable<RecipeOverride>? overrides = null)
    {
        if (BuiltIn.Contains(nameOrPath))
        {
            using Stream stream = Assembly.GetManifestResourceStream(ResourcePrefix + nameOrPath + Extension)!;
            using StreamReader reader = new(stream);
            return Parse(reader.ReadToEnd(), nameOrPath + Extension, overrides);
        }
        if (!File.Exists(nameOrPath))
        {
            throw new RecipeException(nameOrPath.AsSpan().ContainsAny('/', '\\', '.')
                ? $"There is no recipe file '{nameOrPath}'."
                : $"There is no recipe '{nameOrPath}'{RecipeException.Hint(nameOrPath, BuiltIn)}. A file is named by its path.");
        }
        try
        {
            return Parse(File.ReadAllText(nameOrPath), nameOrPath, overrides);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RecipeException($"The recipe file '{nameOrPath}' cannot be read: {e.Message}", e);
        }
    }

    /// <summary>Reads a recipe from JSON with comments and trailing commas.</summary>
    /// <param name="json">The text.</param>
    /// <param name="source">Name of the file, for messages.</param>
    /// <param name="overrides">Changes, applied in order before the recipe is checked.</param>
    /// <exception cref="RecipeException">The recipe is wrong; the message names source, path, value and what was allowed.</exception>
    public static Recipe Parse(string json, string source, IEnumerable<RecipeOverride>? overrides = null)
    {
        JsonNode? node;
        try
        {
            node = JsonNode.Parse(json, documentOptions: new JsonDocumentOptions
            {
                CommentHandling = JsonCommentHandling.Skip,
                AllowTrailingCommas = true,
                AllowDuplicateProperties = false,
            });
        }
        catch (JsonException e)
        {
            string place = e.LineNumber is { } line ? $"line {line + 1}, column {e.BytePositionInLine + 1}: " : "";
            throw new RecipeException($"{source}: {place}not JSON: {FirstSentence(e.Message)}", e);
        }
        OptionReader reader = new(source);
        if (node is JsonObject recipe)
        {
            foreach (RecipeOverride change in overrides ?? [])
                change.Apply(recipe, source);
        }
        return (Recipe)reader.ReadGroup(node, typeof(Recipe), "$");
    }

    /// <summary>Holds a run's recipe against the one it is to be resumed with.</summary>
    /// <exception cref="RecipeException">They differ; the message names each changed key with both values.</exception>
    public static void RequireUnchanged(Recipe began, Recipe now, string runFolder)
    {
        if (began.Hash() == now.Hash())
            return;
        IEnumerable<string> changes = OptionWriter.Differences(OptionWriter.Write(began), OptionWriter.Write(now), "$")
            .Select(change => $"  {change.Path}: began with {change.Old}, now {change.New}");
        throw new RecipeException(
            $"The run in '{runFolder}' cannot be resumed with a changed recipe; take the changes back or begin a new run with another --out:\n{string.Join('\n', changes)}");
    }

    // The reader appends its own, zero-based place to the sentence.
    static string FirstSentence(string message)
    {
        int end = message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        return end < 0 ? message : message[..end];
    }
}
