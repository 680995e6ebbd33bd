"""A small, strict reader of HTTP/1.1 requests and writer of answers, on one kept-alive connection.

With an access token a request that doesn't show it is refused when its head is there, before its body is kept: others
than the platform can connect to a container in a cluster. `POST /prove` alone needs none: who answers it, knows it.
"""

from _operator import _compare_digest as _is_same
from time import monotonic as _monotonic

MAX_HEAD_BYTES = 16 * 1024
# OpenWhisk's runtimes take bodies of up to 48 MB
MAX_BODY_BYTES = 48 * 1024 * 1024
# of the sentinel's and of the access token, and of the nonce
MAX_TOKEN_BYTES = 256
# of 32 bytes in base64url
NONCE_LENGTH = 43
LINGER_SECONDS = 1.0
LINGER_BYTES = 256 * 1024
BAD_REQUEST = b'{"error":"Bad request."}'
FORBIDDEN = b'{"error":"The access token of this container is missing or wrong."}'

REASONS = {200: "OK", 400: "Bad Request", 403: "Forbidden", 500: "Internal Server Error", 502: "Bad Gateway"}
TOKEN_BYTES = b"!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
TEXT_BYTES = b"\t" + bytes(range(0x20, 0x7F)) + bytes(range(0x80, 0x100))
VISIBLE_BYTES = bytes(range(0x21, 0x7F))
DIGITS = b"0123456789"

# header lines seen to be well-formed and without meaning for this server
MAX_REMEMBERED = 64
_indifferent = set()


class Malformed(Exception):
    """Where this request ends is unknown."""


class Forbidden(Exception):
    """It doesn't show the access token."""


class Exchange:
    """One client, and the request that it waits for: `route`, `sentinel`, `body`."""

    def __init__(self, connection, token=None, prove=None):
        self.connection = connection
        # left by a handler that answered None, for another one to `take_up`
        self.waits = False
        self._token = None if token is None else token.encode("utf-8")
        self._prove = prove
        # of a request for a proof
        self._nonce = None
        self.route = ""
        self.sentinel = None
        self.body = b""
        self._chunks = []
        self._held = 0
        self._needed = 0
        self._head_bytes = 0
        self._closing = False

    def receive(self, data, handle):
        """Takes bytes and answers every complete request with `handle(self)`. False when the connection is over."""
        if not data:
            return False
        self._chunks.append(data)
        self._held += len(data)
        return self._answer(handle)

    def take_up(self, handle):
        """Answers the request that waits, and those behind it. False when the connection is over."""
        self.waits = False
        self._reply(*handle(self))
        return not self._closing and self._answer(handle)

    def _answer(self, handle):
        try:
            while self._held and self._read_request():
                proves = self._nonce is not None
                answer = (200, self._prove(self._nonce)) if proves else handle(self)
                if answer is None:
                    self.waits = True
                    return True
                self._reply(*answer)
                if self._closing:
                    return False
        except Malformed:
            self._refuse(500, BAD_REQUEST)
            return False
        except Forbidden:
            self._refuse(403, FORBIDDEN)
            return False
        return True

    def _read_request(self):
        if self._needed == 0 and not self._read_head():
            return False
        if self._held < self._needed:
            return False
        data = self._joined()
        needed = self._needed
        self.body = data[self._head_bytes : needed]
        self._chunks = [data[needed:]] if len(data) > needed else []
        self._held = len(data) - needed
        self._needed = 0
        return True

    def _read_head(self):
        data = self._joined()
        end = data.find(b"\r\n\r\n")
        if end > MAX_HEAD_BYTES or (end == -1 and len(data) > MAX_HEAD_BYTES):
            raise Malformed
        if end == -1:
            return False
        length, expects = self._parse_head(data[:end])
        if length > MAX_BODY_BYTES:
            raise Malformed
        self._head_bytes = end + 4
        self._needed = self._head_bytes + length
        if expects and self._held < self._needed:
            self.connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        return True

    def _parse_head(self, head):
        lines = head.split(b"\r\n")
        self.route = _route(lines[0])
        self.sentinel = None
        self._nonce = None
        nonce = None
        token = None
        length = None
        expects = False
        for line in lines[1:]:
            # a client sends most of its headers again and again, and most of them mean nothing here
            if line in _indifferent:
                continue
            name, value = _header(line)
            if name == b"content-length":
                if length is not None or len(value) > 10 or not _only(value, DIGITS):
                    raise Malformed
                length = int(value)
            elif name == b"transfer-encoding":
                raise Malformed
            elif name == b"x-vibrissa-sentinel":
                if self.sentinel is not None or not value or len(value) > MAX_TOKEN_BYTES:
                    raise Malformed
                self.sentinel = value.decode("latin-1")
            elif name == b"x-vibrissa-token":
                if token is not None or len(value) > MAX_TOKEN_BYTES:
                    raise Malformed
                token = value
            elif name == b"x-vibrissa-nonce":
                if nonce is not None or len(value) > MAX_TOKEN_BYTES:
                    raise Malformed
                nonce = value
            elif name == b"connection":
                self._closing = self._closing or value.lower() == b"close"
            elif name == b"expect":
                expects = value.lower() == b"100-continue"
                if not expects:
                    raise Malformed
            elif len(_indifferent) < MAX_REMEMBERED and len(line) <= MAX_TOKEN_BYTES:
                _indifferent.add(line)
        if self._token is not None:
            if self.route == "/prove":
                self._take_nonce(nonce, length or 0)
            elif not _is_same(token or b"", self._token):
                raise Forbidden
        return length or 0, expects

    def _take_nonce(self, nonce, length):
        if nonce is None or len(nonce) != NONCE_LENGTH or length > 0:
            raise Malformed
        self._nonce = nonce

    def _reply(self, status, body):
        close = "Connection: close\r\n" if self._closing else ""
        head = (
            f"HTTP/1.1 {status} {REASONS[status]}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n{close}\r\n"
        )
        self.body = b""
        self.connection.sendall(head.encode("ascii") + body)

    def _refuse(self, status, body):
        """Answers, and reads a while what the client still sends, so that it sees the answer and not a reset."""
        self._closing = True
        self._reply(status, body)
        self.connection.shutdown(1)
        # where strangers can connect they get no time of the thread that meets all of them
        end = _monotonic() + (LINGER_SECONDS if self._token is None else 0)
        left = 1
        while left > 0:
            left = end - _monotonic()
            self.connection.settimeout(max(0, left))
            if not self.connection.recv(LINGER_BYTES):
                break

    def _joined(self):
        if len(self._chunks) > 1:
            self._chunks = [b"".join(self._chunks)]
        return self._chunks[0]


def _route(line):
    """The path of a POST, `""` for another method."""
    if line == b"POST /run HTTP/1.1":
        return "/run"
    parts = line.split(b" ")
    if len(parts) != 3:
        raise Malformed
    method, path, version = parts
    if version != b"HTTP/1.1" or not _only(method, TOKEN_BYTES) or not _only(path, VISIBLE_BYTES):
        raise Malformed
    return path.decode("ascii") if method == b"POST" else ""


def _header(line):
    name, colon, value = line.partition(b":")
    if not colon or not _only(name, TOKEN_BYTES) or value.translate(None, TEXT_BYTES):
        raise Malformed
    return name.lower(), value.strip(b" \t")


def _only(data, allowed):
    return bool(data) and not data.translate(None, allowed)
