"""Content-Encoding is undone as a browser does it, and a bomb does not go off."""

import gzip
import zlib
from collections.abc import Callable

import brotli
import pytest

import storage.content_encoding
from storage.content_encoding import decoded_body, zstd

PAGE = "<p>近日，示例省印发措施。</p>".encode() * 400


def raw_deflate(body: bytes) -> bytes:
    compressor = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return compressor.compress(body) + compressor.flush()


ENCODERS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "x-gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": brotli.compress,
    "zstd": zstd.compress,
}


def decoded(encoding: str, body: bytes) -> bytes:
    return decoded_body([("content-ENCODING", encoding)], body)


@pytest.mark.parametrize("encoding", ENCODERS)
def test_each_encoding_is_undone(encoding: str) -> None:
    assert decoded(encoding.upper(), ENCODERS[encoding](PAGE)) == PAGE
    assert decoded(encoding, ENCODERS[encoding](b"")) == b""
    assert decoded(encoding, b"") == b""


def test_deflate_without_its_header_is_undone() -> None:
    assert decoded("deflate", raw_deflate(PAGE)) == PAGE


def test_several_encodings_are_undone_from_the_last() -> None:
    body = brotli.compress(gzip.compress(PAGE))
    assert decoded("gzip, br", body) == PAGE
    assert decoded_body([("Content-Encoding", "gzip"), ("Content-Encoding", "br")], body) == PAGE


def test_no_encoding_leaves_the_body() -> None:
    assert decoded_body([("Content-Type", "text/html")], PAGE) == PAGE
    assert decoded("identity", PAGE) == PAGE
    assert decoded(" , ", PAGE) == PAGE


@pytest.mark.parametrize("encoding", ["gzip", "zstd"])
def test_parts_one_behind_the_other_are_one_body(encoding: str) -> None:
    encode = ENCODERS[encoding]
    assert decoded(encoding, encode(PAGE) + encode(b"") + encode(b"end")) == PAGE + b"end"


def test_padding_behind_gzip_is_nothing() -> None:
    assert decoded("gzip", gzip.compress(PAGE) + b"\0" * 9) == PAGE


@pytest.mark.parametrize("encoding", ENCODERS)
def test_a_body_cut_short_gives_what_came(encoding: str) -> None:
    noise = bytes(n * n * 7 % 251 ^ n >> 8 & 0xFF for n in range(50_000))
    body = ENCODERS[encoding](noise)
    found = decoded(encoding, body[: len(body) - 20])
    assert noise.startswith(found)


@pytest.mark.parametrize("encoding", ENCODERS)
def test_what_is_no_such_encoding_is_said(encoding: str) -> None:
    with pytest.raises(ValueError, match=f"damaged {encoding} body"):
        decoded(encoding, b"<!DOCTYPE html><p>plain all the same</p>" * 9)


@pytest.mark.parametrize("encoding", ["gzip", "deflate"])  # the ones with a checksum
def test_a_flipped_byte_is_said(encoding: str) -> None:
    body = bytearray(ENCODERS[encoding](PAGE))
    body[len(body) // 2] ^= 0xFF
    with pytest.raises(ValueError, match=f"damaged {encoding} body"):
        decoded(encoding, bytes(body))


@pytest.mark.parametrize("encoding", ["compress", "br2", "解"])
def test_an_unknown_encoding_is_said(encoding: str) -> None:
    with pytest.raises(ValueError, match="unknown Content-Encoding"):
        decoded(encoding, PAGE)


@pytest.mark.parametrize("encoding", ENCODERS)
def test_a_bomb_is_refused(encoding: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storage.content_encoding, "MAX_BYTES", 100_000)
    encode = ENCODERS[encoding]
    assert decoded(encoding, encode(b"x" * 100_000)) == b"x" * 100_000
    for size in (100_001, 10_000_000):
        with pytest.raises(ValueError, match="larger than 100000 bytes"):
            decoded(encoding, encode(b"x" * size))


@pytest.mark.parametrize("encoding", ["gzip", "zstd"])
def test_a_bomb_in_parts_is_refused(encoding: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storage.content_encoding, "MAX_BYTES", 100_000)
    part = ENCODERS[encoding](b"x" * 50_000)
    assert len(decoded(encoding, part * 2)) == 100_000
    with pytest.raises(ValueError, match="larger than 100000 bytes"):
        decoded(encoding, part * 3)


def test_very_many_parts_take_no_time_of_their_own() -> None:
    part = gzip.compress(b"x")
    assert decoded("gzip", part * 20_000) == b"x" * 20_000
