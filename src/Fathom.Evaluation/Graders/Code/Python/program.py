# Runs a program that reads standard input and writes standard output, as if it had been started by itself.
# Descriptor 3 gives a nonce on one line and then the program; descriptor 4 takes the nonce and what came of compiling it.
# Both are closed before the first line of the program runs, so it can neither read nor write what is said here.
import builtins
import os
import sys


def start():
    with open(3, "rb") as requests:
        nonce = requests.readline().strip()
        source = requests.read()
    try:
        code = compile(source, "program.py", "exec", dont_inherit=True)
    except BaseException as error:
        report = b" error " + describe(error)
        code = None
    else:
        report = b" compiled"
    with open(4, "wb") as responses:
        responses.write(nonce + report + b"\n")
    if code is None:
        sys.exit(0)

    main = type(sys)("__main__")
    main.__dict__.update(offered(code), __builtins__=builtins, __file__="program.py")
    sys.modules["__main__"] = main
    sys.argv = ["program.py"]
    return code, main.__dict__


code, namespace = start()
exec(code, namespace)
