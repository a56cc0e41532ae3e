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
    public const long MostCharacters = 1L << 27;

    /// <summary>
    /// The budget of the rendering that this thread is in: for equality and order, which dictionaries and sorting ask for themselves. A value
    /// may hold another twice, and that one another twice, so comparing can take more than the values' size suggests.
    /// </summary>
    [ThreadStatic]
    static Budget? current;

    int steps;
    int depth;
    long characters;

    /// <summary>Makes a budget the one of this thread.</summary>
    /// <returns>The one before it.</returns>
    public static Budget? Use(Budget? budget)
    {
        Budget? before = current;
        current = budget;
        return before;
    }

    /// <summary>Accounts for one comparison.</summary>
    public static void StepOfThread() => current?.Step();

    public void Step(long count = 1)
    {
        if (count > MostSteps - steps)
            throw new TemplateError($"more than {MostSteps} steps; an endless template?");
        steps += (int)count;
    }

    /// <summary>Accounts for looking through a value.</summary>
    public void LookThrough(object? value) => Step(1 + value switch
    {
        Text text => text.Value.Length / 64,
        Sequence sequence => sequence.Items.Count / 8,
        Mapping mapping => mapping.Items.Count / 8,
        _ => 0,
    });

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
