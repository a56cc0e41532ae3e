// The one error of everything that reads benchmark files.
namespace Fathom.Evaluation.Benchmarks;

/// <summary>A benchmark file that cannot be read; the message names the file, the place in it, what is there and what was expected.</summary>
/// <param name="message">The message.</param>
/// <param name="innerException">What was thrown underneath; null where nothing was.</param>
public sealed class BenchmarkException(string message, Exception? innerException = null) : Exception(message, innerException);
