"""A backup: the rows as they stand at one moment, then the bytes they refer to.

Called by ``jiedu backup``. A record is synced before its row is written, so whatever rows a
snapshot has, their records are in the files by then. A crawl is not held up.
"""

import fcntl
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, func, or_, select, text

from storage.address import parse_url
from storage.archive import Archive
from storage.backup.files import bytes_to_copy, copy_warc
from storage.backup.manifest import (
    DATABASE,
    WARC,
    FileEntry,
    Manifest,
    read_manifest,
    sync_folder,
    write_manifest,
)
from storage.backup.tables import copy_tables, count_rows, schema_revision
from storage.check.finding import Progress
from storage.clock import now
from storage.errors import ArchiveUnusable, CaptureUnreadable
from storage.opening import connect
from storage.schema import CaptureRow, LeaseRow, WithdrawalRow
from storage.transaction import snapshot, writing
from storage.warc_reading import read_record

_SPARE = 10_000_000  # bytes left free for the lists and the file system's own use
_QUICK = 20  # problems named by the check of the copy


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A backup that was made, how much of it was new, and what of the archive it lacks."""

    manifest: Manifest
    copied_files: int
    copied_bytes: int
    problems: tuple[str, ...]


def backup(
    archive: Archive, folder: Path, progress: Progress = lambda what, done, total: None
) -> Made:
    """Copy the archive into a folder that is new, empty, or holds an earlier backup of it.

    The copy opens as an archive: ``FOLDER/archive.db`` with ``FOLDER/warc``. A record that is
    damaged or missing in the archive is no reason not to copy the others: it is a problem of what
    is returned. Raises ``ArchiveUnusable``; then an earlier backup in the folder is still whole.
    """
    warc = archive.warc_folder
    if warc is None:
        raise ArchiveUnusable(f"{archive.address} needs the folder of its WARC files: set --warc")
    folder = folder.resolve()
    try:
        known = _prepare(archive, folder, warc)
        with _alone(folder):
            return _make(archive, folder, warc, known, progress)
    except (OSError, sqlite3.Error) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise ArchiveUnusable(
            f"the backup in {folder} was not finished: {reason}; an earlier one there is still"
            " whole; make room or mend this, and run it again"
        ) from error


def _make(archive: Archive, folder: Path, warc: Path, known: Manifest, progress: Progress) -> Made:
    new = folder / f"{DATABASE}.new"
    _remove(new)
    made_at = now()
    with snapshot(archive.engine) as connection:
        entries = {entry.name: entry for entry in known.files}
        ends = _referred_ends(connection)
        changed = _erased_files(connection, known)
        sources = _sources(warc)
        _require_room(connection, folder, sources, entries, changed)
        progress("database", 0, 0)
        _copy_database(connection, archive.engine, new, progress)
        manifest_values: dict[str, Any] = {
            "counts": count_rows(connection),
            "schema": schema_revision(connection),
        }
    touched: list[str] = []
    copied = 0
    for number, source in enumerate(sources, 1):
        before = entries.get(source.name)
        entry = copy_warc(
            source,
            folder / WARC / source.name,
            before,
            ends.get(source.name, 0),
            is_changed=source.name in changed,
        )
        if entry != before:
            grown = before is not None and source.name not in changed
            copied += entry.size - (before.size if before and grown else 0)
            touched.append(source.name)
        entries[source.name] = entry
        progress("WARC files", number, len(sources))
    sync_folder(folder / WARC)
    problems = _check_copy(new, folder / WARC, entries, set(touched))
    manifest = Manifest(
        source=archive.address,
        release=version("jiedu"),
        made_at=made_at,
        files=tuple(entries[name] for name in sorted(entries)),
        **manifest_values,
    )
    _publish(folder, new)
    write_manifest(folder, manifest)
    return Made(
        manifest=manifest,
        copied_files=len(touched),
        copied_bytes=copied,
        problems=tuple(problems),
    )


# -- the folder -----------------------------------------------------------------------------------


def _prepare(archive: Archive, folder: Path, warc: Path) -> Manifest:
    """The folder, made if need be, and what it holds already; refuses one that is not for this."""
    own = archive.engine.url.database if archive.engine.dialect.name == "sqlite" else None
    places = {folder, folder / WARC, *folder.parents}
    if warc in places or (own and Path(own) in (folder, folder / DATABASE)):
        raise ArchiveUnusable(f"{folder} is the archive's own folder; name another one")
    known = read_manifest(folder)
    if known is None:
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise ArchiveUnusable(
                f"{folder} holds something that is no backup; name a new or empty folder"
            )
        folder.mkdir(parents=True, exist_ok=True)
        known = Manifest(source=archive.address, release=version("jiedu"))
        write_manifest(folder, known)
    elif known.source != archive.address:
        raise ArchiveUnusable(
            f"{folder} holds the backup of {known.source}; name another folder for"
            f" {archive.address}"
        )
    (folder / WARC).mkdir(exist_ok=True)
    return known


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Let no other backup write into the folder."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ArchiveUnusable(f"another backup into {folder} is running") from None
        yield
    finally:
        os.close(descriptor)


def _require_room(
    connection: Connection,
    folder: Path,
    sources: list[Path],
    entries: dict[str, FileEntry],
    changed: set[str],
) -> None:
    if connection.dialect.name == "sqlite":
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        needed = pages * connection.exec_driver_sql("PRAGMA page_size").scalar_one()
    else:
        needed = connection.scalar(text("SELECT pg_database_size(current_database())")) or 0
    for source in sources:
        is_changed = source.name in changed
        needed += bytes_to_copy(source, entries.get(source.name), is_changed=is_changed)
    free = shutil.disk_usage(folder).free
    if needed + _SPARE > free:
        raise ArchiveUnusable(
            f"{folder} has {free / 1e6:,.0f} MB free, the backup needs {needed / 1e6:,.0f} MB more;"
            " make room or name another folder"
        )


def _sources(warc: Path) -> list[Path]:
    if not warc.is_dir():  # nothing has been crawled yet
        return []
    return sorted(path for path in warc.iterdir() if path.name.endswith(".warc.gz"))


# -- the database ---------------------------------------------------------------------------------


def _referred_ends(connection: Connection) -> dict[str, int]:
    """Where in each file the last record ends that a row refers to."""
    end = func.max(CaptureRow.warc_offset + CaptureRow.warc_length)
    rows = connection.execute(select(CaptureRow.warc_file, end).group_by(CaptureRow.warc_file))
    return {file: int(last) for file, last in rows}


def _erased_files(connection: Connection, known: Manifest) -> set[str]:
    """Files in which records were overwritten since the last backup: they go from it too."""
    if known.made_at is None:
        return set()
    query = (
        select(CaptureRow.warc_file)
        .distinct()
        .join(WithdrawalRow, WithdrawalRow.article_id == CaptureRow.article_id)
        .where(WithdrawalRow.act == "erase")
        .where(or_(WithdrawalRow.finished_at.is_(None), WithdrawalRow.finished_at >= known.made_at))
    )
    return set(connection.scalars(query))


def _copy_database(connection: Connection, engine: Engine, new: Path, progress: Progress) -> None:
    """All rows into a SQLite file that is whole in itself, without a log beside it."""
    if engine.dialect.name == "sqlite":
        raw: Any = connection.connection.dbapi_connection
        with closing(sqlite3.connect(new)) as copy:
            raw.backup(copy)  # in one step: within the snapshot's transaction
    else:
        target = connect(parse_url(new), create=True)
        try:
            with writing(target) as rows:
                copy_tables(connection, rows, lambda name: progress(f"table {name}", 0, 0))
        finally:
            target.dispose()
    with closing(sqlite3.connect(new)) as copy:
        copy.execute(f"DELETE FROM {LeaseRow.__tablename__}")  # nobody works on the copy
        copy.commit()
    _without_log(new)


def _without_log(path: Path) -> None:
    """Merge a database's log into it, so that one file is all of it, and sync that."""
    with closing(sqlite3.connect(path, timeout=1)) as database:
        (mode,) = database.execute("PRAGMA journal_mode=DELETE").fetchone()
    if mode != "delete":
        raise ArchiveUnusable(f"{path} is being used; try again when it is closed")
    with path.open("rb") as stream:
        os.fsync(stream.fileno())


def _publish(folder: Path, new: Path) -> None:
    """Put the new database in the old one's place, whose log must not be taken for its own."""
    old = folder / DATABASE
    if old.with_name(f"{DATABASE}-wal").exists():
        _without_log(old)
    new.replace(old)
    sync_folder(folder)


def _remove(new: Path) -> None:
    for suffix in ("", "-wal", "-shm", "-journal"):
        new.with_name(new.name + suffix).unlink(missing_ok=True)


# -- the check of the copy ------------------------------------------------------------------------


def _check_copy(
    database: Path, warc: Path, entries: dict[str, FileEntry], touched: set[str]
) -> list[str]:
    """Whether every record that a row refers to is within its file, and the last ones are whole."""
    problems: list[str] = []
    engine = create_engine(f"sqlite:///{database}")
    try:
        with engine.connect() as connection:
            for file, end in sorted(_referred_ends(connection).items()):
                size = entries[file].size if file in entries else 0
                if end > size:
                    count = _count_behind(connection, file, size)
                    problems.append(f"{file}: {count} capture(s) have no record there")
                elif file in touched:
                    problems += _check_last(connection, warc, file, end)
    finally:
        engine.dispose()
    more = len(problems) - _QUICK
    return problems[:_QUICK] + ([f"{more} more file(s) lack records"] if more > 0 else [])


def _count_behind(connection: Connection, file: str, size: int) -> int:
    end = CaptureRow.warc_offset + CaptureRow.warc_length
    query = select(func.count()).where(CaptureRow.warc_file == file, end > size)
    return connection.scalar(query) or 0


def _check_last(connection: Connection, warc: Path, file: str, end: int) -> Iterator[str]:
    place = select(CaptureRow.warc_offset, CaptureRow.warc_length).where(
        CaptureRow.warc_file == file, CaptureRow.warc_offset + CaptureRow.warc_length == end
    )
    offset, length = connection.execute(place).first() or (0, 0)
    try:
        read_record(warc, file, offset, length)
    except CaptureUnreadable as error:
        yield str(error)
