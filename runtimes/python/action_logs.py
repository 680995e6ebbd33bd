"""The two log streams. What user code printed is written, all of it, before the sentinels are.

Lines go out as they are printed, so that those of an action that is stopped aren't lost.
"""

import io
import os
import sys

SENTINEL = "XXX_THE_END_OF_A_WHISK_ACTIVATION_XXX"
_NEWLINE = 10
_write = os.write
_at_line_start = {1: True, 2: True}
_streams = []


class _Stream(io.FileIO):
    """Knows whether the next byte begins a line, and waits for a slow reader."""

    def write(self, data):
        view = memoryview(data).cast("B")
        _write_all(self.fileno(), view)
        return len(view)


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


def open_logs():
    """Replaces ``sys.stdout`` and ``sys.stderr``."""
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
    _write_all(2, (text + "\n").encode("utf-8", "backslashreplace"))


def _flush():
    for stream in (*_streams, sys.stdout, sys.stderr):
        try:
            stream.flush()
        except Exception:  # user code may have closed it, or put anything in its place
            pass
