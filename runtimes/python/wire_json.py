"""JSON as it travels, by the C parts of ``json`` alone: the package itself imports ``re``, which takes longer than all
else that the runtime imports. Where an interpreter hasn't those parts as expected, the package is used.
"""

WHITESPACE = " \t\n\r"


class _Context:
    """What the C scanner asks of a decoder."""

    strict = True
    object_hook = None
    object_pairs_hook = None
    parse_float = float
    parse_int = int
    memo = {}

    @staticmethod
    def parse_constant(name):
        # NaN and Infinity are no JSON
        raise ValueError(f"{name} is not allowed")


def _not_serialisable(value):
    raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")


def _load_with_package(text):
    import json

    return json.loads(text, parse_constant=_Context.parse_constant)


def _dump_with_package(value):
    import json

    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


def _open():
    try:
        from _json import encode_basestring, make_encoder, make_scanner

        scan = make_scanner(_Context)

        def dump_compact(value):
            # the first argument holds what is being encoded: that is how cycles are found
            encode = make_encoder({}, _not_serialisable, encode_basestring, None, ":", ",", False, False, False)
            return "".join(encode(value, 0))

        def load_text(text):
            stripped = text.strip(WHITESPACE)
            try:
                value, end = scan(stripped, 0)
            except RecursionError:
                raise
            except Exception:
                # the scanner can only say what is wrong once the package has been imported
                return _load_with_package(text)
            return value if end == len(stripped) else _load_with_package(text)

        if dump_compact(load_text('{"a":[1,"b",null]}')) == '{"a":[1,"b",null]}':
            return load_text, dump_compact
    except Exception:  # another interpreter, or a later one
        pass
    return _load_with_package, _dump_with_package


_load, dump = _open()


def load(body):
    """The value in bytes of UTF-8. Raises `ValueError` or `RecursionError`."""
    return _load(body.decode("utf-8"))
