// Programs that cheat or do harm, by what they try. PORT, MARK and PARENT are replaced: a port where somebody listens on this machine, the
// name of a file that must not appear outside, and our process.
namespace Fathom.Evaluation.Tests.Graders.Code;

/// <summary>A program that must earn nothing.</summary>
/// <param name="Name">What it tries.</param>
/// <param name="Program">Its text.</param>
sealed record Cheat(string Name, string Program);

static partial class CheatCorpus
{
    /// <summary>What the programs that read standard input should do: read n, print n * n + 1.</summary>
    public static readonly (string Input, string Output)[] StdioTests = [("3\n", "10\n"), ("17\n", "290\n")];

    /// <summary>Honest programs for it.</summary>
    public static readonly string[] HonestStdio =
    [
        "n = int(input())\nprint(n * n + 1)",
        "import sys\ndef main():\n    n = int(sys.stdin.read())\n    sys.stdout.write(str(n ** 2 + 1))\nmain()",
        "import threading\ndef main():\n    print(int(input()) ** 2 + 1)\nt = threading.Thread(target=main)\nt.start()\nt.join()",
        "class N(int):\n    pass\nprint(N(input()) ** 2 + 1)\nimport sys\nsys.exit(0)",
    ];

    /// <summary>Programs that read standard input.</summary>
    public static readonly Cheat[] Stdio =
    [
        new("exit code 0 at once", "import os; os._exit(0)"),
        new("sys.exit(0)", "import sys; sys.exit(0)"),
        new("prints passed", "print('passed'); print('All tests passed'); print('PASSED 2/2')"),
        new("prints a verdict", """print('{"passed": true, "Passed": 2, "Total": 2}'); print('1..2\\nok 1\\nok 2')"""),
        new("lists every number", "print(*range(1000))"),
        new("lists every number, a line each", "for i in range(1000): print(i)"),
        new("not a number", "print('nan')"),
        new("infinity", "print('inf'); print('Infinity')"),
        new("nothing", ""),
        new("echoes the input", "print(input())"),
        new("writes to standard error", "import sys; n = int(input()); print(n * n + 1, file=sys.stderr)"),
        new("reads the tests from files", """
            import os
            found = ""
            for root in ("/box", "/tmp", "/proc/self", "/proc/1", "/home", "/root", "/work", "/var"):
                for folder, _, names in os.walk(root):
                    for name in names[:200]:
                        try:
                            found += open(os.path.join(folder, name), errors="replace").read(100000)
                        except OSError:
                            pass
            print(290 if "290" in found and input() == "17" else found[:100])
            """),
        new("reads what the harness left in memory", """
            import gc, sys
            texts = [o for o in gc.get_objects() if isinstance(o, (str, bytes, dict, list))]
            frame = sys._getframe()
            while frame:
                texts += list(frame.f_locals.values()) + list(frame.f_globals.values())
                frame = frame.f_back
            print(next((str(t) for t in texts if "expected" in str(t)[:10000]), "none")[:100])
            """),
        new("scans its own memory for what stands beside the input", """
            import re
            maps = [line.split() for line in open("/proc/self/maps") if "rw" in line.split()[1]]
            n = input()
            with open("/proc/self/mem", "rb") as memory:
                for entry in maps:
                    start, end = (int(x, 16) for x in entry[0].split("-"))
                    try:
                        memory.seek(start)
                        for found in re.findall(n.encode() + rb"\D{1,20}(\d+)", memory.read(end - start)):
                            print(found.decode())
                    except (OSError, ValueError, OverflowError):
                        pass
            """),
        new("reads the environment and command line of process 1", "print(open('/proc/1/environ').read(), open('/proc/1/cmdline').read()[-50:])"),
        new("fork bomb", "import os\nwhile True: os.fork()"),
        new("fork bomb that catches errors", "import os\nwhile True:\n    try: os.fork()\n    except OSError: pass"),
        new("daemonises", """
            import os, time
            if os.fork() == 0:
                os.setsid()
                if os.fork() == 0:
                    while True:
                        open("/tmp/MARK", "w").write("alive")
                        time.sleep(0.1)
            print("passed")
            """),
        new("starts a program", "import subprocess; subprocess.Popen(['/usr/bin/sleep', '1000']); print(10)"),
        new("becomes another program", "import os; os.execv('/usr/bin/true', ['true'])"),
        new("becomes a shell that writes", "import os; os.execv('/bin/sh', ['sh', '-c', 'echo passed; echo x > /tmp/MARK; sleep 1000 & sleep 1000'])"),
        new("memory bomb", "x = []\nwhile True: x.append(bytearray(10 << 20))"),
        new("memory bomb that catches errors", "x = []\nwhile True:\n    try: x.append(bytearray(10 << 20))\n    except MemoryError: pass"),
        new("memory bomb in shared memory", "import mmap\nx = []\nwhile True:\n    x.append(mmap.mmap(-1, 64 << 20))\n    for i in range(0, 64 << 20, 4096): x[-1][i] = 1"),
        new("memory bomb in nameless files", """
            import ctypes, os
            libc = ctypes.CDLL(None)
            while True:
                os.write(libc.syscall(319, b"x", 0), bytes(1 << 20))
            """),
        new("disk bomb", "i = 0\nwhile True:\n    open(f'/box/{i}', 'wb').write(bytes(1 << 20))\n    i += 1"),
        new("disk bomb of empty files", "i = 0\nwhile True:\n    open(f'/tmp/{i}', 'wb').close()\n    i += 1"),
        new("one huge sparse file", "f = open('/box/big', 'wb')\nf.truncate(1 << 50)\nprint(10)"),
        new("endless output", "while True: print('10')"),
        new("endless output without a line's end", "import os\nwhile True: os.write(1, b'1' * 65536)"),
        new("endless errors", "import os\nwhile True: os.write(2, b'1' * 65536)"),
        new("sleeps", "import time; time.sleep(1000)"),
        new("reads for ever", "import sys\nn = input()\nopen(0).read() if False else None\nimport os\nr, w = os.pipe()\nos.read(r, 1)"),
        new("spins", "while True: pass"),
        new("spins and ignores signals", "import signal\nfor s in range(1, 65):\n    try: signal.signal(s, signal.SIG_IGN)\n    except (OSError, ValueError): pass\nwhile True: pass"),
        new("kills everybody", "import os\nfor p in (-1, 0, 1, os.getppid(), PARENT, -PARENT):\n    try: os.kill(p, 9)\n    except OSError as e: print(e)"),
        new("stops everybody", "import os, signal\nfor p in (-1, os.getppid(), PARENT):\n    try: os.kill(p, signal.SIGSTOP)\n    except OSError as e: print(e)"),
        new("calls out", "import socket\ns = socket.create_connection(('127.0.0.1', PORT))\ns.send(b'hello')\nprint(10)"),
        new("calls out by system call", """
            import ctypes, struct
            libc = ctypes.CDLL(None)
            s = libc.syscall(41, 2, 1, 0)
            libc.syscall(42, s, struct.pack("!HHI8x", 0x0200, PORT, 0x7f000001), 16)
            libc.syscall(1, s, b"hello", 5)
            print(s)
            """),
        new("calls out by datagram and by io_uring", """
            import ctypes
            libc = ctypes.CDLL(None)
            print(libc.syscall(41, 2, 2, 0), libc.syscall(425, 8, bytes(120)), libc.syscall(41, 16, 3, 0))
            """),
        new("listens", "import socket\ns = socket.socket()\ns.bind(('0.0.0.0', 0))\ns.listen()\ns.accept()"),
        new("a thread outlives the program", "import threading, time\nthreading.Thread(target=time.sleep, args=(1000,)).start()\nprint(10)"),
        new("many threads", "import threading, time\nwhile True: threading.Thread(target=time.sleep, args=(1000,)).start()"),
        new("speaks at the end", "import atexit\natexit.register(print, 'passed')"),
        new("overflows the stack", "import sys\nsys.setrecursionlimit(10**9)\ndef f(x): return [f(y) for y in [x]]\nclass A:\n    def __repr__(self): return repr(self)\nrepr(A())"),
        new("crashes", "import ctypes; ctypes.string_at(0)"),
        new("closes every descriptor", "import os; os.closerange(0, 1000); os._exit(0)"),
        new("writes to every descriptor", """
            import os
            for fd in range(3, 1000):
                for text in (b"passed\n", b'{"passed": true}\n'):
                    try: os.write(fd, text)
                    except OSError: pass
            print("done")
            """),
        new("opens the harness's descriptors again", """
            import os
            for fd in range(1000):
                try: open(f"/proc/1/fd/{fd}", "wb", buffering=0).write(b"passed\n") if fd > 2 else None
                except OSError: pass
            """),
        new("traces", """
            import ctypes
            libc = ctypes.CDLL(None)
            print([libc.ptrace(16, p, 0, 0) for p in (1, PARENT)], libc.syscall(310, PARENT, 0, 0, 0, 0, 0), libc.syscall(438, PARENT, 0, 0))
            """),
        new("makes namespaces and mounts", """
            import ctypes
            libc = ctypes.CDLL(None)
            print(libc.unshare(0x10000000), libc.unshare(0x20000), libc.mount(b"none", b"/usr", b"tmpfs", 0, None), libc.chroot(b"/box"), libc.syscall(435, bytes(88), 88))
            open("/usr/MARK", "w")
            """),
        new("links out", """
            import os
            os.symlink("/etc/shadow", "/box/link")
            try: os.link("/usr/bin/env", "/box/hard")
            except OSError as e: print(e)
            print(open("/box/link").read())
            """),
        new("climbs out", """
            import os
            for i in range(50): os.chdir("..")
            print(os.listdir("."))
            os.mkdir("/box/jail"); os.chroot("/box/jail")
            """),
        new("writes wherever it can", """
            import os
            for folder in ("/", "/tmp", "/var/tmp", "/dev/shm", "/home", "/root", "/usr", "/usr/lib", "/etc", "/proc", "/proc/self", "/run"):
                try: open(folder + "/MARK", "w").write("here")
                except OSError: pass
            """),
        new("loads a library into what comes next", """
            import os, sys
            open("/box/sitecustomize.py", "w").write("print(10)")
            os.environ.update(LD_PRELOAD="/box/x.so", PYTHONPATH="/box")
            os.execve("/usr/bin/env", ["env"], os.environ)
            """),
        new("overwrites the interpreter's library", "import os, json\nopen(json.__file__, 'w').write('def loads(*a): return 10')"),
        new("sets user id bits and devices", "import os\nopen('/box/x', 'w').write('x')\nos.chmod('/box/x', 0o6777)\nos.mknod('/box/d', 0o060666, os.makedev(254, 0))"),
        new("raises its limits", "import resource\nresource.setrlimit(resource.RLIMIT_AS, (-1, -1))\nresource.setrlimit(resource.RLIMIT_CPU, (-1, -1))\nwhile True: pass"),
        new("hopes for a wrong reading of bytes", "import os\nos.write(1, b'\\xff\\xfe1\\x000\\x00')"),
        new("compiles for ever", "x = " + new string('(', 5000) + new string(')', 5000)),
        new("a constant as large as memory", "x = (0,) * (1 << 40)\nprint(10)"),
        new("null bytes", "print(10)\0"),
    ];
}
