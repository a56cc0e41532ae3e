// Arrows of the diagrams: along a path of straight pieces, with a tip at its end. Solid for weights and values, dashed for data.

using System.Globalization;

namespace Fathom.Claims.Page;

/// <summary>Draws arrows.</summary>
static class Arrow
{
    /// <summary>An arrow through some points; the last piece is level or upright.</summary>
    /// <param name="isData">Whether samples flow, and not weights or values.</param>
    /// <param name="points">At least two.</param>
    public static Markup Along(bool isData, params (double X, double Y)[] points)
    {
        (double x, double y) = points[^1];
        (double fromX, double fromY) = points[^2];
        double dx = Math.Sign(x - fromX), dy = Math.Sign(y - fromY);
        // The line ends at the tip's base.
        (double baseX, double baseY) = (x - 7 * dx, y - 7 * dy);
        string line = string.Join(" ", points[..^1].Append((baseX, baseY)).Select(point => string.Create(CultureInfo.InvariantCulture, $"{point.Item1:0.#},{point.Item2:0.#}")));
        string kind = isData ? " data" : "";
        return Markup.Of($"<polyline class=\"flow{kind}\" points=\"{line}\"/><path class=\"tip{kind}\" d=\"M{x:0.#},{y:0.#}L{baseX - 4 * dy:0.#},{baseY - 4 * dx:0.#}L{baseX + 4 * dy:0.#},{baseY + 4 * dx:0.#}Z\"/>");
    }
}
