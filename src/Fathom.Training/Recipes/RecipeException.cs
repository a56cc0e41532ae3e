// The one exception of recipes: what a user got wrong in a recipe file or a `--set`.

using Fathom.Models.Configs;

namespace Fathom.Training.Recipes;

/// <summary>A recipe that cannot be used. The message names the file, the JSON path, the value and what was allowed.</summary>
/// <param name="message">The whole message, fit to be shown to the user as it is.</param>
/// <param name="innerException">What caused it, if anything did.</param>
public sealed class RecipeException(string message, Exception? innerException = null) : Exception(message, innerException)
{
    /// <summary>The tail of a message about a name that is not known: the nearest one, and all there are.</summary>
    internal static string Hint(string given, IReadOnlyCollection<string> allowed) =>
        allowed.Count == 0 ? "" : $"; the nearest is '{NearestName.Of(given, allowed)}' (allowed: {string.Join(", ", allowed)})";
}
