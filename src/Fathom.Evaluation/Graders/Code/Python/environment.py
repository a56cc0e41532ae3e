# What a program finds besides the language: the standard library's usual names, as the graders of contests give them without an import,
# exit() and quit(), packages installed on the machine, and room for recursion.
import builtins
import sys

builtins.exit = builtins.quit = sys.exit
sys.setrecursionlimit(50000)
sys.path.extend(sys.argv[1:])

MODULES = """bisect collections copy datetime functools heapq itertools json math operator random re statistics string sys time typing""".split()
NAMES = {
    "typing": "Any Callable Deque DefaultDict Dict FrozenSet Generator Iterable Iterator List Optional Sequence Set Tuple Union",
    "collections": "ChainMap Counter OrderedDict defaultdict deque namedtuple",
    "heapq": "heapify heappop heappush heappushpop heapreplace nlargest nsmallest",
    "bisect": "bisect_left bisect_right insort insort_left insort_right",
    "math": "ceil comb factorial floor gcd hypot inf isqrt lcm log log10 log2 perm pi prod sqrt",
    "itertools": "accumulate chain combinations combinations_with_replacement count cycle groupby islice pairwise permutations product "
    "repeat starmap takewhile zip_longest",
    "functools": "cache cached_property cmp_to_key lru_cache partial reduce",
    "operator": "attrgetter itemgetter",
    "string": "ascii_letters ascii_lowercase ascii_uppercase digits",
    "copy": "deepcopy",
}
OFFERED = {name: module for module, names in NAMES.items() for name in names.split()}


def used(code, names):
    names.update(code.co_names)
    for constant in code.co_consts:
        if isinstance(constant, type(code)):
            used(constant, names)
    return names


def offered(code):
    """The offered names that the code mentions, imported. What the code itself defines takes their place."""
    found = {}
    for name in used(code, set()):
        if name in MODULES:
            found[name] = __import__(name)
        elif name in OFFERED:
            found[name] = getattr(__import__(OFFERED[name]), name, None)
    return found


def describe(error):
    """One line about an exception."""
    try:
        line = getattr(error, "lineno", None) if isinstance(error, SyntaxError) else None
        text = f"{type(error).__name__}: {getattr(error, 'msg', None) or error}" + (f" (line {line})" if line else "")
    except BaseException:
        text = "an exception without a message"
    return " ".join(text.split())[:300].encode("utf-8", "replace")
