"""Overwrite records of WARC files in place, so that every other record keeps its offset.

Called by ``storage.captures``. A gzip member gives way to one of exactly its length that holds a
small ``metadata`` record; the gzip header's comment (RFC 1952, FCOMMENT) takes up the rest.
"""

import os
import struct
import zlib
from io import FileIO
from pathlib import Path
from uuid import uuid4

from storage.clock import now
from storage.errors import ArchiveUnusable, CaptureUnreadable
from storage.warc_reading import Record, iterate, read_record

_WHAT = "record erased after a withdrawal"
_FOLLOWING = "following: "  # lengths of the members after it that go with it, in bytes
_HEAD = b"\x1f\x8b\x08%c\0\0\0\0\x02\xff"  # deflate, flags, no time, best compression, any system
_COMMENT = 0x10
_WAY = os.O_RDWR | getattr(os, "O_BINARY", 0)


def erase_capture(folder: Path, file: str, offset: int, length: int, record_id: str) -> None:
    """Overwrite a capture's record and the request and metadata records that follow it.

    What a crash interrupted is finished by another call: the new record is synced before what
    follows it is touched, and says how long that is. Raises ``CaptureUnreadable`` when nothing
    there shows that it is this capture's record, ``ArchiveUnusable`` when the disk refuses.
    """
    path = folder / file
    following = _following(folder, file, offset, length, record_id)
    try:
        # In place and unbuffered; no other way of opening keeps the rest of the file.
        with FileIO(os.open(path, _WAY), "r+b") as stream:
            _overwrite(stream, offset, _member(length, record_id, following))
            offset += length
            for size in following:
                _overwrite(stream, offset, _member(size, f"<urn:uuid:{uuid4()}>"))
                offset += size
    except OSError as error:
        raise ArchiveUnusable(
            f"cannot erase in {path}: {error.strerror}; make it writable, then withdraw again"
        ) from error


def _following(folder: Path, file: str, offset: int, length: int, record_id: str) -> list[int]:
    """Lengths of the members after the capture's own that belong to it."""
    own: Record | None = None
    damage: CaptureUnreadable | None = None
    try:
        own = read_record(folder, file, offset, length)
    except CaptureUnreadable as error:
        damage = error  # or the traces of an erasure that was interrupted
    if own is not None and own.headers.get("WARC-Record-ID") != record_id:
        raise CaptureUnreadable(
            f"{folder / file} at offset {offset}: the record is not the capture to be erased;"
            " is it another archive's folder?"
        )
    if own is not None and (noted := _noted(own)) is not None:
        return noted
    found = _concurrent(folder / file, offset + length, record_id)
    if damage and not found:
        raise damage
    return found


def _noted(record: Record) -> list[int] | None:
    """The lengths an erased record speaks of; ``None`` for any other record."""
    lines = record.body.decode("utf-8", "replace").split("\r\n")
    if record.type != "metadata" or not lines[0].endswith(_WHAT):
        return None
    noted = [line for line in lines if line.startswith(_FOLLOWING)]
    return [int(size) for line in noted for size in line.removeprefix(_FOLLOWING).split()]


def _concurrent(path: Path, offset: int, record_id: str) -> list[int]:
    """Lengths of the records from ``offset`` on that say they were made together with a capture."""
    found: list[int] = []
    try:
        for record in iterate(path, offset):
            if record.headers.get("WARC-Concurrent-To") != record_id:
                break
            found.append(record.length)
    except CaptureUnreadable:
        if not found:  # a damaged record behind the last one is another capture's
            raise
    return found


def _member(length: int, record_id: str, following: list[int] | None = None) -> bytes:
    """A gzip member of ``length`` bytes that says that a record was erased, and not why."""
    lines = [f"erased: {_WHAT}"]
    if following:
        lines.append(_FOLLOWING + " ".join(map(str, following)))
    block = "".join(f"{line}\r\n" for line in lines)
    headers = (
        "WARC/1.1",
        "WARC-Type: metadata",
        f"WARC-Record-ID: {record_id}",
        f"WARC-Date: {now().strftime('%Y-%m-%dT%H:%M:%SZ')}",
        "Content-Type: application/warc-fields",
        f"Content-Length: {len(block)}",
    )
    data = ("\r\n".join(headers) + f"\r\n\r\n{block}\r\n\r\n").encode()
    deflate = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    packed = deflate.compress(data) + deflate.flush()
    packed += struct.pack("<II", zlib.crc32(data), len(data))
    room = length - len(_HEAD % 0) - len(packed)
    if room == 0:
        return _HEAD % 0 + packed
    if room < 0:
        raise CaptureUnreadable(
            f"a record of {length} bytes is too short to say that it is erased;"
            " is it another program's file?"
        )
    return _HEAD % _COMMENT + b" " * (room - 1) + b"\0" + packed


def _overwrite(stream: FileIO, offset: int, data: bytes) -> None:
    """Write and sync."""
    stream.seek(offset)
    rest = memoryview(data)
    while rest:
        rest = rest[stream.write(rest) :]
    os.fsync(stream.fileno())
