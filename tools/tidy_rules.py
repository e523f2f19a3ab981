"""The rules of tidy.py. Each takes a file and gives (line number, what is wrong)."""

import ast
import re

from tidy_cpp import blocks, code_of, co_await_operands, lambdas, line_at

FILE_LINES_GOOD = 300
FILE_LINES_MAX = 500
FUNCTION_LINES_MAX = 70
COLUMNS_MAX = 110

# Rooms by floor. A file may include its own room, lower floors and include/ctxcache/.
FLOORS = {"base": 0, "model": 1, "l1": 2, "flight": 2, "coherence": 2, "redis": 2, "providers": 2,
          "schedule": 2, "core": 3, "changes": 4, "warming": 4, "http": 5, "config": 6, "ctxcached": 7,
          "ctxcache": 7}
# What only the page that wires the daemon may name: everybody else sees their interfaces.
BACK_ENDS = ("redis", "providers")
# Third-party headers by prefix, and the rooms they stay in.
HOMES = {"boost/beast": ("base", "http", "ctxcache"), "hiredis": ("redis",), "libpq": ("providers",),
         "curl/": ("providers",), "sqlite3": ("providers",), "simdjson": ("providers", "http"),
         "toml++": ("config",), "CLI/": ("ctxcached", "ctxcache", "config"), "prometheus/": ("http",),
         "xxhash": ("model",), "zstd": ("model",), "spdlog": ("base",), "date/": ("schedule",),
         "openssl/": ("base", "changes", "redis")}
NO_ASIO = ("model", "l1", "flight", "coherence", "schedule", "config")

# (what to look for, where it is looked for, where it is right, message)
SOURCES = ("src/", "include/", "apps/")
BANNED = [
    (r"\bdetached\b", ("src/", "include/", "apps/", "tests/", "examples/"), ("src/base/gate",),
     "asio::detached outside gate: start it with gate::spawn"),
    (r"\bsleep_(for|until)\b|\bu?sleep\s*\(", ("src/", "include/", "apps/", "tests/"), ("tests/support/",),
     "sleeping: wait for the condition (test::eventually) or use a timer"),
    (r"\bstd::(cout|cerr|clog)\b", ("src/", "include/"), (), "printing in a library: log, or return it"),
    (r"\bv?[fsn]{0,3}printf\s*\(|\bf?puts\s*\(", ("src/", "include/"), ("src/base/assert.cpp",),
     "the printf family: log, or use fmt::format"),
    (r"\busing\s+namespace\b", (".hpp",), (), "using namespace in a header"),
    (r"\bgetenv\s*\(", ("src/", "include/"), (), "the environment is read in apps/ only"),
    (r"\b(system|steady|high_resolution)_clock::now\b", ("src/", "include/"), ("src/base/", "_test.cpp"),
     "time comes from a ctxcache::clock"),
    (r"\.detach\s*\(\s*\)", SOURCES, (), "a detached thread"),
    (r"\b(system|popen)\s*\(", SOURCES, (), "starting a shell"),
]
BANNED_TEXT = [(r'"KEYS["\s]', ("src/", "apps/"), ("test.cpp",), "the command KEYS blocks Redis: use SCAN")]
# GCC 12 destroys such temporaries twice.
IN_CO_AWAIT = [
    (r"(?:^|[(,=\s])\[[^\[\]]*\]\s*[({]", "a lambda"),
    (r"\{", "braces"),
    (r"\bstd::(string|vector|function|optional|pair|tuple)\s*(<[^;]*>)?\s*\(", "a temporary"),
]
UNFINISHED = re.compile(r"\b(" + "|".join(("TO" "DO", "FIX" "ME", "X" "XX")) + r")\b")


def room_of(path):
    parts = path.split("/")
    if parts[0] in ("src", "apps") and len(parts) > 2:
        return parts[1]
    return "include" if parts[0] == "include" else None


def is_test(path):
    beside_code = ("test.cpp", "_test_support.hpp", "_test_support.cpp", "_fixture.hpp")
    return path.endswith(beside_code) or path.startswith(("tests/", "bench/"))


def includes(text):
    for found in re.finditer(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', text, re.M):
        yield line_at(text, found.start()), found[1] == '"', found[2]


def floors(path, text, _code):
    room = room_of(path)
    if room is None:
        return
    for line, quoted, name in includes(text):
        if quoted and "/" in name:
            yield from ((line, m) for m in against_gravity(path, room, name))
        for prefix, homes in HOMES.items():
            if name.startswith(prefix) and room not in homes and not is_test(path):
                yield line, f"{prefix} belongs to {' and '.join(homes)} only"
        if name.startswith("boost/asio") and room in NO_ASIO:
            yield line, f"no Asio in {room}"


def against_gravity(path, room, name):
    other = name.split("/")[0]
    if other == "support":
        simulated = room == "base" and name.startswith("support/virtual_")  # under CTX_VIRTUAL_TIME
        if not is_test(path) and not simulated:
            yield "test support outside a test"
        return
    if other == "ctxcache" or other == room or other not in FLOORS:
        return
    if room == "include":
        yield f"a public header sees include/ctxcache only, not {other}"
    elif FLOORS[other] >= FLOORS[room]:
        yield f"against gravity: {room} (floor {FLOORS[room]}) includes {other} (floor {FLOORS[other]})"
    elif other in BACK_ENDS and not is_test(path) and not path.startswith("apps/ctxcached/wiring"):
        yield f"the back end {other} is named in apps/ctxcached/wiring.cpp only"


def sizes(path, text, code):
    lines = text.splitlines()
    if len(lines) > FILE_LINES_MAX:
        yield FILE_LINES_MAX + 1, f"{len(lines)} lines, {FILE_LINES_MAX} at most"
    for number, line in enumerate(lines, 1):
        if len(line) > COLUMNS_MAX:
            yield number, f"{len(line)} columns, {COLUMNS_MAX} at most"
    for number, length in function_lengths(path, text, code):
        if length > FUNCTION_LINES_MAX:
            yield number, f"a function of {length} lines, {FUNCTION_LINES_MAX} at most"


def function_lengths(path, text, code):
    """(line it begins in, lines)"""
    if path.endswith(".py"):
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                yield node.lineno, node.end_lineno - node.lineno + 1
    elif code is not None:
        for begin, end in blocks(code):
            yield line_at(code, begin), code.count("\n", begin, end) + 1


def banned(path, text, code):
    for body, rules in ((code, BANNED), (text, BANNED_TEXT)):
        for pattern, where, right, message in rules if body is not None else ():
            if not any(path.startswith(w) or path.endswith(w) for w in where):
                continue
            if any(r in path for r in right):
                continue
            for found in re.finditer(pattern, body):
                yield line_at(body, found.start()), message


def coroutines(_path, _text, code):
    if code is None:
        return
    for begin, captures, body in lambdas(code):
        if captures and re.search(r"\bco_(await|return|yield)\b", body):
            yield line_at(code, begin), "a capturing lambda is a coroutine: its captures die before it"
    for found in re.finditer(r"\belse\s+if\s*\([^;{]*\bco_await\b", code):
        yield line_at(code, found.start()), "co_await behind else if: GCC 12 traps there; make a named local"
    for begin, operand in co_await_operands(code):
        for pattern, what in IN_CO_AWAIT:
            if re.search(pattern, operand):
                yield line_at(code, begin), f"{what} inside a co_await expression: make a named local first"
                break


def headers(path, text, _code):
    if path.endswith(".hpp") and not re.match(r"(\s*//[^\n]*\n)*\s*#pragma once\n", text):
        yield 1, "a header begins with #pragma once"


def unfinished(_path, text, _code):
    for found in UNFINISHED.finditer(text):
        yield line_at(text, found.start()), f"{found[0]}: finish it, or open an issue"


def check(path, text):
    """All that the rules say about one file, in the order of its lines."""
    code = code_of(text) if path.endswith((".cpp", ".hpp")) else None
    found = set()
    for rule in (floors, sizes, banned, coroutines, headers, unfinished):
        found.update(rule(path, text, code))
    return [f"{path}:{line}: {message}" for line, message in sorted(found)]
