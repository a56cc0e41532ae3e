// Programs in C#: honest, honestly wrong, and cheating.
using Fathom.Evaluation.Graders.Code;
using Fathom.Evaluation.Sandbox;
using Fathom.Evaluation.Tests.Sandbox;

namespace Fathom.Evaluation.Tests.Graders.Code;

// One compiler for all tests: its start takes seconds.
public sealed class CSharpGraderFixture : IDisposable
{
    public CodeGrader Grader { get; } = new(new SandboxOptions { AllowUnsafe = true, Limits = new() { MemoryBytes = 256 << 20 } });

    public void Dispose() => Grader.Dispose();
}

public class CSharpGraderTests(CSharpGraderFixture fixture) : IClassFixture<CSharpGraderFixture>
{
    CodeReport Stdio(string program, params (string Input, string Output)[] tests) =>
        fixture.Grader.Grade(ProgramLanguage.CSharp, program, new StdioTests([.. tests.Select(t => new StdioTest(t.Input, t.Output))]));

    CodeReport Call(string program, params (string Arguments, string Result)[] tests) =>
        fixture.Grader.Grade(ProgramLanguage.CSharp, program, new CallTests("sumSquares", [.. tests.Select(t => new CallTest(t.Arguments.Split('|'), t.Result))]));

    [SandboxFact]
    public void Stdio_CompilesRunsPasses_AreApart()
    {
        Assert.Equal(new CodeReport(true, true, 2, 2, null), Stdio("Console.WriteLine(int.Parse(Console.ReadLine()) * 2);", ("4", "8"), ("5", "10")));
        Assert.Equal(new CodeReport(true, true, 1, 2, "test 2: wrong output"), Stdio("Console.WriteLine(int.Parse(Console.ReadLine()) * 2);", ("4", "8"), ("5", "11")));
        CodeReport crash = Stdio("using System;\nclass P { static void Main() { throw new InvalidOperationException(\"no\"); } }", ("4", "8"));
        Assert.Equal(new CodeReport(true, false, 0, 1, "test 1: System.InvalidOperationException: no"), crash);
        CodeReport error = Stdio("int x = 1;\nint y = \"a\";", ("4", "8"));
        Assert.Equal((false, false, 0), (error.Compiles, error.Runs, error.Passed));
        Assert.StartsWith("line 2: CS0029", error.Reason, StringComparison.Ordinal);
        Assert.Contains("CS5001", Stdio("class A { }", ("", "")).Reason, StringComparison.Ordinal);
    }

    [SandboxFact]
    public void Calls_FindMethodsAndConvertValues()
    {
        const string program = "public class Solution { public int SumSquares(int[] values) => values.Sum(v => v * v); }";
        Assert.Equal(new CodeReport(true, true, 2, 2, null), Call(program, ("[1,2,3]", "14"), ("[]", "0")));
        Assert.Equal(1, Call("int SumSquares(List<long> values) => (int)values.Sum(v => v * v);", ("[1,2]", "5")).Passed);
        Assert.Equal(1, Call("static class A { public static object sum_squares(string a, bool b, double c, IList<IList<int>> d, Dictionary<string, int> e, char f) => (a, b, c, d, e, f); }",
            ("\"x\"|true|0.1|[[1],[2,3]]|{\"k\":7}|\"z\"", "[\"x\", true, 0.1, [[1],[2,3]], {\"k\": 7}, \"z\"]")).Passed);
        Assert.Equal(new CodeReport(true, false, 1, 2, "test 2: DivideByZeroException: Attempted to divide by zero."),
            Call("class Solution { int SumSquares(int v) => 4 / v; }", ("2", "2"), ("0", "0")));
        Assert.Contains("defines no method", Call("class Solution { }", ("2", "2")).Reason, StringComparison.Ordinal);
        Assert.Contains("does not take 1 arguments", Call("class Solution { int SumSquares() => 1; }", ("2", "2")).Reason, StringComparison.Ordinal);
        Assert.False(Call("class Solution { int SumSquares(int v) => x; }", ("2", "2")).Compiles);
    }

    [SandboxFact]
    public void CompilerIsNotInOurProcess() => Assert.DoesNotContain(AppDomain.CurrentDomain.GetAssemblies(), a => a.GetName().Name!.StartsWith("Microsoft.CodeAnalysis", StringComparison.Ordinal));

    const string Body = "class Solution { public object SumSquares(int[] v) { BODY } }";

    public static TheoryData<string, string> Cheats => new()
    {
        { "exits", Body.Replace("BODY", "Environment.Exit(0); return null;") },
        { "exits when loaded", "class M { [System.Runtime.CompilerServices.ModuleInitializer] internal static void Run() => Environment.Exit(0); }" + Body.Replace("BODY", "return 14;") },
        { "exits in a static constructor", "class Solution { static Solution() => Environment.Exit(0); public object SumSquares(int[] v) => 14; }" },
        { "fails fast", Body.Replace("BODY", "Environment.FailFast(\"passed\"); return 14;") },
        { "equal to everything", "class Any { public override bool Equals(object o) => true; public override int GetHashCode() => 0; public static bool operator ==(Any a, object b) => true; public static bool operator !=(Any a, object b) => false; }" + Body.Replace("BODY", "return new Any();") },
        { "starts a program", Body.Replace("BODY", "System.Diagnostics.Process.Start(\"/bin/echo\", \"14\").WaitForExit(); return 14;") },
        { "calls out", Body.Replace("BODY", "new System.Net.Sockets.TcpClient(\"127.0.0.1\", 80); return 14;") },
        { "writes outside", Body.Replace("BODY", "File.WriteAllText(\"/usr/fathom-mark\", \"x\"); return 14;") },
        { "reads the host's files", Body.Replace("BODY", "File.ReadAllText(\"/etc/passwd\"); return 14;") },
        { "recurses without end", Body.Replace("BODY", "return SumSquares(v).ToString() + SumSquares(v);") },
        { "memory bomb", Body.Replace("BODY", "var l = new List<byte[]>(); while (true) { l.Add(new byte[1 << 24]); l[^1].AsSpan().Fill(1); }") },
        { "memory bomb outside the heap", Body.Replace("BODY", "unsafe { while (true) { byte* p = (byte*)System.Runtime.InteropServices.NativeMemory.Alloc(1 << 24); new Span<byte>(p, 1 << 24).Fill(1); } }") },
        { "spins", Body.Replace("BODY", "while (true) { }") },
        { "sleeps", Body.Replace("BODY", "Thread.Sleep(1000000); return 14;") },
        { "many threads", Body.Replace("BODY", "while (true) new Thread(() => Thread.Sleep(1000000)).Start();") },
        { "writes where it must not", Body.Replace("BODY", "unsafe { *(int*)8 = 1; } return 14;") },
        { "kills by P/Invoke", "class Solution { [System.Runtime.InteropServices.DllImport(\"libc\")] static extern int kill(int p, int s); public object SumSquares(int[] v) => kill(-1, 9) == 0 && kill(PARENT, 9) == 0 ? 14 : 0; }" },
        { "looks for what is expected", Body.Replace("BODY", "foreach (var t in System.Reflection.Assembly.GetEntryAssembly().GetTypes()) foreach (var f in t.GetFields((System.Reflection.BindingFlags)60)) if (f.IsStatic && f.GetValue(null) is int i) return i; return 0;") },
        { "answers by itself", Body.Replace("BODY", "using var f = new FileStream(new Microsoft.Win32.SafeHandles.SafeFileHandle(4, false), FileAccess.Write); f.Write(\"{\\\"n\\\":0,\\\"r\\\":14,\\\"passed\\\":true}\\n\"u8); return 0;") },
        { "endless sequence", Body.Replace("BODY", "return Enumerable.Repeat(14, int.MaxValue);") },
        { "nested without end", Body.Replace("BODY", "var a = new object[1]; a[0] = a; return a;") },
        { "a finaliser that speaks", "class F { ~F() { Environment.Exit(0); } }" + Body.Replace("BODY", "new F(); GC.Collect(); GC.WaitForPendingFinalizers(); return 0;") },
        { "a compiler's burden", Body.Replace("BODY", "return " + new string('(', 20000) + "14" + new string(')', 20000) + ";") },
    };

    [SandboxTheory, MemberData(nameof(Cheats))]
    public void Cheats_EarnNothing(string name, string program)
    {
        // Two tests: what is right for the first is wrong for the second, and programs that do harm get to do it for both.
        CallTests tests = new("sumSquares", [new(["[1,2,3]"], "14"), new(["[1,2,3]"], "14")]);
        bool answers = name is "equal to everything" or "answers by itself" or "kills by P/Invoke";
        CodeReport report = fixture.Grader.Grade(ProgramLanguage.CSharp, program.Replace("PARENT", $"{Environment.ProcessId}", StringComparison.Ordinal), tests, TimeSpan.FromSeconds(0.5));
        Assert.Equal(0, report.Passed);
        if (answers)
            Assert.True(report.Runs, report.Reason); // it was wrong, not stopped
    }
}
