"""Undo Content-Encoding: the decoded body of a capture, as a browser would see it.

Called by ``storage.archive`` for body digests and by whoever re-reads stored captures.
"""

import gzip
import zlib
from collections.abc import Iterable

import brotli

try:
    from compression import zstd  # type: ignore[import-not-found,unused-ignore]
except ImportError:  # before Python 3.14
    from backports import zstd

MAX_BYTES = 256 * 1024 * 1024  # a decompression bomb ends here


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
    decompressor = zlib.decompressobj(window)
    data = decompressor.decompress(body, MAX_BYTES)
    if decompressor.unconsumed_tail:
        raise ValueError(f"decoded body is larger than {MAX_BYTES} bytes")
    return data


def _gunzip(body: bytes) -> bytes:
    data = bytearray()
    while body[:2] == b"\x1f\x8b":  # several members, or zero padding behind the last
        decompressor = zlib.decompressobj(zlib.MAX_WBITS + 16)
        data += decompressor.decompress(body, MAX_BYTES - len(data))
        if decompressor.unconsumed_tail:
            raise ValueError(f"decoded body is larger than {MAX_BYTES} bytes")
        body = decompressor.unused_data
        if not decompressor.eof:
            break  # cut short: what there is can still be read
    if not data and body:
        raise gzip.BadGzipFile("not a gzip file")
    return bytes(data)


def _deflate(body: bytes) -> bytes:
    try:
        return _inflate(body, zlib.MAX_WBITS)
    except zlib.error:  # raw deflate, as some servers send it
        return _inflate(body, -zlib.MAX_WBITS)


def _brotli(body: bytes) -> bytes:
    decompressor = brotli.Decompressor()
    data = bytearray(decompressor.process(body, output_buffer_limit=MAX_BYTES))
    if not decompressor.is_finished() and not decompressor.can_accept_more_data():
        raise ValueError(f"decoded body is larger than {MAX_BYTES} bytes")
    return bytes(data)


def _zstd(body: bytes) -> bytes:
    decompressor = zstd.ZstdDecompressor()
    data: bytes = decompressor.decompress(body, MAX_BYTES)
    if not decompressor.eof and not decompressor.needs_input:
        raise ValueError(f"decoded body is larger than {MAX_BYTES} bytes")
    return data


_DECODERS = {
    "gzip": _gunzip,
    "x-gzip": _gunzip,
    "deflate": _deflate,
    "br": _brotli,
    "zstd": _zstd,
}
