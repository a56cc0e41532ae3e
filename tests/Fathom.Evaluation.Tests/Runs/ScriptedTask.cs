// A task and a respondent whose every response is known beforehand.
using Fathom.Evaluation.Graders;
using Fathom.Evaluation.Runs;
using Fathom.Evaluation.Tasks;

namespace Fathom.Evaluation.Tests.Runs;

/// <summary>Problem i asks <c>question i</c>; the answer <c>yes</c> is right, <c>broken</c> breaks the grader.</summary>
sealed class ScriptedTask : VerifiedTask
{
    public override string Name => "scripted";

    public static (VerifiedTask, Problem)[] Problems(int count) =>
        [.. Enumerable.Range(0, count).Select(i => ((VerifiedTask)new ScriptedTask(), new Problem("scripted", $"question {i}", "yes", 1, Language.English, []) { Id = $"q{i}" }))];

    public override Verdict Grade(Problem problem, ParsedResponse response) => response.Answer == "broken"
        ? new Verdict(Outcome.Failed, null, "the grader broke")
        : Verdict.Of(response.Answer == problem.Answer, response.Answer) with { Parts = [new("length", response.Answer.Length, 2)] };
}

/// <summary>Answers as told, and gives up after some answers.</summary>
sealed class ScriptedRespondent(Func<string, ulong, string> answer, int mostAnswers = int.MaxValue) : IRespondent
{
    int _asked;

    public int Asked => _asked;

    public async Task<ModelResponse> RespondAsync(string prompt, ulong seed, CancellationToken cancellationToken)
    {
        if (Interlocked.Increment(ref _asked) > mostAnswers)
            throw new OperationCanceledException("enough");
        await Task.Yield();
        string text = answer(prompt, seed);
        return new ModelResponse(text, 3, text.Length, Truncated: text.Length > 5);
    }
}
