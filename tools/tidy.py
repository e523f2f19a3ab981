#!/usr/bin/python3
"""Checks what a compiler does not: floors, sizes, banned calls, coroutine rules, formatting. A test.

    tools/tidy.py            the whole tree; prints file:line: rule, and fails when there is any
    tools/tidy.py FILE…      these files only

The rules stand in tidy_rules.py; tidy_cpp.py reads C++ well enough for them; tidy_test.py shows that each can
fail.
"""

import os
import shutil
import subprocess
import sys

import tidy_rules

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
FOLDERS = ("include", "src", "apps", "tests", "bench", "examples", "tools")
NAMES = ("run", "install", "CMakeLists.txt")
SUFFIXES = (".cpp", ".hpp", ".py", ".cmake", ".sh")


def project_files():
    """Paths from the root, in order."""
    found = ["run", "test", ".ci/run", "CMakeLists.txt"]
    for folder in FOLDERS:
        for where, folders, files in os.walk(os.path.join(ROOT, folder)):
            folders[:] = sorted(f for f in folders if not f.startswith((".", "__")))
            found += (os.path.relpath(os.path.join(where, f), ROOT)
                      for f in sorted(files) if f in NAMES or f.endswith(SUFFIXES))
    return found


def misformatted(paths):
    """What clang-format 14 says about C++ files; its version matters, others format otherwise."""
    tool = shutil.which("clang-format-14")
    if not tool:
        return ["clang-format-14 is not installed: tools/install test"]
    ran = subprocess.run([tool, "--dry-run", "-Werror", *paths], cwd=ROOT, capture_output=True, text=True,
                         check=False)
    first = {}  # by file: one line of it is enough
    for line in ran.stderr.splitlines():
        if ": error: " in line:
            path, number, _ = line.split(":", 2)
            first.setdefault(path, f"{path}:{number}: not formatted: clang-format-14 -i {path}")
    return list(first.values()) or ([ran.stderr] if ran.returncode else [])


def main():
    paths = [os.path.relpath(p, ROOT) for p in sys.argv[1:]] or project_files()
    found = []
    for path in paths:
        with open(os.path.join(ROOT, path), encoding="utf-8") as file:
            text = file.read()
        found += tidy_rules.check(path, text)
        lines = text.count("\n")
        if tidy_rules.FILE_LINES_GOOD < lines <= tidy_rules.FILE_LINES_MAX:
            print(f"{path}: {lines} lines; is there a second room in it? (no failure)")
    found += misformatted([p for p in paths if p.endswith((".cpp", ".hpp"))])
    print("\n".join(found) if found else f"tidy: {len(paths)} files, nothing to say")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
