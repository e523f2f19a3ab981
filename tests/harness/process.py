"""Real programs as children, each ended by its process id."""

import itertools
import os
import signal
import socket
import subprocess
import time


def _ports():
    """Below those that the system gives to whoever connects, so that none is taken between being chosen and
    being listened on. Each process begins elsewhere, and comes back to a port after thousands of others."""
    with open("/proc/sys/net/ipv4/ip_local_port_range", encoding="ascii") as file:
        ports = range(10_000, max(20_000, int(file.read().split()[0])))
    return (ports[turn % len(ports)] for turn in itertools.count(os.getpid() * 1_009))


_next_ports = _ports()


def free_port():
    """A port on 127.0.0.1 that nobody listens on."""
    return next(filter(_is_free, _next_ports))


def _is_free(port):
    with socket.socket() as one:
        try:
            one.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def accepts(port):
    try:
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
        return True
    except OSError:
        return False


def eventually(condition, limit=20.0, what="the condition"):
    """Asks again and again; the first true answer. Fails when there is none within `limit` seconds."""
    end = time.monotonic() + limit
    while True:
        answer = condition()
        if answer:
            return answer
        assert time.monotonic() < end, f"{what} did not come true within {limit} s"
        time.sleep(0.02)


class Process:
    def __init__(self, words, log, environment=None, user=None):
        self.words = [str(word) for word in words]
        self.log = log
        self.reaped = False  # its end was seen by a test
        with open(log, "ab") as out:
            self._child = subprocess.Popen(self.words, stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                                           env=environment, user=user, cwd="/")

    @property
    def pid(self):
        return self._child.pid

    def alive(self):
        return self._child.poll() is None

    def send(self, number):
        os.kill(self.pid, number)

    def wait(self, limit=60.0):
        """Its exit status, once it ends by itself."""
        status = self._child.wait(limit)
        self.reaped = True
        return status

    def end(self, number=signal.SIGTERM, limit=60.0):
        """Sends the signal, waits, and gives the exit status; SIGKILL when it takes too long."""
        if self.alive():
            self.send(number)
        try:
            return self.wait(limit)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self.wait()
            raise

    def output(self):
        with open(self.log, encoding="utf-8", errors="replace") as file:
            return file.read()
