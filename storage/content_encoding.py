"""Undo Content-Encoding: the decoded body of a capture, as a browser would see it.

Called by ``storage.archive`` for body digests and by whoever re-reads stored captures.
"""

import zlib
from collections.abc import Callable, Iterable
from io import BytesIO
from typing import Any

import brotli

try:
    from compression import zstd  # type: ignore[import-not-found,unused-ignore]
except ImportError:  # before Python 3.14
    from backports import zstd

MAX_BYTES = 256 * 1024 * 1024  # a decompression bomb ends here
_CHUNK = 1 << 16


def decoded_body(headers: Iterable[tuple[str, str]], body: bytes) -> bytes:
    """``body`` with every Content-Encoding in ``headers`` removed.

    Raises ``ValueError`` for an unknown encoding, damaged data, or more than ``MAX_BYTES``.
    """
    stated = ",".join(value for name, value in headers if name.lower() == "content-encoding")
    for encoding in reversed([part.strip().lower() for part in stated.split(",") if part.strip()]):
        if not body or encoding == "identity":
            continue
        try:
            body = _DECODERS[encoding](body)
        except KeyError:
            raise ValueError(f"unknown Content-Encoding {encoding!r}") from None
        except (OSError, EOFError, zlib.error, brotli.error, zstd.ZstdError) as error:
            raise ValueError(f"damaged {encoding} body: {error}") from None
    return body


def _inflate(body: bytes, window: int) -> bytes:
    data = zlib.decompressobj(window).decompress(body, MAX_BYTES + 1)
    _check_size(len(data))
    return data


def _gunzip(body: bytes) -> bytes:
    return _parts(body, lambda: zlib.decompressobj(zlib.MAX_WBITS + 16), b"\x1f\x8b")


def _deflate(body: bytes) -> bytes:
    try:
        return _inflate(body, zlib.MAX_WBITS)
    except zlib.error:  # raw deflate, as some servers send it
        return _inflate(body, -zlib.MAX_WBITS)


def _brotli(body: bytes) -> bytes:
    decompressor = brotli.Decompressor()
    data: bytes = decompressor.process(body, output_buffer_limit=MAX_BYTES + 1)
    _check_size(len(data))
    return data


def _zstd(body: bytes) -> bytes:
    return _parts(body, zstd.ZstdDecompressor, b"\x28\xb5\x2f\xfd")


def _parts(body: bytes, decompressor: Callable[[], Any], magic: bytes) -> bytes:
    """All members or frames of ``body``, up to where it is cut short or only padding follows.

    The body is fed in chunks, for each part's decompressor copies what lies behind it.
    """
    data, source = bytearray(), BytesIO(body)
    pending, is_first = source.read(_CHUNK), True
    while is_first or pending.startswith(magic):
        part, is_first = decompressor(), False
        while pending and not part.eof:
            data += part.decompress(pending, MAX_BYTES + 1 - len(data))
            _check_size(len(data))
            pending = part.unused_data or source.read(_CHUNK)
        if len(pending) < len(magic):
            pending += source.read(_CHUNK)
    return bytes(data)


def _check_size(size: int) -> None:
    if size > MAX_BYTES:
        raise ValueError(f"decoded body is larger than {MAX_BYTES} bytes")


_DECODERS = {
    "gzip": _gunzip,
    "x-gzip": _gunzip,
    "deflate": _deflate,
    "br": _brotli,
    "zstd": _zstd,
}
