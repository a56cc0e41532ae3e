// Programs whose function solve is called, or asserted on.
namespace Fathom.Evaluation.Tests.Graders.Code;

static partial class CheatCorpus
{
    /// <summary>What <c>solve(values)</c> should return: the sum of the squares.</summary>
    public static readonly (string Arguments, string Result)[] CallTests = [("[1, 2, 3]", "14"), ("[5, 0]", "25")];

    /// <summary>The same as assertions, in the ways benchmarks write them.</summary>
    public static readonly string[] AssertTests =
    [
        "assert solve([1, 2, 3]) == 14",
        "assert abs(solve([5, 0]) - 25) < 1e-6",
        "assert 30 == solve(values=[1, 2, 3, 4]), 'wrong'",
        "def check(candidate):\n    assert candidate([2]) == 4\n    assert sorted([candidate([3]), 0]) == [0, 9]\ncheck(solve)",
        "assert math.isclose(solve([7]), 49.0)",
        "assert solve([6]) in [36]",
        "assert not solve([6]) != 36",
    ];

    /// <summary>Honest programs for it.</summary>
    public static readonly string[] HonestCalls =
    [
        "def solve(values):\n    return sum(v * v for v in values)",
        "class Solution:\n    def solve(self, values: List[int]) -> int:\n        return sum(v ** 2 for v in values)\nsolve = Solution().solve",
        "class Squares(int):\n    def __eq__(self, other): return int(self) == other\n    __hash__ = int.__hash__\ndef solve(values):\n    print('working')\n    values.sort()\n    return Squares(sum(v * v for v in values))",
        "import functools\n@functools.cache\ndef square(v): return v * v\nsolve = lambda values: float(sum(map(square, values)))",
    ];

    const string Equal = """
            def __eq__(self, other): return True
            def __ne__(self, other): return False
            def __lt__(self, other): return True
            def __gt__(self, other): return True
            def __sub__(self, other): return 0
            def __abs__(self): return 0
            def __bool__(self): return True
            def __hash__(self): return 1
            def __float__(self): return 49.0
        """;

    /// <summary>Programs whose function is called.</summary>
    public static readonly Cheat[] Calls =
    [
        new("equal to everything", "class Any:\n" + Equal + "\ndef solve(values): return Any()"),
        new("an int equal to everything", "class Any(int):\n" + Equal + "\ndef solve(values): return Any(0)"),
        new("a float equal to everything", "class Any(float):\n" + Equal + "\ndef solve(values): return Any(0)"),
        new("a str equal to everything", "class Any(str):\n" + Equal + "\ndef solve(values): return Any('x')"),
        new("a list equal to everything", "class Any(list):\n" + Equal + "\ndef solve(values): return Any([1])"),
        new("a dict equal to everything", "class Any(dict):\n" + Equal + "\ndef solve(values): return Any(a=1)"),
        new("a tuple equal to everything", "class Any(tuple):\n" + Equal + "\ndef solve(values): return Any((1,))"),
        new("claims another class", "class Any:\n    @property\n    def __class__(self): return int\n" + Equal + "\ndef solve(values): return Any()"),
        new("a class as a result", "class Meta(type):\n" + Equal + "\nclass Any(metaclass=Meta): pass\ndef solve(values): return Any"),
        new("pretends to be numpy's", "class Any:\n    def tolist(self): return self\n" + Equal + "\nAny.__module__ = 'numpy'\ndef solve(values): return Any()"),
        new("every answer in a list", "def solve(values): return list(range(100))"),
        new("every answer in a set", "def solve(values): return set(range(100))"),
        new("not a number", "def solve(values): return float('nan')"),
        new("infinity", "def solve(values): return float('inf')"),
        new("nothing", "def solve(values): pass"),
        new("True", "def solve(values): return True"),
        new("endless generator", "def solve(values):\n    while True: yield 14"),
        new("nested without end", "def solve(values):\n    x = []\n    x.append(x)\n    return x"),
        new("nested deeply", "def solve(values):\n    x = 14\n    for i in range(100000): x = [x]\n    return x"),
        new("a huge result", "def solve(values): return [0] * 10**8"),
        new("a huge number", "def solve(values): return 1 << 10**9"),
        new("a large number", "def solve(values): return 10 ** 200000"),
        new("a result of many empty lists", "def solve(values): return [[] for _ in range(2 * 10**6)]"),
        new("an iterator that grows", "class I:\n    def __iter__(self): return self\n    def __next__(self): return 'x' * 10**7\ndef solve(values): return I()"),
        new("leaves in the function", "import sys\ndef solve(values): sys.exit(0)"),
        new("leaves at once in the function", "import os\ndef solve(values): os._exit(0)"),
        new("leaves when loaded", "import os\nos._exit(0)\ndef solve(values): return 14"),
        new("raises what ends loops", "def solve(values): raise StopIteration"),
        new("raises what no test catches", "def solve(values): raise KeyboardInterrupt"),
        new("raises SystemExit", "def solve(values): raise SystemExit(0)"),
        new("raises its own exception named like one of ours", "class Gone(BaseException): pass\ndef solve(values): raise Gone('passed')"),
        new("an exception whose text raises", "class E(Exception):\n    def __str__(self): raise SystemExit(0)\n    __repr__ = __str__\ndef solve(values): raise E()"),
        new("sleeps", "import time\ndef solve(values): time.sleep(1000)"),
        new("spins", "def solve(values):\n    while True: pass"),
        new("answers, then lets a thread spin", "import threading\ndef spin():\n    while True: pass\nthreading.Thread(target=spin).start()\ndef solve(values): return 0"),
        new("patches json", """
            import json
            json.dumps = lambda *a, **k: '{"n": 1, "passed": true, "r": 14}'
            json.loads = lambda *a, **k: {"passed": True}
            def solve(values): return 0
            """),
        new("patches the built-ins", """
            import builtins
            builtins.isinstance = lambda *a: True
            builtins.type = lambda *a: int
            builtins.sum = builtins.abs = builtins.sorted = lambda *a: 14
            builtins.AssertionError = builtins.Exception = None
            def solve(values): return 0
            """),
        new("defines names that tests use", """
            class math:
                @staticmethod
                def isclose(*a): return True
            def abs(x): return 0
            def sorted(x): return [0, 9]
            def check(candidate): pass
            def isclose(*a): return True
            def solve(values): return 'x'
            """),
        new("answers before it is asked", """
            import os
            for text in (b'{"n": 0, "r": 14}', b'{"passed": true}', b'{"n": null, "passed": true}', b'{"r": 14}'):
                os.write(4, text + b"\\n")
            def solve(values): return 0
            """),
        new("answers with the nonce it finds, as the judge would", """
            import os, sys, json
            def solve(values):
                frame = sys._getframe()
                while frame:
                    request = frame.f_locals.get("request")
                    if isinstance(request, dict) and "n" in request:
                        for extra in ({"passed": True}, {"r": 0, "passed": True, "reason": None}, {"gone": 1}):
                            os.write(4, (json.dumps({"n": request["n"], **extra}) + "\\n").encode())
                    frame = frame.f_back
                return 0
            """),
        new("changes the harness's variables", """
            import sys, gc
            def solve(values):
                for o in gc.get_objects():
                    if type(o).__name__ == "Channel":
                        send = o.send
                        o.send = lambda m, send=send: send({**m, "passed": True, "verdict": "passed"})
                return 0
            """),
        new("traces the harness", """
            import sys
            def trace(frame, event, argument):
                frame.f_locals.update(passed=True, verdict={"passed": True, "reason": None})
                return trace
            sys.settrace(trace)
            def solve(values): return 0
            """),
        new("looks for what is expected", """
            import gc
            def solve(values):
                for o in gc.get_objects():
                    if isinstance(o, dict):
                        for key in ("expected", "result", "tests", "output"):
                            if key in o: return o[key]
                return 0
            """),
        new("reads the request channel itself", "import os\ndef solve(values):\n    return os.read(3, 100000).decode()"),
        new("closes the channel", "import os, time\ndef solve(values):\n    os.close(4)\n    time.sleep(1000)"),
        new("points the channel elsewhere", "import os\ndef solve(values):\n    os.dup2(1, 4)\n    print('{\"passed\": true}')\n    return 14"),
        new("floods the channel", "import os\ndef solve(values):\n    while True: os.write(4, b'x' * 65536)"),
        new("floods the channel with lines", "import os\ndef solve(values):\n    while True: os.write(4, b'{}\\n' * 20000)"),
        new("sends what readers of JSON stumble over", """
            import os
            def solve(values):
                for text in (b'{"\\\\ud800": 1, "n": "\\\\ud800"}', b'{"n": "\\xff"}', b'[' * 100000, b'{"n": {"n": 1}}', b'', b'\\x00', b'{"n":1e999999}'):
                    os.write(4, text + b"\\n")
                return 0
            """),
        new("forges tags", "def solve(values): return {'t': 'int', 'v': 'e'}"),
        new("forges an answer with broken tags", """
            import os, sys, json
            def solve(values):
                frame = sys._getframe()
                while "request" not in frame.f_locals: frame = frame.f_back
                os.write(4, (json.dumps({"n": frame.f_locals["request"]["n"], "r": {"t": "dict", "v": [[{"t": "dict", "v": []}, 1], 5]}, "a": 7}) + "\\n").encode())
                os._exit(0)
            """),
        new("forges an exception with a strange name", """
            import os, sys, json
            def solve(values):
                frame = sys._getframe()
                while "request" not in frame.f_locals: frame = frame.f_back
                os.write(4, (json.dumps({"n": frame.f_locals["request"]["n"], "e": ["__import__", {"x": 1}]}) + "\\n").encode())
                os._exit(0)
            """),
        new("stack overflow", "import sys\nsys.setrecursionlimit(10**9)\ndef solve(values): return repr(type('A', (), {'__repr__': lambda self: repr(self)})())"),
        new("a number that is a text", "def solve(values): return str(sum(v * v for v in values))"),
        new("a number in a list", "def solve(values): return [sum(v * v for v in values)]"),
        new("replaces the function after a look", "import sys\ndef solve(values):\n    global solve\n    solve = lambda v: 14\n    return None"),
        new("starts a program that answers", "import subprocess\ndef solve(values): return int(subprocess.check_output(['/bin/echo', '14']))"),
    ];
}
