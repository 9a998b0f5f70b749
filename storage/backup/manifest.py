"""What a backup says of itself: ``backup.json`` beside its database and its WARC files.

Written last, so that a backup without a complete one is none; read by the next backup and by
restores.
"""

import datetime as dt
import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path

from storage.errors import ArchiveUnusable

NAME = "backup.json"
DATABASE = "archive.db"
WARC = "warc"


@dataclass(frozen=True, slots=True, kw_only=True)
class FileEntry:
    """A copied WARC file: the digest is of its first ``size`` bytes.

    What stands behind them was added by a later backup that did not come to its end.
    ``source_size`` and ``source_mtime_ns`` tell whether the original has changed since.
    """

    name: str
    size: int
    sha256: str
    source_size: int
    source_mtime_ns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """A backup; ``made_at`` is the moment its rows are of, ``None`` until the first is complete."""

    source: str
    release: str
    made_at: dt.datetime | None = None
    schema: str | None = None
    counts: dict[str, int] = field(default_factory=dict)
    files: tuple[FileEntry, ...] = ()


def read_manifest(folder: Path) -> Manifest | None:
    """The folder's manifest, ``None`` when it has none; ``ArchiveUnusable`` for a damaged one."""
    path = folder / NAME
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        made_at = values.pop("made_at")
        files = tuple(FileEntry(**entry) for entry in values.pop("files"))
        return Manifest(
            made_at=dt.datetime.fromisoformat(made_at) if made_at else None, files=files, **values
        )
    except FileNotFoundError:
        return None
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise ArchiveUnusable(f"{path} is no backup's list of files: {error}") from error


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Put the manifest in place in one step."""
    values = asdict(manifest)
    values["made_at"] = manifest.made_at.isoformat() if manifest.made_at else None
    new = folder / f"{NAME}.new"
    with new.open("w", encoding="utf-8") as stream:
        json.dump(values, stream, ensure_ascii=False, indent=1)
        stream.flush()
        os.fsync(stream.fileno())
    new.replace(folder / NAME)
    sync_folder(folder)


def sync_folder(folder: Path) -> None:
    """Make names in a folder as durable as the files are."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
