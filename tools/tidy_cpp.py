"""Reads C++ well enough for tidy's rules: what is code, where functions, lambdas and operands end."""

import re

_TOKEN = re.compile(
    r'//(?:[^\n\\]|\\.|\\\n)*'                                 # comment to the end of the line
    r'|/\*.*?\*/'                                              # comment
    r'|R"(?P<mark>[^()\s\\]{0,16})\(.*?\)(?P=mark)"'           # raw string
    r'|"(?:[^"\\\n]|\\.)*"'                                    # string
    r"|(?<![0-9A-Za-z_])(?:u8|[uUL])?'(?:[^'\\\n]|\\.)+'",     # character; 10'000 is none
    re.S)
_LAMBDA = re.compile(r"\[(?P<captures>[^\[\]]*)\]\s*(?P<parameters>\()?")
_CONTROL = re.compile(r"(if|else|for|while|switch|do|try|catch|case|default|return)\b")
_SCOPE = re.compile(r"\b(namespace|class|struct|union|enum|extern)\b(?:\s*alignas\([^()]*\))?[^()]*$")
_SIGNATURE_END = re.compile(r"(\)|\]|\bconst|\bnoexcept|\boverride|\bfinal|\bmutable)$")


def line_at(text, offset):
    return text.count("\n", 0, offset) + 1


def code_of(text):
    """The text with comments gone and literals emptied; every line stays where it was."""
    def blank(found):
        newlines = "\n" * found[0].count("\n")
        return newlines if found[0][0] == "/" else found[0][0].replace("R", '"') + newlines + found[0][-1]
    text = _TOKEN.sub(blank, text)
    # Directives: a macro's body is not code of its own.
    return re.sub(r"^[ \t]*#(?:[^\n\\]|\\.|\\\n)*", lambda found: "\n" * found[0].count("\n"), text,
                  flags=re.M)


def closing(code, begin):
    """The offset of the bracket that closes the one at `begin`; the end of the text when none does."""
    depth = 0
    for offset in range(begin, len(code)):
        if code[offset] in "([{":
            depth += 1
        elif code[offset] in ")]}":
            depth -= 1
            if depth == 0:
                return offset
    return len(code)


def _opens(head):
    """What a brace after `head`, the text since the last statement, opens."""
    head = head.strip()
    if not head or _CONTROL.match(head):
        return "block"
    if _SCOPE.search(head):
        return "scope"
    if "(" not in head:
        return "value"
    in_initialisers = re.search(r"\)\s*(noexcept)?\s*:[^:]", head)
    if in_initialisers:
        return "function" if head[-1] in ")}" else "value"
    return "function" if _SIGNATURE_END.search(head) or "->" in head or "requires" in head else "value"


def blocks(code):
    """(begin, end) of every function, from its signature's first character to its closing brace."""
    begin = offset = 0
    while offset < len(code):
        at = code[offset]
        if at == "{":
            what = _opens(code[begin:offset])
            if what in ("function", "value"):
                end = closing(code, offset)
                if what == "function":
                    head = code[begin:offset]
                    yield begin + len(head) - len(head.lstrip()), end
                    begin = end + 1
                offset = end
            else:
                begin = offset + 1
        elif at in ";}":
            begin = offset + 1
        offset += 1


def lambdas(code):
    """(offset, captures, body without the bodies of lambdas inside it) of every lambda."""
    for found in _LAMBDA.finditer(code):
        before = code[:found.start()].rstrip()
        if before and (before[-1].isalnum() or before[-1] in "_)]["):
            if not re.search(r"\b(return|co_return)$", before):
                continue  # a subscript or an attribute
        after = closing(code, found.start("parameters")) + 1 if found["parameters"] else found.end()
        body = re.compile(r"(?:\s|mutable|noexcept|->[^{};()=]*)*\{").match(code, after)
        if not body:
            continue
        end = closing(code, body.end() - 1)
        yield found.start(), found["captures"].strip(), _without_inner(code[body.end():end])


def _without_inner(body):
    for found in _LAMBDA.finditer(body):
        brace = body.find("{", found.end())
        inner = closing(body, found.start("parameters")) + 1 if found["parameters"] else found.end()
        if brace >= 0 and re.fullmatch(r"(?:\s|mutable|noexcept|->[^{};()=]*)*", body[inner:brace]):
            return body[:brace] + _without_inner(body[closing(body, brace) + 1:])
    return body


def co_await_operands(code):
    """(offset, text) of what stands to the right of every co_await, to the end of its expression."""
    for found in re.finditer(r"\bco_await\b", code):
        depth, offset = 0, found.end()
        while offset < len(code):
            at = code[offset]
            if at in "([{":
                depth += 1
            elif at in ")]}":
                depth -= 1
            if depth < 0 or (depth == 0 and at in ";,"):
                break
            offset += 1
        yield found.start(), code[found.end():offset]
