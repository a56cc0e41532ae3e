// A verb: a command whose help shows examples.
using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Fathom.Cli;

/// <summary>A command with examples.</summary>
/// <param name="name">What is typed.</param>
/// <param name="description">What it does, in a sentence or two.</param>
/// <param name="examples">Whole command lines, without the leading <c>fathom</c>.</param>
sealed class Verb(string name, string description, params string[] examples) : Command(name, description)
{
    /// <summary>Whole command lines, without the leading <c>fathom</c>.</summary>
    public IReadOnlyList<string> Examples { get; } = examples;

    /// <summary>Sets what the verb does; the number of threads and the store are set before, where the verb has these options.</summary>
    public Verb Does(Func<ParseResult, int> run)
    {
        SetAction(parsed =>
        {
            if (Options.Contains(CommonOptions.Threads))
                CommonOptions.ApplyThreads(parsed);
            if (Options.Contains(CommonOptions.Store))
                CommonOptions.ApplyStore(parsed);
            return run(parsed);
        });
        return this;
    }
}

/// <summary>The usual help, then the verb's examples.</summary>
sealed class HelpWithExamples(HelpAction usual) : SynchronousCommandLineAction
{
    /// <summary>Help is given whatever else is wrong.</summary>
    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        int code = usual.Invoke(parseResult);
        if (parseResult.CommandResult.Command is Verb { Examples.Count: > 0 } verb)
        {
            TextWriter output = parseResult.InvocationConfiguration.Output;
            output.WriteLine("Examples:");
            foreach (string example in verb.Examples)
                output.WriteLine($"  fathom {example}");
            output.WriteLine();
        }
        return code;
    }
}
