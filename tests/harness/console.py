"""Sessions of a terminal in our documents, run, and what the documents print beside them.

Every ```console block is a session: `$ command`, then the output. In an expected line `…` stands for
anything; a line that is only `…` stands for any lines, none too.
"""

import os
import re
import subprocess
import time

from .daemon import BIN, clean_environment
from .servers import REPOSITORY


def sessions(text):
    """[(command, expected lines)] of every console block, in order."""
    for block in re.findall(r"^```console\n(.*?)^```$", text, re.M | re.S):
        steps = []
        for line in block.replace("\\\n", "").splitlines():
            if line.startswith("$ "):
                steps.append((line[2:], []))
            elif steps:
                steps[-1][1].append(line)
        yield from steps


def pattern_of(expected):
    """What the output must match, whole."""
    lines = []
    for line in expected:
        if line.strip() == "…":
            lines.append(r"(?:[^\n]*\n)*?")
        else:
            lines.append(".*".join(re.escape(part) for part in line.rstrip().split("…")) + r"[ \t]*\n")
    return "".join(lines)


def output_of(command, addresses, folder):
    """What a user would see, without curl's progress meter, which a terminal would overwrite. `addresses`: of
    what the document says, what listens where; the first is whom the client talks to."""
    with open(os.path.join(folder, ".curlrc"), "w", encoding="utf-8") as file:
        file.write("no-progress-meter\n")
    environment = {**clean_environment(), "CTXCACHE_URL": f"http://{next(iter(addresses.values()))}",
                   "CURL_HOME": str(folder), "PATH": BIN + ":" + os.environ["PATH"]}
    for said, real in addresses.items():
        command = command.replace(said, real)
    command = command.replace("build/release/bin/", BIN + "/")
    ran = subprocess.run(["bash", "-c", command], subprocess.DEVNULL, stdout=subprocess.PIPE,
                         stderr=subprocess.STDOUT, cwd=REPOSITORY, env=environment, timeout=120, check=False)
    text = ran.stdout.decode().replace("\r\n", "\n")
    for said, real in addresses.items():
        text = text.replace(real, said)
    return text if text.endswith("\n") or not text else text + "\n"


# What they show may take a moment to come about.
LOOKS = re.compile(r"\S*ctxcache (events list|invalidations|warm report)")


def shape(text):
    """The text without what differs from run to run: times, names made up, numbers, widths of columns."""
    text = re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", "TIME", text)
    text = re.sub(r"\b[0-9a-f]{12,16}\b", "ID", text)
    return re.sub(r" +", " ", re.sub(r"\d+(\.\d+)?", "N", text))


def difference(step, addresses, folder, alike=lambda text: text):
    """Runs a command: None when it prints what the document says, else both. `alike`: what counts of both."""
    command, expected = step
    pattern = re.compile(pattern_of([alike(line) for line in expected]))
    end = time.monotonic() + (10 if LOOKS.match(command) else 0)
    while True:
        said = output_of(command, addresses, folder)
        if pattern.fullmatch(alike(said)):
            return None
        if time.monotonic() > end:
            wanted = "\n".join(expected)
            return f"$ {command}\n--- the document says\n{wanted}\n--- it prints\n{said}"
        time.sleep(0.1)
