"""Proves to who connects that this is the container and not another process that got hold of its port, before it shows
the access token. Loaded only where there is one: it costs a cold start some milliseconds.
"""

from binascii import b2a_base64

try:
    from _hashlib import hmac_digest
except ImportError:
    from hmac import digest as hmac_digest

_URL_SAFE = bytes.maketrans(b"+/", b"-_")


def open_prover(token):
    """Answers a function that makes the answer, JSON, to a nonce."""
    key = token.encode("utf-8")

    def prove(nonce, digest=hmac_digest, encode=b2a_base64, url_safe=_URL_SAFE):
        proof = encode(digest(key, b"vibrissa-prove:" + nonce, "sha256"), newline=False)
        return b'{"proof":"' + proof.translate(url_safe).rstrip(b"=") + b'"}'

    return prove
