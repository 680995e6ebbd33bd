"""A sandbox without a network reaches the platform's API through here.

What connects to the loopback address in ``__OW_API_HOST`` is passed on to the platform's Unix socket, by threads of
its own: user code in the main thread may wait for the answer.
"""

import _socket
import _thread

BACKLOG = 128
COPY_BYTES = 64 * 1024


def forward_api(api_socket, api_host, log_error):
    """Connections are taken when this returns. If they can't be, that is logged: most actions don't call the API."""
    scheme, _, rest = api_host.partition("://")
    host, _, port = rest.partition("/")[0].partition(":")
    if scheme not in ("http", "https") or host != "127.0.0.1" or not port.isdigit():
        return
    try:
        server = _socket.socket(_socket.AF_INET, _socket.SOCK_STREAM)
        server.setsockopt(_socket.SOL_SOCKET, _socket.SO_REUSEADDR, 1)
        server.bind((host, int(port)))
        server.listen(BACKLOG)
    except OSError as error:
        log_error(f"The platform's API can't be reached from this container: {error}")
        return
    _thread.start_new_thread(_accept_all, (server, api_socket))


def _accept_all(server, api_socket):
    while True:
        try:
            fd, _ = server._accept()
        except OSError:
            return
        _thread.start_new_thread(_forward, (_socket.socket(fileno=fd), api_socket))


def _forward(inbound, api_socket):
    outbound = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
    try:
        outbound.connect(api_socket)
    except OSError:
        inbound.close()
        outbound.close()
        return
    done = _thread.allocate_lock()
    done.acquire()
    _thread.start_new_thread(_copy, (inbound, outbound, done.release))
    _copy(outbound, inbound, lambda: None)
    done.acquire()
    inbound.close()
    outbound.close()


def _copy(source, target, then):
    try:
        while data := source.recv(COPY_BYTES):
            target.sendall(data)
        target.shutdown(_socket.SHUT_WR)
    except OSError:
        for end in (source, target):
            try:
                end.shutdown(_socket.SHUT_RDWR)
            except OSError:
                pass
    then()
