// An answer that has been read once and can be compared many times.
namespace Fathom.Evaluation.Graders.Mathematics;

/// <summary>An answer in LaTeX or plain notation. Reading it costs about as much as comparing it, so votes over many answers (cons@k) keep this.</summary>
public sealed class MathAnswer
{
    readonly Lazy<Expression?> withoutGroups;
    readonly Lazy<MathAnswer?> behindChoice;

    MathAnswer(string source)
    {
        Text = AnswerText.Clean(source);
        Choice = Text.Length <= MaxChoiceLength ? AnswerText.Choice(Text) : null;
        Tree = Read(groups: true, out bool hasGroups);
        withoutGroups = new(() => hasGroups ? Read(groups: false, out _) : null);
        behindChoice = new(() => Text.Length <= MaxChoiceLength && AnswerText.BehindChoice(Text) is { } rest ? new MathAnswer(rest) : null);
    }

    const int MaxChoiceLength = 1000;

    /// <summary>The text without what wraps it.</summary>
    public string Text { get; }

    /// <summary>Whether it could be read as mathematics or words; if not, only its text is compared.</summary>
    public bool IsUnderstood => Tree is not null;

    internal Expression? Tree { get; }

    /// <summary>Why it was not read, where it was too large.</summary>
    internal string? TooLarge { get; private set; }

    /// <summary>The letter of the choice it names, or null.</summary>
    internal char? Choice { get; }

    /// <summary>The tree where commas separate items of a list and not thousands; null where the text has no such comma.</summary>
    internal Expression? WithoutGroups => withoutGroups.Value;

    /// <summary>What stands behind the letter of a choice; null where there is none.</summary>
    internal MathAnswer? BehindChoice => behindChoice.Value;

    /// <summary>Reads an answer. Any text is fine.</summary>
    public static MathAnswer Parse(string text) => new(text);

    Expression? Read(bool groups, out bool hasGroups)
    {
        hasGroups = false;
        try
        {
            return ExpressionParser.Parse(Text, groups, out hasGroups);
        }
        catch (NotMathException)
        {
            return null;
        }
        catch (WorkExceededException limit)
        {
            TooLarge = limit.Message;
            return null;
        }
    }

    /// <inheritdoc/>
    public override string ToString() => Text;
}
