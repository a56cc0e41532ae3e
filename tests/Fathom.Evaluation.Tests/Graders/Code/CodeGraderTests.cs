// Honest programs, and programs that are honestly wrong. Those that cheat are in CheatCorpusTests.
using Fathom.Evaluation.Graders;
using Fathom.Evaluation.Graders.Code;
using Fathom.Evaluation.Sandbox;
using Fathom.Evaluation.Tests.Sandbox;

namespace Fathom.Evaluation.Tests.Graders.Code;

public sealed class CodeGraderTests : IDisposable
{
    readonly CodeGrader _grader = new(new SandboxOptions { AllowUnsafe = true });

    public void Dispose() => _grader.Dispose();

    CodeReport Stdio(string program, params (string Input, string Output)[] tests) =>
        _grader.Grade(ProgramLanguage.Python, program, new StdioTests([.. tests.Select(t => new StdioTest(t.Input, t.Output))]));

    CodeReport Call(string program, params (string Arguments, string Result)[] tests) =>
        _grader.Grade(ProgramLanguage.Python, program, new CallTests("f", [.. tests.Select(t => new CallTest(t.Arguments.Split('|'), t.Result))]));

    CodeReport Asserts(string program, string setup, params string[] tests) =>
        _grader.Grade(ProgramLanguage.Python, program, new AssertTests(setup, "f", tests));

    [SandboxFact]
    public void Stdio_CompilesRunsPasses_AreApart()
    {
        Assert.Equal(new CodeReport(true, true, 2, 2, null), Stdio("print(int(input()) * 2)", ("4", "8"), ("5", "10.0")));
        Assert.Equal(new CodeReport(true, true, 1, 2, "test 2: wrong output"), Stdio("print(int(input()) * 2)", ("4", "8"), ("5", "11")));
        Assert.Equal(new CodeReport(true, false, 1, 2, "test 2: ValueError: invalid literal for int() with base 10: 'x'"),
            Stdio("print(int(input()) * 2)", ("4", "8"), ("x", "11")));
        Assert.Equal(new CodeReport(false, false, 0, 2, "SyntaxError: '(' was never closed (line 2)"), Stdio("\nprint(int(input()) * 2", ("4", "8"), ("5", "10")));
    }

    [SandboxFact]
    public void Stdio_ProgramsFindWhatContestsGive()
    {
        Assert.Equal(1, Stdio("import sys\ndef main():\n    print(sum(map(int, sys.stdin.read().split())))\nif __name__ == '__main__':\n    main()", ("1 2\n3", "6")).Passed);
        Assert.Equal(1, Stdio("print(1)\nexit()\nprint(2)", ("", "1")).Passed);
        Assert.Equal(1, Stdio("d = defaultdict(list)\nd[1].append(gcd(12, 18))\nprint(d[1][0], list(accumulate([1, 2])))", ("", "6 [1, 3]")).Passed);
        Assert.Equal(1, Stdio("from dataclasses import dataclass\n@dataclass\nclass P:\n    x: int\nprint(P(3))", ("", "P(x=3)")).Passed);
        Assert.Equal(1, Stdio("def depth(n): return n and depth(n - 1) + 1\nprint(depth(20000))", ("", "20000")).Passed);
        Assert.Equal(1, Stdio("open('notes', 'w').write('kept')\nprint(open('notes').read())", ("", "kept")).Passed);
        Assert.Equal(1, Stdio("import threading\nt = threading.Thread(target=lambda: print(5))\nt.start(); t.join()", ("", "5")).Passed);
        Assert.Equal(1, Stdio("print('Ω' + input())", ("é", "Ωé")).Passed);
    }

    [SandboxFact]
    public void Calls_FindFunctionsAndMethods()
    {
        Assert.Equal(new CodeReport(true, true, 2, 2, null), Call("def f(a, b):\n    return a + len(b)", ("1|[1,2]", "3"), ("0|[]", "0")));
        Assert.Equal(new CodeReport(true, true, 2, 2, null),
            Call("class Solution:\n    def __init__(self): self.seen = []\n    def f(self, x: List[int]) -> int:\n        self.seen += x\n        return sum(self.seen)", ("[1,2]", "3"), ("[4]", "4")));
        Assert.Equal(new CodeReport(true, false, 0, 1, "test 1: NameError: the program defines no function f"), Call("def g(a): return a", ("1", "1")));
        Assert.Equal(new CodeReport(true, false, 0, 2, "ZeroDivisionError: division by zero"), Call("1 / 0\ndef f(a): return a", ("1", "1"), ("2", "2")));
        Assert.Equal(new CodeReport(true, false, 1, 2, "test 2: ValueError: max() iterable argument is empty"),
            Call("def f(a):\n    if not a: raise ValueError('max() iterable argument is empty')\n    return max(a)", ("[1]", "1"), ("[]", "0")));
        Assert.False(Call("def f(a):", ("1", "1")).Compiles);
    }

    [SandboxTheory]
    [InlineData("[1, 2]", "(1, 2)", true)]
    [InlineData("[[1, 2], [3]]", "[(1, 2), [3]]", true)]
    [InlineData("1", "1.0", true)]
    [InlineData("1.0", "1", true)]
    [InlineData("true", "True", true)]
    [InlineData("true", "1", true)]
    [InlineData("2", "True", false)]
    [InlineData("0.3", "0.1 + 0.2", false)]
    [InlineData("0.5", "1 / 2", true)]
    [InlineData("\"ab\"", "'ab'", true)]
    [InlineData("\"1\"", "1", false)]
    [InlineData("null", "None", true)]
    [InlineData("null", "0", false)]
    [InlineData("[]", "None", false)]
    [InlineData("[]", "()", true)]
    [InlineData("[1]", "{1}", false)]
    [InlineData("{\"a\": [1]}", "{'a': (1,)}", true)]
    [InlineData("{\"1\": 2}", "{1: 2}", true)]
    [InlineData("{\"a\": 1}", "{'a': 1, 'b': 2}", false)]
    [InlineData("{\"a\": 1, \"b\": 2}", "Counter('abb')", true)]
    [InlineData("1267650600228229401496703205376", "2 ** 100", true)]
    [InlineData("-1267650600228229401496703205376", "-2 ** 100", true)]
    [InlineData("1267650600228229401496703205376", "2.0 ** 100", true)]
    [InlineData("1267650600228229401496703205377", "2.0 ** 100", false)]
    [InlineData("0", "float('nan')", false)]
    [InlineData("1e400", "float('inf')", false)]
    [InlineData("[1, 2]", "iter([1, 2])", false)]
    [InlineData("\"\\u00e9\"", "'\\xe9'", true)]
    [InlineData("\"a\"", "'\\ud800'", false)]
    public void Calls_CompareAsPythonDoes(string expected, string expression, bool same) =>
        Assert.Equal(same ? 1 : 0, Call($"def f(a):\n    return {expression}", ("0", expected)).Passed);

    [SandboxFact]
    public void Arguments_ArriveAsJsonSays() => Assert.Equal(1, Call(
        "def f(*a):\n    return repr(a)", ("1|-2.5|\"x\\ny\"|[true,null]|{\"k\":{\"l\":[]}}|100000000000000000000", "\"(1, -2.5, 'x\\\\ny', [True, None], {'k': {'l': []}}, 100000000000000000000)\"")).Passed);

    [SandboxFact]
    public void Asserts_RunBesideTheProgram()
    {
        Assert.Equal(new CodeReport(true, true, 3, 3, null), Asserts("def f(a, b):\n    return (a, b)", "def twice(x): return 2 * x",
            "assert f(1, [2]) == (1, [2])", "assert f(twice(2), b='x')[0] == 4", "def check(candidate):\n    assert candidate(None, {1}) == (None, {1})\ncheck(f)"));
        Assert.Equal(new CodeReport(true, true, 1, 2, "test 2: AssertionError: two"), Asserts("def f(a):\n    return a", "", "assert f(1) == 1", "assert f(2) == 3, 'two'"));
        Assert.Equal(new CodeReport(true, false, 1, 2, "test 1: IndexError: list index out of range"), Asserts("def f(a):\n    return a[0]", "", "assert f([]) == 1", "assert f([7]) == 7"));
        Assert.Equal(2, Asserts("def f(a):\n    raise ValueError('no')", "", "try:\n    f(1)\n    assert False\nexcept ValueError as e:\n    assert str(e) == 'no'", "f").Passed);
    }

    [SandboxFact]
    public void Asserts_SeeEveryPlainValue_AsItIs()
    {
        string[] values =
        [
            "None", "True", "-7", "2 ** 200", "-2 ** 70", "1.5", "float('inf')", "complex(1, -2)", "'Ωx\\n'", "b'\\x00\\xff'", "bytearray(b'ab')", "[1, [2, (3,)]]", "()",
            "{'a': 1, (1, 2): [3]}", "{1, 'b'}", "frozenset({2})", "range(1, 9, 2)", "'\\ud800'",
        ];
        string[] tests = [.. values.Select(v => $"assert f({v}) == {v} and type(f({v})) is type({v})")];
        Assert.Equal(new CodeReport(true, true, values.Length + 2, values.Length + 2, null),
            Asserts("def f(a):\n    return a", "", [.. tests, "x = f(float('nan'))\nassert x != x", "import math\nassert math.copysign(1, f(-0.0)) == -1"]));
    }

    [SandboxFact]
    public void Asserts_SeeChangedArguments_IteratorsAndObjects()
    {
        CodeReport report = Asserts("""
            def f(a, b=None):
                a[0].sort()
                a[1] += 1
                if b is not None: b.clear()
                return (x * x for x in range(3))
            class Node:
                def __init__(self, value):
                    self.value, self.next = value, None
                def total(self):
                    return self.value + (self.next.total() if self.next else 0)
            """, "", "x = [[2, 1], 3]\ny = x[0]\nb = {1: 2}\nassert list(f(x, b)) == [0, 1, 4]\nassert x == [[1, 2], 4] and y == [1, 2] and b == {}",
            "n = Node(5)\nn.next = Node(6)\nassert n.total() == 11 and n.next.value == 6 and n.next.next is None");
        Assert.Equal(new CodeReport(true, true, 2, 2, null), report);
        Assert.Equal(1, Asserts("def f(a, kind):\n    return [x for x in a if type(x) is not kind]", "", "assert f([1, 2.5], int) == [2.5]").Passed);
    }

    [SandboxFact]
    public void Preparation_MayMakeWhatTheProgramDefines_AlsoAfterItDied()
    {
        const string node = "import os\nclass Node:\n    def __init__(self, value):\n        self.value = value\ndef f(node):\n    if node.value == 2: os._exit(0)\n    return node.value\n";
        Assert.Equal(new CodeReport(true, false, 2, 3, "test 2: ended with exit code 0"),
            Asserts(node, "root = Node(1)\nother = Node(2)", "assert f(root) == 1", "assert f(other) == 2", "assert f(root) == 1"));
        Assert.Equal(new CodeReport(true, false, 0, 1, "test 1: preparation: NameError: name 'Node' is not defined"),
            Asserts("def f(node): return 1", "root = Node(1)", "assert f(root) == 1"));
        Assert.Equal(new CodeReport(true, false, 0, 1, "test 1: preparation: ValueError: no"),
            Asserts("class Node:\n    def __init__(self, v): raise ValueError('no')\ndef f(node): return 1", "root = Node(1)", "assert f(root) == 1"));
    }

    [SandboxFact]
    public void Tests_ThatCannotRun_AreNoScore()
    {
        Assert.Throws<SandboxException>(() => Asserts("def f(a): return a", "import no_such_module", "assert f(1) == 1"));
        Assert.Throws<SandboxException>(() => Asserts("def f(a): return a", "", "assert f(1) =="));
        SandboxException error = Assert.Throws<SandboxException>(() => Asserts("def f(a): return a(1)", "", "assert f(lambda x: x) == 1"));
        Assert.Contains("function", error.Message, StringComparison.Ordinal);
        Assert.Throws<SandboxException>(() => Call("def f(a): return a", ("1", "[")));
        Assert.Throws<ArgumentException>(() => _grader.Grade(ProgramLanguage.Python, "", new StdioTests([])));
        Assert.Throws<ArgumentException>(() => _grader.Grade(ProgramLanguage.CSharp, "", new AssertTests("", "f", ["assert True"])));
    }

    [SandboxFact]
    public void AProgramThatDies_IsStartedAnewForTheNextTest()
    {
        string program = "import os\ndef f(a):\n    if a == 2: os._exit(0)\n    return a";
        Assert.Equal(new CodeReport(true, false, 2, 3, "test 2: ended with exit code 0"), Call(program, ("1", "1"), ("2", "2"), ("3", "3")));
        Assert.Equal(new CodeReport(true, false, 2, 3, "test 2: ended with exit code 0"), Asserts(program, "", "assert f(1) == 1", "assert f(2) == 2", "assert f(3) == 3"));
    }

    [SandboxFact]
    public void TimeLimits_HoldPerTest_AndThreeOfThemAreEnough()
    {
        string program = "def f(a):\n    while a: pass\n    return a";
        CodeReport report = _grader.Grade(ProgramLanguage.Python, program, new CallTests("f", [.. Enumerable.Range(0, 6).Select(i => new CallTest([$"{i}"], $"{i}"))]),
            TimeSpan.FromSeconds(0.2));
        Assert.Equal(new CodeReport(true, false, 1, 6, "test 2: used more processor time than allowed"), report);

        // Each test has the whole limit for itself: together they take longer.
        string slow = "import time\ndef f(a):\n    end = time.process_time() + 0.2\n    while time.process_time() < end: pass\n    return a";
        Assert.Equal(5, _grader.Grade(ProgramLanguage.Python, slow, new CallTests("f", [.. Enumerable.Range(0, 5).Select(i => new CallTest([$"{i}"], $"{i}"))]),
            TimeSpan.FromSeconds(0.6)).Passed);
    }

    [Fact]
    public void Report_BecomesAVerdictWithItsThreeParts()
    {
        Verdict verdict = new CodeReport(true, false, 1, 4, "why").ToVerdict("program");
        Assert.Equal((Outcome.Wrong, "program", "why"), (verdict.Outcome, verdict.Answer, verdict.Reason));
        Assert.Equal([("compiles", 1.0), ("runs", 0.0), ("testsPassed", 0.25)], verdict.Parts.Select(p => (p.Name, p.Value)));
        Assert.Equal(Outcome.Right, new CodeReport(true, true, 4, 4, null).ToVerdict("program").Outcome);
    }

    [SandboxFact]
    public void AHundredPrograms_FourAtATime_AllPass()
    {
        int passed = 0;
        Parallel.For(0, 100, new ParallelOptions { MaxDegreeOfParallelism = 4 }, i =>
        {
            if (Stdio("n = int(input())\nprint(sum(i * i for i in range(n)))", ("100", "328350")).Passed == 1)
                Interlocked.Increment(ref passed);
        });
        Assert.Equal(100, passed);
    }
}
