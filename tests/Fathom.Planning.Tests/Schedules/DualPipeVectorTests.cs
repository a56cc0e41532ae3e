// The order of work against that of deepseek-ai/DualPipe's own scheduler, rank by rank.

using System.Text.Json;
using Fathom.Planning.Schedules;
using Fathom.Testing;

namespace Fathom.Planning.Tests.Schedules;

public class DualPipeVectorTests
{
    [SharedDataTheory]
    [InlineData("dualpipe_pp4_mb10")]
    [InlineData("dualpipe_pp8_mb20")]
    [InlineData("dualpipev_pp4_mb10")]
    public void Steps_AreThoseOfTheReference(string name)
    {
        using JsonDocument file = JsonDocument.Parse(File.ReadAllText(SharedData.Path("vectors", "dualpipe", name + ".json")));
        JsonElement expected = file.RootElement;
        PipelineSchedule schedule = ScheduleCatalog.Find(expected.GetProperty("schedule").GetString()!).Create(expected.GetProperty("pp").GetInt32(), expected.GetProperty("num_chunks").GetInt32());

        Assert.Equal(expected.GetProperty("ranks").GetArrayLength(), schedule.Ranks);
        foreach (JsonElement rank in expected.GetProperty("ranks").EnumerateArray())
        {
            int number = rank.GetProperty("rank").GetInt32();
            string[] steps = [.. rank.GetProperty("steps").EnumerateArray().Select(Text)];
            Assert.Equal(steps, schedule.Steps[number].Select(step => Text(schedule, number, step)));
        }
    }

    // Field by field, in one order.
    static string Text(JsonElement step)
    {
        string operation = step.GetProperty("op").GetString()!;
        string Of(JsonElement work) => $"{(work.TryGetProperty("phase", out JsonElement phase) ? phase.GetInt32() : -1)}.{work.GetProperty("dir").GetInt32()}.{work.GetProperty("chunk").GetInt32()}";
        return $"{step.GetProperty("step").GetInt32()} {operation} {(operation == "FB" ? $"{Of(step.GetProperty("f"))} {Of(step.GetProperty("b"))}" : Of(step))}";
    }

    static string Text(PipelineSchedule schedule, int rank, ScheduleStep step)
    {
        string Of(MicroBatch work) => $"{(step.Operation == Operation.WeightGradient ? -1 : schedule.PhaseOf(rank, work.Direction))}.{work.Direction}.{work.Chunk}";
        return $"{step.Number} {ScheduleStep.NameOf(step.Operation)} {Of(step.Work)}{(step.Operation == Operation.Overlapped ? $" {Of(step.Paired)}" : "")}";
    }
}
