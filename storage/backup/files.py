"""Copies of WARC files: only what is new, cut where a record ends, digested on the way.

Called by backups and restores. A file that is copied whole takes its place in one step; one that
has grown since the last backup is added to, for nothing in it changes (but by an erasure).
"""

import hashlib
import os
from pathlib import Path
from typing import BinaryIO

from storage.backup.manifest import FileEntry
from storage.check.members import Damaged, MemberFile
from storage.errors import ArchiveUnusable

_CHUNK = 1 << 20
_TAIL = 1 << 16  # bytes compared to see that a grown file is still the same one


def bytes_to_copy(source: Path, known: FileEntry | None, *, is_changed: bool) -> int:
    """How much room the copy of a file will take at most."""
    size = source.stat().st_size
    return size if known is None or is_changed else max(0, size - known.size)


def copy_warc(
    source: Path, target: Path, known: FileEntry | None, referred: int, *, is_changed: bool
) -> FileEntry:
    """Bring the copy of a file up to date; what the manifest will say of it.

    ``referred`` is where the last record ends that a row refers to; what follows is copied up to
    the end of its last whole record. ``is_changed`` when bytes in it were overwritten.
    """
    state = source.stat()
    stamp = (state.st_size, state.st_mtime_ns)
    is_here = known is not None and target.is_file() and target.stat().st_size >= known.size
    if known is not None and is_here and not is_changed:
        if stamp == (known.source_size, known.source_mtime_ns):
            os.truncate(target, known.size)
            return known
        if _is_continued(source, target, known):
            end = max(known.size, _whole_end(source, min(referred, state.st_size), state.st_size))
            sha256 = _append(source, target, known, end)
            if sha256 is not None:
                return _entry(source.name, end, sha256, stamp)
    end = _whole_end(source, min(referred, state.st_size), state.st_size)
    return _entry(source.name, end, copy_whole(source, target, end), stamp)


def _entry(name: str, size: int, sha256: str, stamp: tuple[int, int]) -> FileEntry:
    return FileEntry(
        name=name, size=size, sha256=sha256, source_size=stamp[0], source_mtime_ns=stamp[1]
    )


def _whole_end(source: Path, start: int, size: int) -> int:
    """Where the last whole member ends; damage that is no cut is copied as it is."""
    with MemberFile(source) as members:
        position = start
        while position < size:
            try:
                position += members.length(position)
            except Damaged as damage:
                return position if damage.is_cut else size
        return position


def _is_continued(source: Path, target: Path, known: FileEntry) -> bool:
    """Whether the source has grown, and what was copied before still ends alike."""
    if source.stat().st_size <= known.source_size:
        return False
    start = max(0, known.size - _TAIL)
    with source.open("rb") as one, target.open("rb") as other:
        one.seek(start)
        other.seek(start)
        length = known.size - start
        return one.read(length) == other.read(length)


def _append(source: Path, target: Path, known: FileEntry, end: int) -> str | None:
    """Add to the copy; its digest, or ``None`` when the copy is no longer what it was."""
    digest = hashlib.sha256()
    with source.open("rb") as reader, target.open("r+b") as writer:
        left = known.size
        while left:
            data = writer.read(min(_CHUNK, left))
            digest.update(data)
            left -= len(data)
        if digest.hexdigest() != known.sha256:
            return None
        writer.seek(known.size)
        writer.truncate()
        reader.seek(known.size)
        _copy(reader, writer, end - known.size, digest)
    return digest.hexdigest()


def copy_whole(source: Path, target: Path, size: int) -> str:
    """Copy the first ``size`` bytes into a new file that takes its place when whole; SHA-256."""
    part = target.with_name(f"{target.name}.part")
    digest = hashlib.sha256()
    try:
        with source.open("rb") as reader, part.open("wb") as writer:
            _copy(reader, writer, size, digest)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    part.replace(target)
    return digest.hexdigest()


def _copy(reader: BinaryIO, writer: BinaryIO, size: int, digest: "hashlib._Hash") -> None:
    """Copy and digest the next ``size`` bytes, down to the disk."""
    left = size
    while left:
        data = reader.read(min(_CHUNK, left))
        if not data:
            raise ArchiveUnusable(f"{reader.name} became shorter while it was copied; try again")
        digest.update(data)
        writer.write(data)
        left -= len(data)
    writer.flush()
    os.fsync(writer.fileno())


def file_digest(path: Path, size: int) -> str | None:
    """SHA-256 of the first ``size`` bytes; ``None`` when there are not as many."""
    digest = hashlib.sha256()
    try:
        with path.open("rb") as stream:
            while size:
                data = stream.read(min(_CHUNK, size))
                if not data:
                    return None
                digest.update(data)
                size -= len(data)
    except FileNotFoundError:
        return None
    return digest.hexdigest()
