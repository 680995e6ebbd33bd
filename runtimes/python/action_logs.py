"""The two log streams. What user code printed is written, all of it, before the sentinels are.

Lines go out as they are printed, so that those of an action that is stopped aren't lost.

With ``stamps`` each line that this process writes begins with its time, where logs are read later from two files: byte
0x1e, the nanoseconds since 1970 in 19 digits, a space. Sentinels have none.
"""

import io
import os
import sys
from time import time_ns as _time_ns

SENTINEL = "XXX_THE_END_OF_A_WHISK_ACTIVATION_XXX"
_NEWLINE = 10
_write = os.write
_at_line_start = {1: True, 2: True}
_streams = []
_stamps = False


class _Stream(io.FileIO):
    """Knows whether the next byte begins a line, and waits for a slow reader."""

    def write(self, data):
        view = memoryview(data).cast("B")
        _log(self.fileno(), view)
        return len(view)


def _log(fd, data):
    """Bytes that the action has printed."""
    _write_all(fd, _stamped(fd, bytes(data)) if _stamps and data else data)


def _stamped(fd, data):
    stamp = b"\x1e%019d " % _time_ns()
    # a newline at the end begins no line yet
    text = data[:-1].replace(b"\n", b"\n" + stamp) + data[-1:]
    return stamp + text if _at_line_start[fd] else text


def _write_all(fd, data):
    view = memoryview(data)
    if not view:
        return
    last = view[-1]
    while view:
        try:
            view = view[_write(fd, view) :]
        except BlockingIOError:
            # a child process may have made the shared pipe non-blocking
            import select

            select.select([], [fd], [])
        except OSError:
            # without a reader there is nobody to tell
            return
    _at_line_start[fd] = last == _NEWLINE


def open_logs(stamps):
    """Replaces ``sys.stdout`` and ``sys.stderr``."""
    global _stamps
    _stamps = stamps
    for name, fd in (("stdout", 1), ("stderr", 2)):
        buffer = io.BufferedWriter(_Stream(fd, "w", closefd=False))
        stream = io.TextIOWrapper(buffer, "utf-8", "backslashreplace", line_buffering=True)
        stream.mode = "w"
        _streams.append(stream)
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)


def end_logs(token):
    """Writes the sentinel, with the token if there is one, as a line of its own to both streams.

    With the token ``none`` the answer ends the logs, and nothing is written.
    """
    _flush()
    if token == "none":
        return
    line = f"{SENTINEL} {token}\n" if token else f"{SENTINEL}\n"
    for fd in (1, 2):
        text = line if _at_line_start[fd] else "\n" + line
        _write_all(fd, text.encode("latin-1"))


def log_error(text):
    """A message of the runtime itself, or of an error that nothing in the action caught."""
    _flush()
    _log(2, (text + "\n").encode("utf-8", "backslashreplace"))


def _flush():
    for stream in (*_streams, sys.stdout, sys.stderr):
        try:
            stream.flush()
        except Exception:  # user code may have closed it, or put anything in its place
            pass
