# Runs trusted tests against a function that lives in another process. Requests: first {"setup", "function", "names", "tests"}, answered with
# {"ready"}; then {"n": nonce, "test": index} for each test, -1 for the preparation, answered with {"n", "passed", "reason", "failed"}. In between,
# a call is sent out as {"n", "ask": request} and its answer comes in as {"r"} or {"e"} or {"gone"}.


class Gone(BaseException):
    """The program's process has ended; no test may catch this."""


class Untransferable(BaseException):
    """A test gives the function something that cannot be sent: the fault is not the program's."""


class Remote:
    """Something that the program made and that is not plain data. Equal to itself only."""

    def __init__(self, ask, index):
        object.__setattr__(self, "_ask", ask)
        object.__setattr__(self, "_index", index)

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return self._ask({"object": self._index, "do": "get", "name": name})

    def __setattr__(self, name, value):
        self._ask({"object": self._index, "do": "set", "name": name}, value=value)

    def __call__(self, *arguments, **named):
        return self._ask({"object": self._index, "do": "call"}, arguments, named)


def update(old, new):
    """Makes an argument what the function made of it."""
    if type(old) is not type(new):
        return
    if isinstance(old, (list, bytearray)):
        kept = list(old)
        old[:] = new
        if isinstance(old, list) and len(kept) == len(new):
            for index, (before, after) in enumerate(zip(kept, new)):
                if isinstance(before, (list, dict, set)) and type(before) is type(after):
                    update(before, after)
                    old[index] = before
    elif isinstance(old, dict):
        old.clear()
        old.update(new)
    elif isinstance(old, set):
        old.clear()
        old.update(new)


def raise_as_program(name, text, arguments):
    """Raises the built-in exception of that name. Those that steer the language instead of reporting an error become a RuntimeError."""
    kind = getattr(builtins, name, None)
    if not (isinstance(kind, type) and issubclass(kind, Exception)) or issubclass(kind, (StopIteration, StopAsyncIteration)):
        kind = RuntimeError
    try:
        error = kind(*arguments)
    except TypeError:
        error = RuntimeError(text)
    raise error


def judge():
    channel = Channel()
    nonce = None
    remotes = {}

    def remote(kind, index):
        if index not in remotes:
            remotes[index] = Remote(ask, index)
        return remotes[index]

    def refuse(value):
        if isinstance(value, Remote):
            return {"t": "object", "v": value._index}
        raise Untransferable(f"a test passes a value of type {type(value).__name__}, which cannot be sent to the program")

    def ask(request, arguments=(), named=None, value=None):
        try:
            request["a"] = [encode(argument, refuse) for argument in arguments]
            request["k"] = {name: encode(argument, refuse) for name, argument in (named or {}).items()}
            request["value"] = encode(value, refuse)
        except NotPlain as error:
            raise Untransferable(f"a test passes {error}") from None
        request["m"] = any(isinstance(argument, (list, dict, set, bytearray)) for argument in arguments)
        channel.send({"n": nonce, "ask": request})
        answer = channel.receive()
        if "gone" in answer:
            raise Gone(answer["gone"])
        if "e" in answer:
            name, text, arguments = answer["e"]
            raise_as_program(name, text, [decode(argument, remote) for argument in arguments])
        for old, new in zip(arguments, answer.get("a", [])):
            update(old, decode(new, remote))
        return decode(answer["r"], remote)

    def stand_in(name):
        def call(*arguments, **named):
            return ask({"call": name}, arguments, named)

        call.__name__ = name
        return call

    first = channel.receive()
    codes = [compile(test, f"test {index + 1}", "exec", dont_inherit=True) for index, test in enumerate(first["tests"])]
    namespace = {"__name__": "tests", "__builtins__": builtins}
    own = [first["function"], *first["names"]]
    for code in codes:
        namespace.update(offered(code))
    setup = compile(first["setup"], "setup", "exec", dont_inherit=True)

    def prepare():
        for name in own:
            if name not in namespace and not hasattr(builtins, name):
                namespace[name] = stand_in(name)
        exec(setup, namespace)
        namespace[first["function"]] = stand_in(first["function"])

    channel.send({"ready": True})
    while True:
        request = channel.receive()
        nonce = request["n"]
        verdict = {"passed": True, "reason": None}
        try:
            if request["test"] < 0:
                remotes.clear()
                prepare()
            else:
                exec(codes[request["test"]], namespace)
        except Untransferable as error:
            verdict = {"passed": False, "reason": str(error), "failed": True}
        except BaseException as error:
            verdict = {"passed": False, "reason": describe(error).decode()}
        channel.send({"n": nonce, **verdict})


judge()
