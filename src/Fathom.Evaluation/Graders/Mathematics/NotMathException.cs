// Thrown inside the reader where a text turns out to be no mathematics; it is then compared as text.
namespace Fathom.Evaluation.Graders.Mathematics;

/// <summary>The text cannot be read as mathematics.</summary>
internal sealed class NotMathException : Exception;
