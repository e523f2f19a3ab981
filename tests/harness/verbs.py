"""The client's verbs as a shell sees them: exit codes, and what a terminal shows."""

import contextlib
import os
import pty
import subprocess

from .daemon import BIN

OK, FAILURE, USAGE, NOT_FOUND, NOT_ALLOWED, UNREACHABLE, PARTLY = range(7)


def ran(process, code, stdout=None):
    assert process.returncode == code, (process.args, process.returncode, process.stdout, process.stderr)
    if stdout is not None:
        assert stdout in process.stdout, process.stdout
    return process


def on_a_terminal(daemon, *words):
    """(what stderr shows, the exit code) where stderr is a terminal."""
    ours, theirs = pty.openpty()
    with subprocess.Popen([f"{BIN}/ctxcache", *map(str, words), "--url", daemon.url],
                          stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=theirs) as process:
        os.close(theirs)
        shown = b""
        with contextlib.suppress(OSError):  # how a terminal ends
            while chunk := os.read(ours, 65536):
                shown += chunk
    os.close(ours)
    return shown.decode(), process.returncode


def started(daemon, *words):
    """The client against this daemon, as a child that a test ends."""
    return subprocess.Popen([f"{BIN}/ctxcache", *map(str, words), "--url", daemon.url],
                            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                            text=True)
