"""ctx_chaos, the load and the proxies, as a child that takes orders (driver/orders.hpp)."""

import json
import os
import select
import subprocess

from harness.daemon import BIN

PATIENCE = 60  # seconds for an order


class Driver:
    def __init__(self, log):
        with open(log, "ab") as err:
            self._child = subprocess.Popen([os.path.join(BIN, "ctx_chaos")], stdin=subprocess.PIPE,
                                           stdout=subprocess.PIPE, stderr=err, cwd="/")
        hello = self._answer(PATIENCE)
        self.origin = hello["origin"]
        self.proxies = hello["proxies"]

    def order(self, *words, patience=PATIENCE):
        self.send(*words)
        return self._answer(patience)

    def send(self, *words):
        self._child.stdin.write((" ".join(map(str, words)) + "\n").encode())
        self._child.stdin.flush()

    def receive(self, patience=PATIENCE):
        return self._answer(patience)

    def end(self):
        if self._child.poll() is None:
            self._child.stdin.close()
            try:
                self._child.wait(10)
            except subprocess.TimeoutExpired:
                self._child.kill()
                self._child.wait()

    def _answer(self, patience):
        # One line is under way at a time, so nothing of a next one can be in the reader's buffer.
        ready, _, _ = select.select([self._child.stdout], [], [], patience)
        assert ready, "the driver does not answer"
        line = self._child.stdout.readline()
        assert line, f"the driver ended: {self._child.poll()}"
        answer = json.loads(line)
        assert "error" not in answer, answer
        return answer
