// Grading that failed for reasons of ours.
namespace Fathom.Evaluation.Sandbox;

/// <summary>The sandbox could not do its work: nothing isolates on this machine, or a process could not be set up. It says nothing about
/// the program that was to run, so what was graded has no score.</summary>
public sealed class SandboxException(string message, Exception? inner = null) : Exception(message, inner);
