"""A server that stands before a real engine and spoils the n-th answer."""
import os
import socket
import tempfile
import threading


def _read_request(connection):
    data = b""
    while b"\r\n\r\n" not in data:
        piece = connection.recv(65536)
        if not piece:
            return None
        data += piece
    return data


def _head(body, length=None, status="200 OK"):
    return (f"HTTP/1.1 {status}\r\nContent-Type: application/json\r\nApi-Version: 1.41\r\n"
            f"Content-Length: {len(body) if length is None else length}\r\n\r\n").encode()


def closed(connection, body):
    connection.close()


def garbage(connection, body):
    connection.sendall(b"\x00\xffSSH-2.0-OpenSSH_9.2\r\n")


def refused(connection, body):
    answer = b'{"message":"authorization denied by plugin"}'
    connection.sendall(_head(answer, status="403 Forbidden") + answer)


def broken(connection, body):
    answer = b'{"message":"internal error"}'
    connection.sendall(_head(answer, status="500 Internal Server Error") + answer)


def cut_short(connection, body):
    connection.sendall(_head(body) + body[:len(body) // 2])


def wrong_length(connection, body):
    connection.sendall(_head(body, length=len(body) + 10) + body)


def silent(connection, body):
    connection.settimeout(60)
    connection.recv(1)  # until the client gives up


def dripping(connection, body):
    try:
        for byte in _head(body) + body:
            connection.sendall(bytes([byte]))
            threading.Event().wait(0.2)
    except OSError:
        pass


def not_json(connection, body):
    answer = b"<html>proxy error</html>"
    connection.sendall(_head(answer) + answer)


def wrong_type(connection, body):
    answer = b'"surprise"'
    connection.sendall(_head(answer) + answer)


def deep(connection, body):
    answer = b"[" * 200000 + b"]" * 200000
    connection.sendall(_head(answer) + answer)


def bad_utf8(connection, body):
    answer = b'{"Name":"\xff\xfe\xc0"}'
    connection.sendall(_head(answer) + answer)


def half_closed(connection, body):
    connection.sendall(_head(body))
    connection.shutdown(socket.SHUT_WR)


def huge(connection, body):
    answer = b'[{"Id":"' + b"a" * (100 << 20) + b'"}'  # never closed
    connection.sendall(_head(answer) + answer)


QUICK = [closed, garbage, refused, broken, cut_short, wrong_length, not_json, wrong_type, deep, bad_utf8, half_closed]
SLOW = [silent, dripping]


class LyingEngine:
    """`fault` is applied to the `nth` request (1-based) of each run, and again when it is repeated: a
    client may ask once more when a connection broke. 0: to none."""

    def __init__(self, real_socket):
        self.real = real_socket
        self.folder = tempfile.mkdtemp(prefix="firebreak-lying-")
        self.socket = f"{self.folder}/d.sock"
        self.url = f"unix://{self.socket}"
        self.requests = 0
        self.nth = 0
        self.fault = closed
        self.spoilt = None  # the n-th request's path
        self.lock = threading.Lock()
        self.server = socket.socket(socket.AF_UNIX)
        self.server.bind(self.socket)
        self.server.listen(64)
        threading.Thread(target=self._serve, daemon=True).start()

    def plan(self, nth, fault):
        with self.lock:
            self.requests, self.nth, self.fault, self.spoilt = 0, nth, fault, None

    def _serve(self):
        while True:
            try:
                connection, _ = self.server.accept()
            except OSError:
                return
            threading.Thread(target=self._answer, args=(connection,), daemon=True).start()

    def _answer(self, connection):
        try:
            while True:
                request = _read_request(connection)
                if request is None:
                    break
                body = self._ask(request)
                with self.lock:
                    self.requests += 1
                    path = request.split(b" ", 2)[1]
                    if self.requests == self.nth:
                        self.spoilt = path
                    spoil = path == self.spoilt
                if spoil:
                    self.fault(connection, body[1])
                    break
                connection.sendall(_head(body[1], status=body[0]) + body[1])
        except OSError:
            pass
        finally:
            connection.close()

    def _ask(self, request):
        """(status line, body) of the real engine."""
        path = request.split(b" ", 2)[1]
        real = socket.socket(socket.AF_UNIX)
        real.connect(self.real)
        real.sendall(b"GET " + path + b" HTTP/1.0\r\nHost: d\r\n\r\n")
        data = b""
        while piece := real.recv(1 << 16):
            data += piece
        real.close()
        head, _, body = data.partition(b"\r\n\r\n")
        return head.split(b"\r\n")[0].split(b" ", 1)[1].decode(), body

    def close(self):
        self.server.close()
        os.unlink(self.socket)
        os.rmdir(self.folder)
