// The one error of a chat template, and its plain form inside the interpreter.

namespace Fathom.Text.Templates.Jinja;

/// <summary>A template is malformed, refuses its data, or asks for too much. The message names template, line and problem.</summary>
/// <param name="template">What the template is called.</param>
/// <param name="line">The line, counted from 1.</param>
/// <param name="problem">What is wrong.</param>
/// <param name="isRefusal">Whether the template itself refused its data.</param>
public sealed class TemplateException(string template, int line, string problem, bool isRefusal = false)
    : FormatException($"{template}, line {line}: {problem}")
{
    /// <summary>The line, counted from 1.</summary>
    public int Line { get; } = line;

    /// <summary>What is wrong.</summary>
    public string Problem { get; } = problem;

    /// <summary>Whether the template itself refused its data, by <c>raise_exception</c>.</summary>
    public bool IsRefusal { get; } = isRefusal;
}

/// <summary>The same before it is known where.</summary>
sealed class TemplateError(string problem, bool isRefusal = false) : Exception(problem)
{
    public bool IsRefusal { get; } = isRefusal;
}
