// What the command line itself finds wrong, with the exit code it ends in.
namespace Fathom.Cli;

/// <summary>An error whose message is shown as it is.</summary>
sealed class CommandException : Exception
{
    CommandException(string message, int exitCode) : base(message) => ExitCode = exitCode;

    /// <summary>The exit code.</summary>
    public int ExitCode { get; }

    /// <summary>The command was used wrongly.</summary>
    public static CommandException Usage(string message) => new(message, Endings.WrongUsage);

    /// <summary>The command was right, but could not be done.</summary>
    public static CommandException Failure(string message) => new(message, Endings.Failed);
}
