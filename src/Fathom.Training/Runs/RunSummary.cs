// summary.json: the table that a run ends with, and its bill.

using System.Text;
using System.Text.Json;
using Fathom.Planning.Costs;

namespace Fathom.Training.Runs;

/// <summary>One row of the table.</summary>
/// <param name="Name">Name of the stage.</param>
/// <param name="PassAt1">Share of right answers on held-out problems, 0 to 1; null where nothing was evaluated.</param>
/// <param name="StandardError">Its standard error; null where nothing was evaluated.</param>
/// <param name="MeanTokens">Mean length of responses in tokens; null where nothing was evaluated.</param>
/// <param name="Seconds">Seconds that the stage took.</param>
public sealed record StageSummary(string Name, double? PassAt1, double? StandardError, double? MeanTokens, double Seconds);

/// <summary>The outcome of a run.</summary>
/// <param name="Stages">One row per stage, in order.</param>
/// <param name="Bill">What it consumed.</param>
public sealed record RunSummary(IReadOnlyList<StageSummary> Stages, RunBill Bill)
{
    /// <summary>The content of summary.json, which is also what `train --json` prints.</summary>
    public string ToJson() => Json(json =>
    {
        json.WriteStartObject();
        json.WriteStartArray("stages");
        foreach (StageSummary stage in Stages)
        {
            json.WriteStartObject();
            json.WriteString("name", stage.Name);
            Write(json, "passAt1", stage.PassAt1);
            Write(json, "standardError", stage.StandardError);
            Write(json, "meanTokens", stage.MeanTokens);
            json.WriteNumber("seconds", Math.Round(stage.Seconds, 3));
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WritePropertyName("bill");
        Bill.WriteTo(json);
        json.WriteEndObject();
    });

    /// <summary>The content of bill.json.</summary>
    internal string BillJson() => Json(Bill.WriteTo);

    static void Write(Utf8JsonWriter json, string name, double? value)
    {
        if (value is { } number)
            json.WriteNumber(name, number);
        else
            json.WriteNull(name);
    }

    static string Json(Action<Utf8JsonWriter> write)
    {
        using MemoryStream stream = new();
        using (Utf8JsonWriter json = new(stream, new JsonWriterOptions { Indented = true }))
            write(json);
        return Encoding.UTF8.GetString(stream.ToArray()) + "\n";
    }
}
