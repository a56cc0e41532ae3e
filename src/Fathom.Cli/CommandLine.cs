// The command line as a whole: the verbs, their help, wrong usage, and how every ending becomes an exit code.
using System.CommandLine;
using System.CommandLine.Help;
using System.Text;
using Fathom.Cli.Verbs;

namespace Fathom.Cli;

/// <summary>Parses and runs. Exit codes: 0 fine, 1 failed, 2 wrong usage.</summary>
static class CommandLine
{
    /// <summary>The whole tree of verbs.</summary>
    public static RootCommand Root()
    {
        RootCommand root = new("Fathom trains, runs and inspects models of DeepSeek's architecture on processors.")
        {
            TrainVerb.Create(),
            ChatVerb.Create(),
            GenerateVerb.Create(),
            EvalVerb.Create(),
            GradeVerb.Create(),
            CompareVerb.Create(),
            RatingVerb.Create(),
            PerplexityVerb.Create(),
            VerifyVerb.Create(),
            InspectVerb.Create(),
            ConvertVerb.Create(),
            QuantizeVerb.Create(),
            InitVerb.Create(),
            TokenizeVerb.Create(),
            RenderVerb.Create(),
            PullVerb.Create(),
            ListVerb.Create(),
            RemoveVerb.Create(),
            TasksVerb.Create(),
            ReportVerb.Create(),
            BenchVerb.Create(),
            PlanVerb.Create(),
            ClaimsVerb.Create(),
        };
        foreach (HelpOption help in root.Options.OfType<HelpOption>())
            help.Action = new HelpWithExamples((HelpAction)help.Action!);
        root.SetAction(ShowHelp);
        return root;
    }

    /// <summary>Runs one command line.</summary>
    public static int Run(string[] args)
    {
        Console.OutputEncoding = new UTF8Encoding(false);
        // A prompt may begin with '@' or contain anything else: no response files, no bundles.
        ParseResult parsed = Root().Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null, EnablePosixBundling = false });
        if (parsed.Errors.Count > 0 || WrongUsage.UnknownOption(parsed) is not null)
            return WrongUsage.Report(parsed);
        return Endings.Guard(() => parsed.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null }));
    }

    /// <summary>What a command that only groups verbs does: shows its help and calls it wrong usage.</summary>
    public static int ShowHelp(ParseResult parsed)
    {
        new HelpWithExamples(new HelpAction()).Invoke(parsed);
        return Endings.WrongUsage;
    }
}
