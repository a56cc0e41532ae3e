// Contests as a rating needs them: what the problems are worth, how the human participants did, and what a model submitted. Both files are
// JSON; fields that are not named here are left aside, so an export with more in it can be read as it is.
using System.Text.Json;

namespace Fathom.Evaluation.Metrics;

/// <summary>A contest's problem.</summary>
/// <param name="Name">Its letter or name, unique in its contest.</param>
/// <param name="Points">What it is worth; null in contests that count solved problems.</param>
public sealed record ContestProblem(string Name, double? Points = null);

/// <summary>A human who took part.</summary>
/// <param name="Rating">The rating before the contest.</param>
/// <param name="Points">Points, or problems solved.</param>
/// <param name="Penalty">Penalty, 0 or more; less is better among equal points.</param>
public sealed record ContestParticipant(double Rating, double Points, double Penalty = 0);

/// <summary>One contest.</summary>
/// <param name="Name">Its number or name.</param>
/// <param name="Problems">Its problems: all with points or none.</param>
/// <param name="Participants">All official participants with a rating, in any order.</param>
public sealed record ContestStandings(string Name, IReadOnlyList<ContestProblem> Problems, IReadOnlyList<ContestParticipant> Participants)
{
    static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web) { RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true };

    /// <summary>Reads <c>[{"name", "problems": [{"name", "points"}], "participants": [{"rating", "points", "penalty"}]}]</c>.</summary>
    /// <exception cref="InvalidDataException">A broken file, or a value out of its range; the message names the file, the contest and the value.</exception>
    public static IReadOnlyList<ContestStandings> Read(string path)
    {
        List<ContestStandings> contests = Parse<List<ContestStandings>>(path, "a list of contests");
        if (contests.Count == 0)
            throw new InvalidDataException($"{path}: no contest in it.");
        foreach (ContestStandings? contest in contests)
            if ((contest is null ? "an entry is null" : contest.Problem()) is { } problem)
                throw new InvalidDataException($"{path}: {problem}.");
        if (contests.GroupBy(contest => contest.Name).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw new InvalidDataException($"{path}: contest '{twice.Key}' is there {twice.Count()} times.");
        return contests;
    }

    /// <summary>Reads <c>{"CONTEST": {"PROBLEM": [false, true]}}</c>: per problem whether each submission was accepted, in order.</summary>
    /// <exception cref="InvalidDataException">A broken file; the message names it.</exception>
    public static IReadOnlyDictionary<string, Dictionary<string, bool[]>> ReadSubmissions(string path)
    {
        Dictionary<string, Dictionary<string, bool[]>> submissions = Parse<Dictionary<string, Dictionary<string, bool[]>>>(path, "an object of contests");
        foreach ((string contest, Dictionary<string, bool[]>? problems) in submissions)
            if (problems is null || problems.Values.Any(tries => tries is null))
                throw new InvalidDataException($"{path}: contest '{contest}' must be an object with a list of true and false for each problem.");
        return submissions;
    }

    /// <summary>What is wrong with it, or null.</summary>
    internal string? Problem()
    {
        if (Problems.Count == 0 || Participants.Count == 0)
            return $"contest '{Name}' has {Problems.Count} problems and {Participants.Count} participants; it needs both";
        if (Problems.Any(p => p is null) || Participants.Any(p => p is null))
            return $"contest '{Name}' has an entry that is null";
        if (Problems.GroupBy(p => p.Name).FirstOrDefault(group => group.Count() > 1) is { } twice)
            return $"contest '{Name}' has problem '{twice.Key}' {twice.Count()} times";
        if (Problems.FirstOrDefault(p => p.Points is { } points && !(points > 0 && double.IsFinite(points))) is { } worthless)
            return $"contest '{Name}', problem '{worthless.Name}': points are {worthless.Points}; they must be above 0";
        if (Problems.Any(p => p.Points is null) && Problems.Any(p => p.Points is not null))
            return $"contest '{Name}' gives points for some problems only";
        for (int i = 0; i < Participants.Count; i++)
            if (Participants[i] is var (rating, points, penalty) && !(Math.Abs(rating) <= 10_000 && points >= 0 && penalty >= 0 && double.IsFinite(points + penalty)))
                return $"contest '{Name}', participant {i + 1}: rating {rating}, points {points}, penalty {penalty}; a rating lies within 10000, the others are 0 or more";
        return null;
    }

    static T Parse<T>(string path, string expected)
    {
        try
        {
            using FileStream file = File.OpenRead(path);
            return JsonSerializer.Deserialize<T>(file, s_json) ?? throw new InvalidDataException($"{path}: expected {expected}, found null.");
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"{path}: expected {expected}; {error.Message}", error);
        }
    }
}
