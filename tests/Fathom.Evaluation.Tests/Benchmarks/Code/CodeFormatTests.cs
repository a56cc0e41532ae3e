using Fathom.Evaluation.Benchmarks;
using Fathom.Evaluation.Benchmarks.Code;
using Fathom.Evaluation.Graders;
using Fathom.Evaluation.Graders.Code;
using Fathom.Evaluation.Sandbox;
using Fathom.Evaluation.Tests.Sandbox;

namespace Fathom.Evaluation.Tests.Benchmarks.Code;

public sealed class CodeFormatTests
{
    const string HumanEval = """{"task_id": "T/1", "prompt": "from math import sqrt\n\ndef twice(x):\n    return 2 * x\n\ndef root(x):\n    \"\"\"The root of twice x.\"\"\"\n", "entry_point": "root", "canonical_solution": "    return sqrt(twice(x))\n", "test": "def check(candidate):\n    assert candidate(2) == 2\n    assert candidate(8) == twice(2)\n"}""";

    const string Mbpp = """{"task_id": 3, "text": "Write a function to add.", "code": "def helper(a):\n  return a\ndef add_all(a, b):\n  return helper(a) + b", "test_setup_code": "", "test_list": ["assert add_all(1, 2) == 3", "assert add_all(-1, 1) == 0"], "challenge_test_list": []}""";

    // The hidden tests "2 3" -> "5" and "10 -4" -> "6" by CPython 3.11: base64.b64encode(zlib.compress(pickle.dumps(json.dumps(tests), protocol))).
    const string Hidden = "eJxrYJ1axQABPWXR1UqZeQWlJUpWCkpGCsYxeUo6Ckr5pSVQIVOIQElqcUlJZUEqSKi4JCUzT6lWRwFJp6GBgq4Jul4znHpjp+gBALVuJs0=";

    const string Stdin = """{"question_id": "q1", "question_content": "Add two numbers.", "starter_code": "", "difficulty": "hard", "contest_date": "2024-08-03T00:00:00", "metadata": "{}", "public_test_cases": "[{\"input\": \"1 1\\n\", \"output\": \"2\\n\", \"testtype\": \"stdin\"}]", "private_test_cases": "HIDDEN"}""";

    const string Functional = """{"question_id": "q2", "question_content": "Add.", "starter_code": "class Solution:\n    def add(self, a: List[int], b: int) -> int:\n        ", "difficulty": "easy", "contest_date": "2024-01-20T00:00:00", "metadata": "{\"func_name\": \"add\"}", "public_test_cases": "[{\"input\": \"[1, 2]\\n3\", \"output\": \"6\", \"testtype\": \"functional\"}]", "private_test_cases": "[{\"input\": \"[]\\n0\", \"output\": \"0\", \"testtype\": \"functional\"}]"}""";

    const string Codeforces = """{"id": "1/A", "title": "Sum", "description": "Add.", "input_format": "Two numbers.", "output_format": "Their sum.", "note": null, "interaction_format": null, "generated_checker": null, "input_mode": "stdio", "time_limit": 1.5, "rating": 800, "contest_start": 1700000000, "examples": [{"input": "1 2", "output": "3"}], "official_tests": [{"input": "1 2", "output": "3"}, {"input": "2 2", "output": "4"}]}""";

    [Fact]
    public void HumanEval_CompletesTheBeginningOrTakesTheWholeFunction()
    {
        (string? program, CodeTests? tests, _) = Grade(HumanEval, "humaneval", "```python\ndef root(x):\n    return sqrt(twice(x))\n```");
        Assert.Equal("from math import sqrt\n\ndef twice(x):\n    return 2 * x\n\n\ndef root(x):\n    return sqrt(twice(x))", program);
        var asserts = Assert.IsType<AssertTests>(tests);
        Assert.Equal(("root", "check(root)"), (asserts.Function, Assert.Single(asserts.Tests)));
        Assert.Contains("def twice(x)", asserts.Setup, StringComparison.Ordinal);
        Assert.Contains("def check(candidate)", asserts.Setup, StringComparison.Ordinal);
        Assert.DoesNotContain("def root", asserts.Setup, StringComparison.Ordinal);

        (program, _, _) = Grade(HumanEval, "humaneval", "```python\n    return sqrt(twice(x))\n```");
        Assert.EndsWith("\"\"\"The root of twice x.\"\"\"\n\n    return sqrt(twice(x))", program, StringComparison.Ordinal);
    }

    [Fact]
    public void Mbpp_ShowsItsTestsAndFindsTheFunction()
    {
        (_, CodeTests? tests, BenchmarkFile benchmark) = Grade(Mbpp, "mbpp", "```python\nadd_all = lambda a, b: a + b\n```");
        Assert.Equal("add_all", Assert.IsType<AssertTests>(tests).Function);
        Assert.Contains("assert add_all(-1, 1) == 0", benchmark.Problems[0].Prompt, StringComparison.Ordinal);
        (_, tests, _) = Grade("""{"task_id": 4, "prompt": "P", "code": "def f(a):\n  return a", "test_imports": ["import math", "import re"], "test_list": ["assert math.isclose(f(1), 1)"]}""", "mbpp", "x");
        Assert.Equal(("import math\nimport re", "f"), (((AssertTests)tests!).Setup, ((AssertTests)tests).Function));
    }

    [Theory]
    [InlineData(Hidden)]
    [InlineData("eJwLi65WyswrKC1RslJQMlIwjik1MDBNzlPSUVDKLy2BipsiiZakFpeUVBakgsSLS1Iy85RqdRSQzDA0UNA1wWqKGX5TYrkKDLj0AAnEKmE=")] // protocol 0
    [InlineData("eJxrYIooY2BgiK5WyswrKC1RslJQMlIwjslT0lFQyi8tgQqZQgRKUotLSioLUkFCxSUpmXlKtToKSDoNDRR0TdD1muHUG1vIoAcANS8lZA==")] // protocol 2
    [InlineData("""[{\"input\": \"2 3\\n\", \"output\": \"5\\n\"}, {\"input\": \"10 -4\\n\", \"output\": \"6\\n\"}]""")]
    public void LiveCodeBench_ProgramsHavePublicAndHiddenTests(string hidden)
    {
        (string? program, CodeTests? tests, BenchmarkFile benchmark) = Grade(Stdin.Replace("HIDDEN", hidden, StringComparison.Ordinal), "livecodebench", "```python\nprint(sum(map(int, input().split())))\n```");
        Assert.Equal("print(sum(map(int, input().split())))", program);
        Assert.Equal([new("1 1\n", "2\n"), new("2 3\n", "5\n"), new("10 -4\n", "6\n")], Assert.IsType<StdioTests>(tests).Tests);
        var problem = Assert.IsType<CodeProblem>(benchmark.Problems[0]);
        Assert.Equal(("q1", 3, new DateOnly(2024, 8, 3)), (problem.Id, problem.Difficulty, problem.Date!.Value));
        Assert.Contains("standard input", problem.Prompt, StringComparison.Ordinal);
    }

    [Fact]
    public void LiveCodeBench_FunctionsAreCalledWithJson()
    {
        (_, CodeTests? tests, BenchmarkFile benchmark) = Grade(Functional, "livecodebench", "```python\nclass Solution: pass\n```");
        var calls = Assert.IsType<CallTests>(tests);
        Assert.Equal("add", calls.Function);
        Assert.Equal(["[1, 2]", "3"], calls.Tests[0].Arguments);
        Assert.Equal(["6", "0"], calls.Tests.Select(test => test.Result));
        Assert.Contains("def add(self, a: List[int], b: int) -> int:", benchmark.Problems[0].Prompt, StringComparison.Ordinal);
    }

    [Fact]
    public void LiveCodeBench_WindowOfDatesKeepsTheProblemsWithin()
    {
        using var file = new TextFile(".jsonl", Stdin.Replace("HIDDEN", Hidden, StringComparison.Ordinal) + "\n" + Functional);
        BenchmarkFile benchmark = BenchmarkFile.Read(file.Path, null, 0, Never);
        Assert.Equal(["q1"], benchmark.Within(new DateOnly(2024, 8, 3), null).Problems.Select(problem => problem.Id));
        Assert.Equal(["q2"], benchmark.Within(null, new DateOnly(2024, 8, 2)).Problems.Select(problem => problem.Id));
        Assert.Equal(2, benchmark.Within(new DateOnly(2024, 1, 20), new DateOnly(2024, 8, 3)).Problems.Count);
        Assert.Contains("from 2024-01-20 to 2024-08-03", Assert.Throws<BenchmarkException>(() => benchmark.Within(new DateOnly(2025, 1, 1), null)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Codeforces_JoinsExamplesAndOfficialTests()
    {
        (_, CodeTests? tests, BenchmarkFile benchmark) = Grade(Codeforces, "codeforces", "```python\nprint(3)\n```");
        Assert.Equal([new("1 2", "3"), new("2 2", "4")], Assert.IsType<StdioTests>(tests).Tests);
        var problem = Assert.IsType<CodeProblem>(benchmark.Problems[0]);
        Assert.Equal((800, TimeSpan.FromSeconds(1.5), new DateOnly(2023, 11, 14)), (problem.Rating!.Value, problem.TimeLimit!.Value, problem.Date!.Value));
        Assert.StartsWith("Sum\n\nAdd.\n\nInput:\nTwo numbers.\n\nOutput:\nTheir sum.\n\nExample input:\n1 2\n\nExample output:\n3\n\nWrite", problem.Prompt, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"interaction_format\": null", "\"interaction_format\": \"Ask.\"", "interactive")]
    [InlineData("\"generated_checker\": null", "\"generated_checker\": \"code\"", "checker")]
    [InlineData("\"input_mode\": \"stdio\"", "\"input_mode\": \"file\"", "files")]
    public void Codeforces_WhatOutputsCannotJudge_IsPassedOver(string from, string to, string reason)
    {
        using var file = new TextFile(".jsonl", Codeforces + "\n" + Codeforces.Replace(from, to, StringComparison.Ordinal));
        BenchmarkFile benchmark = BenchmarkFile.Read(file.Path, null, 0, Never);
        Assert.Single(benchmark.Problems);
        Assert.Contains(reason, Assert.Single(benchmark.Skipped).Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(HumanEval)]
    [InlineData(Mbpp)]
    [InlineData(Functional)]
    [InlineData(Codeforces)]
    public void WithoutASandbox_ReadingSaysSo(string line)
    {
        using var file = new TextFile(".jsonl", line);
        Assert.Contains("needs a sandbox", Assert.Throws<BenchmarkException>(() => BenchmarkFile.Read(file.Path)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void FailedGrader_IsNoVerdictOnTheProgram_AndNoProgramIsWrong()
    {
        using var file = new TextFile(".jsonl", Mbpp);
        BenchmarkFile benchmark = BenchmarkFile.Read(file.Path, null, 0, (_, _, _, _) => throw new SandboxException("no namespace"));
        Verdict failed = benchmark.Grade(benchmark.Problems[0], new ParsedResponse("", "```python\nx = 1\n```", true));
        Assert.Equal(new Verdict(Outcome.Failed, "x = 1", "no namespace"), failed);
        Assert.Null(failed.Score);
        Assert.Equal(Outcome.Wrong, benchmark.Grade(benchmark.Problems[0], new ParsedResponse("", "", true)).Outcome);
    }

    [Theory]
    [InlineData("humaneval", """{"task_id": "T", "prompt": "def g(x):", "entry_point": "f", "test": "def check(candidate): pass"}""", "does not begin the function 'f'")]
    [InlineData("humaneval", """{"task_id": "T", "prompt": "def f(x):", "entry_point": "f; import os", "test": "def check(candidate): pass"}""", "a function's name is expected")]
    [InlineData("humaneval", """{"task_id": "T", "prompt": "def f(x):", "entry_point": "f", "test": "assert f(1)"}""", "no function check")]
    [InlineData("mbpp", """{"text": "T", "code": "def f(x): pass", "test_list": ["assert g(1)"]}""", "calls no function that \"code\" defines (f)")]
    [InlineData("mbpp", """{"text": "T", "code": "def f(x): pass", "test_list": []}""", "\"test_list\" is empty")]
    [InlineData("livecodebench", """{"question_content": "Q", "public_test_cases": "[]", "private_test_cases": "[]"}""", "there is no test")]
    [InlineData("livecodebench", """{"question_content": "Q", "public_test_cases": "[{]", "private_test_cases": "[]"}""", "\"public_test_cases\": not valid JSON")]
    [InlineData("livecodebench", """{"question_content": "Q", "public_test_cases": "[]", "private_test_cases": "[{\"input\": 1, \"output\": \"\"}]"}""", "\"input\" must be a text, not 1")]
    [InlineData("livecodebench", """{"question_content": "Q", "public_test_cases": "[]", "private_test_cases": "x?"}""", "neither a JSON list nor base64")]
    [InlineData("livecodebench", """{"question_content": "Q", "public_test_cases": "[]", "private_test_cases": "AAAA"}""", "not of a pickled string compressed by zlib")]
    [InlineData("livecodebench", """{"question_content": "Q", "public_test_cases": "[]", "private_test_cases": "eJxrYJkqzwABPRxJpZk5JZl5xVN6WAuKMvNKpkye0sOUkTmldUrQFD0A/+0OZA=="}""", "the opcode 0x8C")]
    [InlineData("livecodebench", """{"question_content": "Q", "public_test_cases": "[]", "private_test_cases": "[{\"input\": \"\", \"output\": \"\"}]", "contest_date": "soon"}""", "\"contest_date\" must be a date")]
    [InlineData("codeforces", """{"description": "D", "input_format": "", "output_format": "", "examples": [{"input": "1"}], "official_tests": []}""", "\"examples\" must have the texts")]
    [InlineData("codeforces", """{"description": "D", "input_format": "", "output_format": "", "examples": [{"input": "1", "output": "1"}], "official_tests": [], "time_limit": -1}""", "\"time_limit\" must be above 0")]
    public void BrokenRecord_IsNamedByFileAndLine(string format, string line, string fault)
    {
        using var file = new TextFile(".jsonl", "\n" + line);
        BenchmarkException error = Assert.Throws<BenchmarkException>(() => BenchmarkFile.Read(file.Path, format, 0, Never));
        Assert.StartsWith($"{file.Path}, line 2", error.Message, StringComparison.Ordinal);
        Assert.Contains(fault, error.Message, StringComparison.Ordinal);
    }

    [SandboxTheory]
    [InlineData(HumanEval, "def root(x):\n    return sqrt(twice(x))", "def root(x):\n    return x")]
    [InlineData(HumanEval, "    return sqrt(twice(x))", "    return x + 1")]
    [InlineData(Mbpp, "def add_all(a, b):\n    return a + b", "def add_all(a, b):\n    return a - b")]
    [InlineData(Stdin, "print(sum(map(int, input().split())))", "print(2)")]
    [InlineData(Functional, "class Solution:\n    def add(self, a: List[int], b: int) -> int:\n        return sum(a) + b", "class Solution:\n    def add(self, a, b):\n        return 6")]
    [InlineData(Codeforces, "print(sum(map(int, input().split())))", "print(3)")]
    public void InTheSandbox_RightProgramsPassAndWrongOnesDoNot(string line, string right, string wrong)
    {
        using var file = new TextFile(".jsonl", line.Replace("HIDDEN", Hidden, StringComparison.Ordinal));
        using var grader = new CodeGrader();
        BenchmarkFile benchmark = BenchmarkFile.Read(file.Path, code: grader);
        Assert.Equal(Outcome.Right, benchmark.Grade(benchmark.Problems[0], new ParsedResponse("", $"```python\n{right}\n```", true)).Outcome);
        Verdict failed = benchmark.Grade(benchmark.Problems[0], new ParsedResponse("", $"```python\n{wrong}\n```", true));
        Assert.Equal(Outcome.Wrong, failed.Outcome);
        Assert.Equal(["compiles", "runs", "testsPassed"], failed.Parts.Select(part => part.Name));
    }

    static CodeReport Never(ProgramLanguage language, string program, CodeTests tests, TimeSpan? time) => throw new InvalidOperationException("Nothing is graded here.");

    static (string? Program, CodeTests? Tests, BenchmarkFile Benchmark) Grade(string line, string name, string response)
    {
        string? graded = null;
        CodeTests? seen = null;
        using var file = new TextFile(".jsonl", line);
        BenchmarkFile benchmark = BenchmarkFile.Read(file.Path, null, 0, (language, program, tests, _) =>
        {
            Assert.Equal(ProgramLanguage.Python, language);
            (graded, seen) = (program, tests);
            return new CodeReport(true, true, 1, 2, "a reason");
        });
        Assert.Equal(name, benchmark.Name);
        Verdict verdict = benchmark.Grade(benchmark.Problems[0], new ParsedResponse("", response, true));
        Assert.Equal((Outcome.Wrong, "a reason"), (verdict.Outcome, verdict.Reason));
        return (graded, seen, benchmark);
    }
}
