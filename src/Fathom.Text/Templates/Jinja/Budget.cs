// How much a template may do. It decides over a server's time and memory otherwise.

using System.Runtime.CompilerServices;

namespace Fathom.Text.Templates.Jinja;

/// <summary>Counts the work of one rendering and ends it when it is too much.</summary>
sealed class Budget
{
    /// <summary>Expressions and statements evaluated, and elements of lists made.</summary>
    public const int MostSteps = 10_000_000;

    /// <summary>Calls and expressions inside one another.</summary>
    public const int MostDepth = 400;

    /// <summary>Characters of one string, and of the prompt.</summary>
    public const int LongestText = 1 << 25;

    /// <summary>Characters of all strings that are made on the way.</summary>
    public const long MostCharacters = 1L << 28;

    int steps;
    int depth;
    long characters;

    public void Step(long count = 1)
    {
        if (count > MostSteps - steps)
            throw new TemplateError($"more than {MostSteps} steps; an endless template?");
        steps += (int)count;
    }

    /// <summary>Accounts for a string that is going to be made.</summary>
    public void Make(long length)
    {
        if (length > LongestText)
            throw new TemplateError($"a string of {length} characters; at most {LongestText} are allowed");
        characters += length;
        if (characters > MostCharacters)
            throw new TemplateError($"more than {MostCharacters} characters of text in all; an endless template?");
    }

    public void Enter()
    {
        if (++depth > MostDepth || !RuntimeHelpers.TryEnsureSufficientExecutionStack())
            throw new TemplateError($"more than {MostDepth} calls and expressions inside one another");
    }

    public void Leave() => depth--;
}
