"""Things that go wrong: a TCP proxy and an HTTP service that misbehave when told to."""

import contextlib
import http.server
import json
import socket
import threading


class Proxy:
    """Stands between a daemon and a server. `mode` may change at any time:

    pass       as if it were not there
    hang       nothing is passed on to the daemon
    truncate   half of the next answer, then the end
    dribble    answers come byte by byte
    refuse     connections are closed at once
    """

    def __init__(self, target_port):
        self.target_port = target_port
        self.mode = "pass"
        self._changed = threading.Event()
        self._sockets = set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def set(self, mode):
        self.mode = mode
        self._changed.set()
        self._changed = threading.Event()

    def cut(self):
        """Ends all connections that there are."""
        for one in list(self._sockets):
            _end(one)

    def close(self):
        self.set("refuse")
        _end(self._listener)
        self._listener.close()
        self.cut()

    def _accept(self):
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            if self.mode == "refuse":
                near.close()
                continue
            try:
                far = socket.create_connection(("127.0.0.1", self.target_port))
            except OSError:
                near.close()
                continue
            self._sockets |= {near, far}
            threading.Thread(target=self._pump, args=(near, far, False), daemon=True).start()
            threading.Thread(target=self._pump, args=(far, near, True), daemon=True).start()

    def _pump(self, source, sink, answers):
        with contextlib.suppress(OSError):
            while chunk := source.recv(65536):
                while answers and self.mode == "hang":
                    self._changed.wait(0.1)
                if answers and self.mode == "truncate":
                    sink.sendall(chunk[:len(chunk) // 2])
                    break
                size = 1 if self.mode == "dribble" else len(chunk)
                for begin in range(0, len(chunk), size):
                    sink.sendall(chunk[begin:begin + size])
        for one in (source, sink):
            _end(one)
        self._sockets -= {source, sink}


def _end(one):
    with contextlib.suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)


class Origin:
    """An HTTP service that knows every customer's tickets, and misbehaves when told to.

    `mode`: ok, slow (answers only after `release`), error (500), missing (404), hang_up (closes without a
    word), huge (50 MB), not_json, truncated (ends in the middle), redirect (to itself)
    """

    def __init__(self):
        self.mode = "ok"
        self.paths = []  # as they stood in the request line
        self.tickets = [{"id": "tick_1", "subject": "Grüße"}]
        self.release = threading.Event()
        origin = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                origin.paths.append(self.path)
                getattr(origin, "_" + origin.mode)(self)

            def log_message(self, *_):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self):
        self.release.set()
        self._server.shutdown()
        self._server.server_close()

    def _send(self, request, status, body, length=None, **headers):
        with contextlib.suppress(OSError):  # a daemon that hangs up on a bad answer is right
            request.send_response(status)
            request.send_header("Content-Type", "application/json")
            request.send_header("Content-Length", str(length or len(body)))
            for name, value in headers.items():
                request.send_header(name, value)
            request.end_headers()
            request.wfile.write(body)

    def _ok(self, request):
        self._send(request, 200, json.dumps(self.tickets).encode())

    def _slow(self, request):
        self.release.wait(60)
        self._ok(request)

    def _error(self, request):
        self._send(request, 500, b'{"error": "secret-of-the-origin"}')

    def _missing(self, request):
        self._send(request, 404, b"{}")

    def _hang_up(self, request):
        request.close_connection = True

    def _huge(self, request):
        self._send(request, 200, b'["' + b"x" * 50_000_000 + b'"]')

    def _not_json(self, request):
        self._send(request, 200, b"<html>it works</html>")

    def _truncated(self, request):
        self._send(request, 200, b'[{"id": "ti', length=1000)
        request.close_connection = True

    def _redirect(self, request):
        self._send(request, 302, b"", Location=self.url + "/elsewhere")
