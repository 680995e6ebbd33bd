"""The Python runtime: ``POST /init`` takes an action's code, once; ``POST /run`` calls it; ``POST /status`` says how it
stands.

Statuses and sentences are those of OpenWhisk's Python runtime (ActionLoop). Little is imported before the socket
listens, and nothing of ``socket``, ``http`` or ``selectors``: they cost more than Python's own start.
"""

import os
import sys

import _socket
import _thread
import select

# the interpreter has put this directory first in the path; user code must find its own modules, not these
_HERE = sys.path[0]
from action_logs import end_logs, log_error, open_logs
from http_exchange import BAD_REQUEST, Exchange
from load_action import CannotLocate, load_action
from wire_json import dump, load

sys.path.remove(_HERE)
for _name in ("action_logs", "http_exchange", "load_action", "wire_json"):
    del sys.modules[_name]
# a container imports its code once
sys.dont_write_bytecode = True

SETTINGS = ("LISTEN_FD", "LISTEN_SOCKET", "PORT", "API_SOCKET", "ACTION_DIR", "TOKEN", "LOG_STAMPS")
BACKLOG = 128
# more would make each read map and unmap memory
READ_BYTES = 64 * 1024
IDLE_EVENTS = select.POLLIN | select.POLLHUP | select.POLLERR

CANNOT_START = "Cannot start action. Check logs for details."
NO_BINARY = "The action failed to generate or locate a binary. See logs for details."
NOT_A_DICTIONARY = "The action did not return a dictionary or array."


class Runtime:
    """The state of the container: no code, then initialised or failed, each for good."""

    def __init__(self, settings):
        self.settings = settings
        self.main = None
        # taken by the first initialisation, and never given back
        self.once = _thread.allocate_lock()
        self.exported = {}
        self.prove = None if settings["TOKEN"] is None else _open_prover(settings["TOKEN"])
        # requests for the action that have not been answered
        self.running = set()

    def handle(self, exchange):
        """Answers one request: ``(status, body as bytes)``."""
        route = exchange.route
        if route == "/status" and self.settings["TOKEN"] is not None:
            return self.status()
        self.running.add(exchange)
        try:
            return self.perform(exchange, route)
        finally:
            self.running.discard(exchange)

    def handle_status(self, exchange):
        """Answers that one alone."""
        return self.status() if exchange.route == "/status" else None

    def status(self):
        """Proves to a platform that has just started what runs here. What has failed is refused: it is of no use."""
        running = len(self.running)
        if self.once.locked() and self.main is None and not running:
            return 403, _error(CANNOT_START)
        return 200, dump({"initialised": self.main is not None, "running": running}).encode("ascii")

    def perform(self, exchange, route):
        if route not in ("/run", "/init"):
            return 500, BAD_REQUEST
        try:
            message = load(exchange.body)
            if not isinstance(message, dict):
                raise ValueError("not an object")
        except (ValueError, RecursionError) as error:
            status, body, plain = 400, _error(f"Error unmarshaling request: {error}"), False
        else:
            status, body, plain = self.run(message) if route == "/run" else self.init(message)
        # the plain sentinel is for what has run; with a token, the logs of every request end
        if plain or exchange.sentinel is not None:
            end_logs(exchange.sentinel)
        return status, body

    def init(self, message):
        if self.once.locked():
            return 403, _error("Cannot initialize the action more than once."), False
        value = message.get("value")
        value = value if isinstance(value, dict) else {}
        name, code = value.get("main", "main"), value.get("code")
        if not isinstance(name, str) or not isinstance(code, str) or not name or not code:
            return 403, _error("Missing main/no code to execute."), False
        if not self.once.acquire(False):
            return 403, _error("Cannot initialize the action more than once."), False
        env = value.get("env")
        try:
            _export_init(env if isinstance(env, dict) else {})
            self.main = load_action(name, code, bool(value.get("binary")), self.settings["ACTION_DIR"])
        except CannotLocate as error:
            log_error(str(error))
            return (400 if error.undecodable else 502), _error(error.answer or NO_BINARY), True
        except Exception as error:
            _log_trace(error)
            return 502, _error(CANNOT_START), True
        return 200, b'{"ok":true}', False

    def run(self, message):
        if self.main is None:
            return 500, _error("no action defined yet"), False
        self._export(message)
        try:
            result = self.main(message.get("value", {}))
            if hasattr(result, "__await__"):
                import asyncio

                result = asyncio.run(_awaited(result))
        except Exception as error:
            _log_trace(error)
            _log_network_hint(error)
            return 200, _error(str(error) or type(error).__name__), True
        return _answer(result)

    def _export(self, message):
        exported = self.exported
        for key, value in message.items():
            if key != "value" and isinstance(value, str) and exported.get(key) != value:
                exported[key] = value
                os.environ["__OW_" + key.upper()] = value


def _export_init(env):
    for name, value in env.items():
        os.environ[name] = value if isinstance(value, str) else dump(value)


async def _awaited(result):
    return await result


def _answer(result):
    try:
        text = dump(result)
        body = text.encode("utf-8")
    except Exception as error:
        _log_trace(error)
        return 502, _error(NOT_A_DICTIONARY), True
    if text[0] not in "{[":
        return 502, _error(NOT_A_DICTIONARY), True
    return 200, body, True


def _error(text):
    return dump({"error": text}).encode("utf-8", "backslashreplace")


def _log_trace(error):
    import traceback

    trace = error.__traceback__
    while trace is not None and trace.tb_frame.f_code.co_filename.startswith(_HERE):
        trace = trace.tb_next
    lines = traceback.format_exception(type(error), error, trace)
    log_error("".join(lines).rstrip("\n"))


def _is_network_error(error):
    """Is it, or what caused it, an error of a machine without a network?"""
    import errno
    import socket

    seen = 0
    while error is not None and seen < 20:
        inner = getattr(error, "reason", None)
        for one in (error, inner):
            if isinstance(one, socket.gaierror):
                return True
            if isinstance(one, OSError) and one.errno in (errno.ENETUNREACH, errno.EHOSTUNREACH):
                return True
        error = error.__cause__ or error.__context__
        seen += 1
    return False


def _log_network_hint(error):
    """How to get the internet, after an error that only its absence explains."""
    try:
        if not _is_network_error(error) or any(name != "lo" for _, name in _socket.if_nameindex()):
            return
        name = "/".join(os.environ.get("__OW_ACTION_NAME", "").split("/")[2:]) or "NAME"
        log_error(
            f"This action has no internet access; grant it with: wsk action update {name} -a internet true"
        )
    except Exception:
        # a hint that can't be given is no failure
        pass


def _take_settings():
    return {name: os.environ.pop("__OW_" + name, None) for name in SETTINGS}


def _listen(settings):
    if settings["LISTEN_FD"] is not None:
        fd = int(settings["LISTEN_FD"])
        # what an action starts must not take connections that are meant for its runtime
        os.set_inheritable(fd, False)
        server = _socket.socket(fileno=fd)
        server.setblocking(True)
        return server
    if settings["LISTEN_SOCKET"] is not None:
        server = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM)
        try:
            os.unlink(settings["LISTEN_SOCKET"])
        except OSError:
            pass
        server.bind(settings["LISTEN_SOCKET"])
    else:
        server = _socket.socket(_socket.AF_INET, _socket.SOCK_STREAM)
        server.setsockopt(_socket.SOL_SOCKET, _socket.SO_REUSEADDR, 1)
        # a task of Mesos in its agent's network is told its port so
        server.bind(("0.0.0.0", int(settings["PORT"] or os.environ.get("PORT0") or 8080)))
    server.listen(BACKLOG)
    return server


def _accept(server):
    fd, _ = server._accept()
    connection = _socket.socket(fileno=fd)
    connection.setblocking(True)
    if connection.family != _socket.AF_UNIX:
        connection.setsockopt(_socket.IPPROTO_TCP, _socket.TCP_NODELAY, 1)
    return connection


def _serve_ready(exchange, handle):
    """Reads once and answers what is complete. False when the connection is over."""
    try:
        data = exchange.connection.recv(READ_BYTES)
        return exchange.receive(data, handle)
    except OSError:
        return False


def _serve_in_turn(runtime, server):
    """One call at a time, in the main thread, as most Python code expects."""
    poll = select.poll()
    poll.register(server.fileno(), IDLE_EVENTS)
    exchanges = {}
    while True:
        for fd, _ in poll.poll():
            if fd == server.fileno():
                exchange = Exchange(_accept(server))
                exchanges[exchange.connection.fileno()] = exchange
                poll.register(exchange.connection.fileno(), IDLE_EVENTS)
            elif not _serve_ready(exchanges[fd], runtime.handle):
                poll.unregister(fd)
                exchanges.pop(fd).connection.close()


def _serve_behind_front(runtime, server):
    """As `_serve_in_turn`, but another thread meets new clients and tells the status, also while a call runs.

    A client whose first request is for the action is handed over: the main thread never waits for strangers.
    """
    poll = select.poll()
    wake, waker = os.pipe()
    poll.register(wake, IDLE_EVENTS)
    handed_over = []
    exchanges = {}

    def hand_over(exchange):
        runtime.running.add(exchange)
        handed_over.append(exchange)
        os.write(waker, b"1")

    _thread.start_new_thread(_meet_clients, (runtime, server, hand_over))
    while True:
        for fd, _ in poll.poll():
            if fd == wake:
                os.read(wake, 1)
                exchange = handed_over.pop(0)
                fd = exchange.connection.fileno()
                exchanges[fd] = exchange
                poll.register(fd, IDLE_EVENTS)
                goes_on = _take_up(runtime, exchange)
            else:
                goes_on = _serve_ready(exchanges[fd], runtime.handle)
            if not goes_on:
                poll.unregister(fd)
                exchanges.pop(fd).connection.close()


def _meet_clients(runtime, server, hand_over):
    poll = select.poll()
    poll.register(server.fileno(), IDLE_EVENTS)
    fresh = {}
    while True:
        for fd, _ in poll.poll():
            if fd == server.fileno():
                try:
                    exchange = Exchange(_accept(server), runtime.settings["TOKEN"], runtime.prove)
                except OSError:
                    # gone already, or strangers have taken all descriptors: others may get one in a while
                    select.select([], [], [], 0.01)
                    continue
                # who asks and does not read the answers is let go: nobody else would be met
                exchange.connection.setblocking(False)
                fresh[exchange.connection.fileno()] = exchange
                poll.register(exchange.connection.fileno(), IDLE_EVENTS)
                continue
            exchange = fresh[fd]
            goes_on = _serve_ready(exchange, runtime.handle_status)
            if goes_on and not exchange.waits:
                continue
            poll.unregister(fd)
            del fresh[fd]
            if goes_on:
                exchange.connection.setblocking(True)
                hand_over(exchange)
            else:
                exchange.connection.close()


def _take_up(runtime, exchange):
    try:
        return exchange.take_up(runtime.handle)
    except OSError:
        return False


def _serve_at_once(runtime, server):
    """A thread for each connection: `__OW_ALLOW_CONCURRENT`."""
    import threading

    def serve(exchange):
        try:
            while _serve_ready(exchange, runtime.handle):
                pass
        except SystemExit as error:
            # in a thread it would end that thread only
            sys.stdout.flush()
            os._exit(error.code if isinstance(error.code, int) else 1)
        exchange.connection.close()

    while True:
        exchange = Exchange(_accept(server), runtime.settings["TOKEN"], runtime.prove)
        threading.Thread(target=serve, args=(exchange,), daemon=True).start()


def _open_prover(token):
    sys.path.insert(0, _HERE)
    from access_proof import open_prover

    sys.path.remove(_HERE)
    del sys.modules["access_proof"]
    return open_prover(token)


def _forward_api(api_socket, api_host):
    sys.path.insert(0, _HERE)
    from api_forwarder import forward_api

    sys.path.remove(_HERE)
    del sys.modules["api_forwarder"]
    forward_api(api_socket, api_host, log_error)


def main():
    settings = _take_settings()
    server = _listen(settings)
    open_logs(settings["LOG_STAMPS"] == "1")
    if settings["API_SOCKET"] is not None:
        _forward_api(settings["API_SOCKET"], os.environ.get("__OW_API_HOST", ""))
    runtime = Runtime(settings)
    if os.environ.get("__OW_ALLOW_CONCURRENT", "").lower() == "true":
        _serve_at_once(runtime, server)
    elif settings["TOKEN"] is not None:
        _serve_behind_front(runtime, server)
    else:
        _serve_in_turn(runtime, server)


main()
