// The three ways a benchmark tests a program. What is expected never reaches the process that runs the program.
namespace Fathom.Evaluation.Graders.Code;

/// <summary>Languages that programs can be graded in.</summary>
public enum ProgramLanguage
{
    /// <summary>Python 3, the interpreter found on the machine.</summary>
    Python,

    /// <summary>C#, compiled with Roslyn and run on the .NET that runs Fathom.</summary>
    CSharp,
}

/// <summary>Tests of one program.</summary>
public abstract record CodeTests;

/// <summary>Programs that read standard input and write standard output (Codeforces, half of LiveCodeBench).</summary>
/// <param name="Tests">Inputs with their expected outputs.</param>
public sealed record StdioTests(IReadOnlyList<StdioTest> Tests) : CodeTests;

/// <summary>One run of a program.</summary>
/// <param name="Input">All of standard input.</param>
/// <param name="Output">What standard output must be: compared line by line without space at the ends of lines, numbers as decimals.</param>
public readonly record struct StdioTest(string Input, string Output);

/// <summary>Calls of one function (the other half of LiveCodeBench: a method of <c>class Solution</c>, or a plain function).</summary>
/// <param name="Function">The function's or method's name.</param>
/// <param name="Tests">Arguments and results as JSON.</param>
public sealed record CallTests(string Function, IReadOnlyList<CallTest> Tests) : CodeTests;

/// <summary>One call.</summary>
/// <param name="Arguments">JSON values, one per argument.</param>
/// <param name="Result">The expected result as JSON.</param>
public readonly record struct CallTest(IReadOnlyList<string> Arguments, string Result);

/// <summary>Python tests that assert (HumanEval's <c>check(candidate)</c>, MBPP's <c>test_list</c>). They run in a process of their own,
/// where the function under test is a stand-in that asks the program's process.</summary>
/// <param name="Setup">Trusted code that the tests need (the prompt's imports and helpers); may be empty.</param>
/// <param name="Function">The function under test.</param>
/// <param name="Tests">Statements, each one test, run in order.</param>
public sealed record AssertTests(string Setup, string Function, IReadOnlyList<string> Tests) : CodeTests;
