"""From an init message to the function that it names: Python text, or an archive with ``__main__.py``."""

import os
import sys

MODULE = "main__"
ARCHIVE_DIRECTORIES = ("packages",)


_HERE = os.path.dirname(os.path.abspath(__file__))


class CannotLocate(Exception):
    """No code could be made of the message. `answer` replaces the standard sentence."""

    def __init__(self, reason, answer=None, undecodable=False):
        super().__init__(reason)
        self.answer = answer
        self.undecodable = undecodable


def load_action(name, code, binary, action_directory):
    """The callable. Raises `CannotLocate`, or whatever the code raises when it is imported."""
    if binary:
        root = _unpacked(code, action_directory)
        path = os.path.join(root, "__main__.py")
        try:
            with open(path, "rb") as file:
                source = file.read()
        except FileNotFoundError:
            raise CannotLocate("Zip file does not include mandatory files: __main__.py is missing.") from None
    else:
        path, source = os.path.join(action_directory or os.getcwd(), "__main__.py"), code
        if action_directory is not None:
            os.chdir(action_directory)
    module = _execute(source, path)
    return _function(module, name)


def _execute(source, path):
    try:
        compiled = compile(source, path, "exec", dont_inherit=True)
    except (SyntaxError, ValueError) as error:
        import traceback

        text = "".join(traceback.format_exception_only(type(error), error)).rstrip("\n")
        raise CannotLocate(text) from None
    module = type(sys)(MODULE)
    module.__file__ = path
    # as an import would: classes of the action find their module
    sys.modules[MODULE] = module
    if isinstance(source, str):
        module.__loader__ = _SourceText(source)
    exec(compiled, module.__dict__)
    return module


class _SourceText:
    """Lets tracebacks show lines of code that is in no file."""

    def __init__(self, source):
        self._source = source

    def get_source(self, _name):
        return self._source


def _function(module, name):
    target = module
    for part in name.split("."):
        target = getattr(target, part, None)
    if target is None and "." in name:
        import importlib

        before, _, last = name.rpartition(".")
        target = getattr(importlib.import_module(before), last, None)
    if not callable(target):
        raise ImportError(f"cannot import name {name!r}: the action has no function of this name")
    return target


def _unpacked(code, action_directory):
    import base64
    import binascii

    # for as long as this takes: user code must find its own modules, not the runtime's
    sys.path.insert(0, _HERE)
    from action_archive import UnsafeArchive, unpack

    sys.path.remove(_HERE)
    del sys.modules["action_archive"]

    try:
        data = base64.b64decode(code, validate=True)
    except (binascii.Error, ValueError) as error:
        raise CannotLocate(str(error), f"cannot decode the request: {error}", undecodable=True) from None
    root = _code_directory(action_directory)
    try:
        unpack(data, root)
    except UnsafeArchive as error:
        raise CannotLocate(f"There was an error uncompressing the action archive: {error}") from None
    os.chdir(root)
    sys.path[:0] = [root, *_package_directories(root)]
    return root


def _package_directories(root):
    """Packages beside the code, and those of a virtual environment that was packed with it."""
    found = [os.path.join(root, name) for name in ARCHIVE_DIRECTORIES]
    libraries = os.path.join(root, "virtualenv", "lib")
    if os.path.isdir(libraries):
        found += [os.path.join(libraries, name, "site-packages") for name in sorted(os.listdir(libraries))]
    return [path for path in found if os.path.isdir(path)]


def _code_directory(action_directory):
    if action_directory is None:
        import tempfile

        return os.path.realpath(tempfile.mkdtemp(prefix="action-"))
    root = os.path.join(action_directory, "code")
    os.makedirs(root, exist_ok=True)
    return os.path.realpath(root)
