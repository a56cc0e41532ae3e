// How a command ends: an exit code, and for every foreseen error one line on the error stream.
using Fathom.Evaluation.Benchmarks;
using Fathom.Evaluation.Sandbox;
using Fathom.Inference.Constraints;
using Fathom.Models.Checkpoints;
using Fathom.Models.Configs;
using Fathom.Models.Hub;
using Fathom.Text.Templates.Jinja;
using Fathom.Text.Tokenizers;
using Fathom.Training.Data;
using Fathom.Training.Recipes;
using Fathom.Training.Runs;

namespace Fathom.Cli;

/// <summary>Exit codes and the way from exceptions to them.</summary>
static class Endings
{
    /// <summary>All went well.</summary>
    public const int Fine = 0;

    /// <summary>The command could not be done, or what it checked does not hold.</summary>
    public const int Failed = 1;

    /// <summary>The command line, or a recipe, is wrong.</summary>
    public const int WrongUsage = 2;

    /// <summary>Setting this to 1 shows stack traces.</summary>
    const string DebugVariable = "FATHOM_DEBUG";

    /// <summary>Runs a command and turns its exceptions into a message and an exit code.</summary>
    public static int Guard(Func<int> command)
    {
        try
        {
            return command();
        }
        catch (Exception error)
        {
            int code = CodeOf(error);
            string message = IsForeseen(error) ? Message(error) : $"internal error, {error.GetType().Name}: {Message(error)} ({DebugVariable}=1 shows where)";
            Console.Error.WriteLine($"fathom: {message}");
            if (Environment.GetEnvironmentVariable(DebugVariable) == "1")
                Console.Error.WriteLine(error);
            return code;
        }
    }

    static int CodeOf(Exception error) => error switch
    {
        CommandException { ExitCode: int code } => code,
        RecipeException or ModelNameException or ArgumentException => WrongUsage,
        _ => Failed,
    };

    static bool IsForeseen(Exception error) => error
        is CommandException or SandboxException or RecipeException or RunException or BenchmarkException or DataFileException or CheckpointException or ConfigException or TokenizerFormatException or TemplateException or ConstraintException or HubException or ModelNameException
        or ArgumentException or InvalidDataException or IOException or UnauthorizedAccessException or NotSupportedException or OutOfMemoryException;

    // .NET adds the parameter's name and value to a message, behind the part that is meant for people.
    static string Message(Exception error)
    {
        string message = error.Message;
        int parameter = error is ArgumentException ? message.IndexOf(" (Parameter '", StringComparison.Ordinal) : -1;
        return parameter < 0 ? message : message[..parameter];
    }
}
