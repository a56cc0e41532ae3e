// A price that cannot be found or used.

namespace Fathom.Planning.Prices;

/// <summary>A model, currency, moment or number of tokens without a price; the message says what would work.</summary>
public sealed class PriceException(string message) : ArgumentException(message);
