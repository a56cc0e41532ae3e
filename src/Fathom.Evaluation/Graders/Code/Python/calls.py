# Holds a program whose functions are called. A request {"n": nonce, ...} is answered with the same nonce. The requests:
#   "load": source              compiles, then runs the program's own statements; answers "compiled" first, then "names" it defines
#   "call": name, "a": [...]    calls a function (a method of class Solution first); answers "r" (or "e": type, text and arguments of an
#                               exception) and, asked by "m", the arguments afterwards
#   "object": id, "do": ...     gets or sets an attribute, or calls, something the program made that is not plain data
# The program shares this process and may change anything in it. That gains it nothing: no expected value ever comes here.


def serve():
    channel = Channel()
    objects = []
    namespace = {}

    def keep(value):
        for index, kept in enumerate(objects):
            if kept is value:
                return {"t": "object", "v": index}
        if len(objects) == 10_000:
            raise NotPlain("too many objects")
        objects.append(value)
        return {"t": "object", "v": len(objects) - 1}

    def kept(kind, index):
        return objects[index]

    def arguments_of(error):
        try:
            return [encode(argument, keep) for argument in error.args]
        except BaseException:
            return []

    def load(request):
        try:
            code = compile(request["load"], "program.py", "exec", dont_inherit=True)
        except BaseException as error:
            return {"error": describe(error).decode()}
        channel.send({"n": request["n"], "compiled": True})
        module = type(sys)("program")
        module.__dict__.update(offered(code), __builtins__=builtins, __file__="program.py")
        given = set(module.__dict__)
        sys.modules["program"] = module
        exec(code, module.__dict__)
        namespace.update(module.__dict__)
        return {"names": [name for name, value in namespace.items() if name not in given and not name.startswith("_") and callable(value)]}

    def find(name):
        solution = namespace.get("Solution")
        if isinstance(solution, type) and hasattr(solution, name):
            return getattr(solution(), name)
        if name not in namespace:
            raise NameError(f"the program defines no function {name}")
        return namespace[name]

    def call(function, request):
        arguments = [decode(argument, kept) for argument in request["a"]]
        named = {name: decode(argument, kept) for name, argument in request.get("k", {}).items()}
        answer = {"r": encode(function(*arguments, **named), keep)}
        if request.get("m"):
            answer["a"] = [encode(argument, keep) for argument in arguments]
        return answer

    def handle(request):
        if "load" in request:
            return load(request)
        if "call" in request:
            return call(find(request["call"]), request)
        target = objects[request["object"]]
        if request["do"] == "get":
            return {"r": encode(getattr(target, request["name"]), keep)}
        if request["do"] == "set":
            setattr(target, request["name"], decode(request["value"], kept))
            return {"r": None}
        return call(target, request)

    while True:
        request = channel.receive()
        try:
            answer = handle(request)
        except BaseException as error:
            answer = {"e": [type(error).__name__, describe(error).decode(), arguments_of(error)]}
        channel.send({"n": request["n"], **answer})


serve()
