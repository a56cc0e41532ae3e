// `--set path=value`: changes to a recipe's JSON before it is read, so that overrides pass the same checks as the file.

using System.Text.Json;
using System.Text.Json.Nodes;

namespace Fathom.Training.Recipes;

/// <summary>One override: <c>rl.steps=50</c> (the stage named rl), <c>seed=3</c>, <c>model.hiddenSize=128</c>, <c>base.data.textShare=0.5</c>.</summary>
/// <param name="Path">Keys from the outside in; the first is a top-level key or the name of a stage.</param>
/// <param name="Value">JSON; what is no JSON is taken as a text.</param>
public sealed record RecipeOverride(string Path, string Value)
{
    /// <summary>Reads the text of a `--set`.</summary>
    /// <exception cref="RecipeException">It has no '=' or no path.</exception>
    public static RecipeOverride Parse(string text)
    {
        int equals = text.IndexOf('=', StringComparison.Ordinal);
        return equals > 0 && !text[..equals].Split('.').Contains("")
            ? new RecipeOverride(text[..equals], text[(equals + 1)..])
            : throw new RecipeException($"--set {text}: expected path=value, as in rl.steps=50 or seed=3.");
    }

    /// <summary>Changes the recipe's JSON in place.</summary>
    internal void Apply(JsonObject recipe, string source)
    {
        string[] keys = Path.Split('.');
        JsonObject at = recipe;
        // A top-level key wins over a stage; stages are not allowed to be named like one.
        IReadOnlyList<string> topLevel = [.. OptionSet.Of(typeof(Recipe)).Select(option => option.Key)];
        if (!topLevel.Contains(keys[0]))
        {
            Dictionary<string, JsonObject> stages = [];
            foreach (JsonObject stage in (recipe["stages"] as JsonArray)?.OfType<JsonObject>() ?? [])
            {
                if (stage["name"] is JsonValue name && name.TryGetValue(out string? text))
                    stages.TryAdd(text, stage);
            }
            if (!stages.TryGetValue(keys[0], out JsonObject? found))
                throw new RecipeException($"--set {Path}={Value}: {source} has no stage or key '{keys[0]}'{RecipeException.Hint(keys[0], [.. stages.Keys, .. topLevel])}.");
            if (keys.Length == 1)
                throw new RecipeException($"--set {Path}={Value}: '{keys[0]}' is a stage; name one of its keys, as in {keys[0]}.steps=50.");
            at = found;
            keys = keys[1..];
        }
        for (int i = 0; i < keys.Length - 1; i++)
        {
            // "model": "nano" becomes { "preset": "nano" }, so that model.hiddenSize can be set beside it.
            if (at[keys[i]] is JsonValue shorthand && i == 0 && keys[0] == "model")
                at[keys[i]] = new JsonObject { [OptionSet.Of(typeof(ModelOptions))[0].Key] = shorthand.DeepClone() };
            at[keys[i]] ??= new JsonObject();
            at = at[keys[i]] as JsonObject
                ?? throw new RecipeException($"--set {Path}={Value}: '{keys[i]}' is not an object in {source}; set it as a whole, as JSON.");
        }
        at[keys[^1]] = ParseValue();
    }

    JsonNode? ParseValue()
    {
        try
        {
            return JsonNode.Parse(Value);
        }
        catch (JsonException)
        {
            return JsonValue.Create(Value);
        }
    }
}
