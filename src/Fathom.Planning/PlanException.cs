// A plan that cannot be made.

namespace Fathom.Planning;

/// <summary>What was asked cannot be planned; the message says what would work.</summary>
public sealed class PlanException(string message) : ArgumentException(message);
