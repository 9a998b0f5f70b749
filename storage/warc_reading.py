"""Read WARC records back, each to its end and with its digests verified.

``storage.captures`` reads single records by offset, others whole files with ``iterate``;
``storage.check`` reads the members by itself, for it goes on behind a damaged one.
warcio's own reader would pass a file cut in mid-record and one whose last checksum is missing.
"""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from storage.digest import payload_digest
from storage.errors import CaptureUnreadable

Headers = tuple[tuple[str, str], ...]

_CHUNK = 1 << 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One record: where its gzip member stands, its WARC headers, and its HTTP message if any.

    ``body`` is the payload of an HTTP message and the whole block of any other record.
    """

    offset: int
    length: int
    type: str
    headers: dict[str, str]
    status: int | None
    http_headers: Headers
    body: bytes


def read_record(folder: Path, file: str, offset: int, length: int) -> Record:
    """Read one record back and verify its digests.

    Raises ``CaptureUnreadable`` naming file and offset when the file is missing or damaged.
    """
    path = folder / file
    try:
        with path.open("rb") as stream:
            stream.seek(offset)
            member = stream.read(length)
    except OSError as error:
        raise CaptureUnreadable(
            f"cannot read {path} at offset {offset}: {error.strerror};"
            " restore the file or set ARCHIVE_WARC to its folder"
        ) from error
    decompressor = zlib.decompressobj(zlib.MAX_WBITS + 16)
    try:
        data = decompressor.decompress(member)
    except zlib.error as error:
        raise _unreadable(path, offset, f"the record is damaged ({error})") from error
    if not decompressor.eof:
        raise _unreadable(path, offset, "the file ends inside the record")
    if decompressor.unused_data:
        raise _unreadable(path, offset, "there is no record of this length")
    return parse_record(data, path, offset, length)


def iterate(path: Path, offset: int = 0) -> Iterator[Record]:
    """All records of one of the archive's files, each read to its end and verified.

    They are those from ``offset`` on, where one must begin. Raises ``CaptureUnreadable`` at the
    first damaged or incomplete one.
    """
    try:
        with path.open("rb") as stream:
            stream.seek(offset)
            for data, place, length in _members(stream, path, offset):
                yield parse_record(data, path, place, length)
    except OSError as error:
        raise CaptureUnreadable(f"cannot read {path}: {error.strerror}") from error


def _members(stream: BinaryIO, path: Path, offset: int) -> Iterator[tuple[bytes, int, int]]:
    """Each gzip member from ``offset`` on, decompressed, with its offset and compressed length."""
    pending = stream.read(_CHUNK)
    while pending:
        decompressor = zlib.decompressobj(zlib.MAX_WBITS + 16)
        parts, length = [], 0
        while not decompressor.eof:
            if not pending:
                raise _unreadable(path, offset, "the file ends inside the record")
            try:
                parts.append(decompressor.decompress(pending))
            except zlib.error as error:
                raise _unreadable(path, offset, f"the record is damaged ({error})") from error
            length += len(pending) - len(decompressor.unused_data)
            pending = decompressor.unused_data or stream.read(_CHUNK)
        yield b"".join(parts), offset, length
        offset += length


def parse_record(data: bytes, path: Path, offset: int, length: int) -> Record:
    """The record in a decompressed member, verified; ``CaptureUnreadable`` when it is none."""
    head, _, rest = data.partition(b"\r\n\r\n")
    first, *lines = head.decode("utf-8", "replace").split("\r\n")
    headers = dict(_field(line) for line in lines)
    try:
        size = int(headers["Content-Length"])
        record_type = headers["WARC-Type"]
    except (KeyError, ValueError):
        size, record_type = -1, ""
    if not first.startswith("WARC/1.") or size < 0:
        raise _unreadable(path, offset, "there is no WARC record")
    if rest[size:] != b"\r\n\r\n":
        raise _unreadable(path, offset, "the record is not as long as it says")
    block = body = rest[:size]
    _verify(headers.get("WARC-Block-Digest"), block, path, offset)
    status: int | None = None
    http_headers: Headers = ()
    if headers.get("Content-Type", "").startswith("application/http"):
        http_head, _, body = block.partition(b"\r\n\r\n")
        status_line, *lines = http_head.decode("latin-1").split("\r\n")
        http_headers = tuple(_field(line) for line in lines)
        if record_type != "request":
            code = status_line.split(" ")[1:2]
            if not code or not code[0].isdecimal():
                raise _unreadable(path, offset, "there is no HTTP response")
            status = int(code[0])
    if record_type != "revisit":  # its payload stands in another record
        _verify(headers.get("WARC-Payload-Digest"), body, path, offset)
    return Record(
        offset=offset,
        length=length,
        type=record_type,
        headers=headers,
        status=status,
        http_headers=http_headers,
        body=body,
    )


def _field(line: str) -> tuple[str, str]:
    name, _, value = line.partition(":")
    return name, value.removeprefix(" ")


def _verify(stated: str | None, data: bytes, path: Path, offset: int) -> None:
    if stated is not None and payload_digest(data) != stated:
        raise _unreadable(path, offset, "the bytes do not fit their digest")


def _unreadable(path: Path, offset: int, what: str) -> CaptureUnreadable:
    return CaptureUnreadable(f"{path} at offset {offset}: {what}; restore the file from a copy")
