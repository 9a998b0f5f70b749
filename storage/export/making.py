"""Make a dataset: a folder that is there whole, or not at all.

Called by ``Archive.export``. Everything is read in one view of the database and written into a
folder beside the one asked for, which takes its name when the last file is on the disk.
"""

import contextlib
import datetime as dt
import gc
import hashlib
import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, select, text

from storage.errors import DatasetUnusable, QueryError
from storage.export.columns import CAPTURES, REMOVED, TABLES, TableOf
from storage.export.description import (
    CARD,
    CODEBOOK,
    PACKAGE,
    codebook,
    data_package,
    dataset_card,
)
from storage.export.formats import TABLE_WRITERS, LinesTable, sync_file
from storage.export.manifest import (
    NAME,
    DatasetFile,
    Manifest,
    digest_of,
    query_fields,
    read_manifest,
)
from storage.export.matching import matching_articles
from storage.export.moment import resolve_moment
from storage.export.plan import Plan
from storage.export.state import changed_since, withdrawals_since, withdrawn_since
from storage.export.tables import Choice, DatasetTables
from storage.export.warc_copy import WarcCopy, source_folder
from storage.export.writer import TableWriter, WrittenFile
from storage.query import Query
from storage.reprint_clusters import clusters
from storage.schema import CrawlRow
from storage.transaction import snapshot

FORMATS = ("parquet", "jsonl", "csv", "warc")
_LIBRARIES = {"parquet": ("pyarrow",), "warc": ("warcio",)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What to export; see ``Archive.export``."""

    query: Query
    format: str = "parquet"
    as_of: dt.datetime | None = None
    with_text: bool = False
    all_versions: bool = False
    since: Path | None = None

    def __post_init__(self) -> None:
        if self.format not in FORMATS:
            raise QueryError(f"format is {self.format!r}; it can be {', '.join(FORMATS)}")
        if self.format == "warc" and not self.with_text:
            raise QueryError("WARC files hold the full pages: ask for them with the text")


def make_dataset(
    engine: Engine, warc: Path | None, token: uuid.UUID, folder: Path, order: Order
) -> Manifest:
    """Write the dataset into ``folder``, which must not exist or be empty."""
    earlier = _Earlier.read(order.since, order) if order.since else None
    place = _free_place(folder)
    as_of = resolve_moment(engine, order.as_of, token)
    if earlier and earlier.manifest.as_of > as_of:
        raise QueryError(
            f"the earlier dataset is as of {earlier.manifest.as_of.isoformat()}, after"
            f" {as_of.isoformat()}; give a later time"
        )
    with _whole_folder(place) as part, _rare_collection(), snapshot(engine) as connection:
        return _Making(connection, warc, part, order, as_of, earlier).run()


@dataclass(frozen=True, slots=True)
class _Earlier:
    """The dataset that an increment goes on from."""

    manifest: Manifest
    sha256: str

    @classmethod
    def read(cls, path: Path, order: Order) -> "_Earlier":
        manifest = read_manifest(path)
        asked = {
            "format": order.format,
            "query": query_fields(order.query),
            "with_text": order.with_text,
            "all_versions": order.all_versions,
            "tool": _tool(),
        }
        for name, value in asked.items():
            if getattr(manifest, name) != value:
                raise QueryError(
                    f"the earlier dataset has another {name.replace('_', ' ')}"
                    f" ({getattr(manifest, name)}, not {value}); ask for the same"
                )
        return cls(manifest, digest_of(path / NAME if path.is_dir() else path))


class _Making:
    """One run: writes the tables, then what describes them."""

    def __init__(
        self,
        connection: Connection,
        warc: Path | None,
        folder: Path,
        order: Order,
        as_of: dt.datetime,
        earlier: _Earlier | None,
    ) -> None:
        self._connection, self._folder, self._order = connection, folder, order
        self._as_of, self._earlier = as_of, earlier
        self._warc = source_folder(warc) if order.format == "warc" else None

    def run(self) -> Manifest:
        wanted = matching_articles(self._connection, self._order.query, self._as_of)
        plan = self._plan(wanted)
        articles = len(plan)
        whole, removed = plan, None
        if self._earlier:
            wanted, removed = self._news(self._earlier.manifest, set(plan.article_ids()))
            plan = self._plan(wanted)
        return self._describe(articles, self._write(plan, whole, removed))

    def _plan(self, wanted: set[int] | None) -> Plan:
        return Plan(self._connection, self._as_of, wanted, every_version=self._order.all_versions)

    def _write(
        self, plan: Plan, whole: Plan, removed: list[tuple[Any, ...]] | None
    ) -> list[WrittenFile]:
        """Write the rows of ``plan``; documents are those of all articles, which count them."""
        choice = Choice(with_text=self._order.with_text, every_version=self._order.all_versions)
        rows_of = DatasetTables(self._connection, self._as_of, choice)
        with contextlib.ExitStack() as opened:
            copy = None
            if self._warc:
                copy = WarcCopy(self._connection, self._warc, self._folder, self._as_of)
                opened.callback(copy.abandon)
            tables = [CAPTURES] if copy else list(TABLES)
            if removed is not None:
                tables.append(REMOVED)
            writers = {table.name: self._writer(table, opened) for table in tables}
            for portion in plan:
                rows = rows_of.rows(portion) if copy is None else rows_of.captures_only(portion)
                if copy is not None:
                    rows = {"captures": copy.copy(rows["captures"])}
                for name, own in rows.items():
                    writers[name].write(portion.year, portion.portal, own)
            if copy is None:
                if whole is not plan:
                    rows_of = DatasetTables(self._connection, self._as_of, choice)
                    for portion in whole:
                        rows_of.count_documents(portion)
                writers["documents"].write(None, None, list(rows_of.documents()))
            if removed is not None:
                writers["removed"].write(None, None, removed)
            written = [file for writer in writers.values() for file in writer.close()]
            return written + (copy.close() if copy else [])

    def _writer(self, table: TableOf, opened: contextlib.ExitStack) -> TableWriter:
        make = TABLE_WRITERS.get(self._order.format, LinesTable)
        writer = make(self._folder, table, text=self._order.with_text)
        opened.callback(writer.abandon)
        return writer

    def _news(self, earlier: Manifest, here: set[int]) -> tuple[set[int], list[tuple[Any, ...]]]:
        """Of the articles that are ``here``, those to write; and what is here no more, and why."""
        since = earlier.as_of
        if earlier.archive not in (None, _identity(self._connection)):
            raise QueryError("the earlier dataset is of another archive; export the whole")
        found = matching_articles(self._connection, self._order.query, since)
        before = set(Plan(self._connection, since, found).article_ids())
        if abs(earlier.articles - len(before)) > len(withdrawals_since(self._connection, since)):
            raise QueryError(
                f"the earlier dataset has {earlier.articles} articles, and this archive tells"
                f" {len(before)} of that moment: it is of another archive, or this one was mended"
                " since; export the whole"
            )
        changed = changed_since(self._connection, since) | self._regrouped(since)
        reasons = dict.fromkeys(before - here, "unmatched")
        reasons |= dict.fromkeys(withdrawn_since(self._connection, since), "withdrawn")
        return (here & changed) | (here - before), sorted(reasons.items())

    def _regrouped(self, since: dt.datetime) -> set[int]:
        """Articles that have come to be in another cluster of copies, or in none."""
        old, new = (clusters(self._connection, moment) for moment in (since, self._as_of))
        found = {n for n in old.keys() | new.keys() if old.get(n) != new.get(n)}
        # Both leave out what is withdrawn today, also where it was there before.
        acted = withdrawals_since(self._connection, since)
        for moment in (since, self._as_of) if acted else ():
            whole = clusters(self._connection, moment, with_withdrawn=True)
            touched = {whole[number] for number in acted & whole.keys()}
            found |= {number for number, cluster in whole.items() if cluster in touched}
        return found

    # -- what describes it ----------------------------------------------------------------------

    def _describe(self, articles: int, written: list[WrittenFile]) -> Manifest:
        counts: dict[str, int] = {}
        files = []
        for file in written:
            if file.table:
                counts[file.table] = counts.get(file.table, 0) + file.rows
            files.append(self._file(file.path, file.table or None, file.rows))
        order, earlier = self._order, self._earlier
        manifest = Manifest(
            tool=_tool(),
            libraries={name: version(name) for name in _LIBRARIES.get(order.format, ())},
            schema=str(self._connection.scalar(text("SELECT version_num FROM alembic_version"))),
            format=order.format,
            query=query_fields(order.query),
            as_of=self._as_of,
            since=earlier.manifest.as_of if earlier else None,
            since_sha256=earlier.sha256 if earlier else None,
            with_text=order.with_text,
            all_versions=order.all_versions,
            articles=articles,
            tables=counts,
            files=(),
            archive=_identity(self._connection),
        )
        for name, content in (
            (CODEBOOK, codebook(manifest)),
            (PACKAGE, data_package(manifest, files)),
            (CARD, dataset_card(manifest)),
        ):
            path = self._folder / name
            path.write_text(content, encoding="utf-8", newline="")
            files.append(self._file(path))
        whole = replace(manifest, files=tuple(files))
        path = self._folder / NAME
        path.write_text(whole.to_json(), encoding="utf-8", newline="")
        sync_file(path)
        return whole

    def _file(self, path: Path, table: str | None = None, rows: int | None = None) -> DatasetFile:
        sync_file(path)
        return DatasetFile(
            path=path.relative_to(self._folder).as_posix(),
            bytes=path.stat().st_size,
            sha256=digest_of(path),
            table=table,
            rows=rows,
        )


def _tool() -> str:
    return f"jiedu {version('jiedu')}"


def _identity(connection: Connection) -> str | None:
    """What tells an archive from all others, whatever happens to it: its first run."""
    query = select(CrawlRow.id, CrawlRow.command, CrawlRow.portal, CrawlRow.started_at)
    first = connection.execute(query.order_by(CrawlRow.id).limit(1)).one_or_none()
    if first is None:
        return None
    said = f"{first.id} {first.command} {first.portal} {first.started_at.isoformat()}"
    return hashlib.sha256(said.encode()).hexdigest()[:32]


def _free_place(folder: Path) -> Path:
    """Where the dataset will stand, links followed; ``DatasetUnusable`` if something is there."""
    try:
        place = folder.resolve()
        if place == Path.cwd():
            raise DatasetUnusable("a dataset needs a folder of its own; name a new one")
        if place.exists() and (not place.is_dir() or any(place.iterdir())):
            raise DatasetUnusable(f"{folder} is not empty; name a new folder")
    except (OSError, ValueError) as error:
        raise DatasetUnusable(f"cannot write {folder}: {error}") from error
    return place


@contextlib.contextmanager
def _whole_folder(folder: Path) -> Iterator[Path]:
    """A folder to write into that becomes ``folder`` at the end; nothing is left of a failure."""
    missing = [parent for parent in folder.parents if not parent.exists()]
    part: Path | None = None
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        part = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
        yield part
        for path in sorted(part.rglob("*")):
            if path.is_dir():
                sync_file(path)
        sync_file(part)
        part.chmod(0o777 & ~_umask())
        if folder.is_dir():
            folder.rmdir()
        part.rename(folder)
        sync_file(folder.parent)
    except BaseException as error:
        if part is not None:
            shutil.rmtree(part, ignore_errors=True)
        for parent in missing:
            with contextlib.suppress(OSError):
                parent.rmdir()
        if isinstance(error, OSError):
            raise DatasetUnusable(
                f"cannot write {folder}: {error.strerror or error}; nothing of it is left"
            ) from error
        raise


@contextlib.contextmanager
def _rare_collection() -> Iterator[None]:
    """Look for cycles seldom: rows have none, and looking takes a fifth of an export's time."""
    usual = gc.get_threshold()
    gc.set_threshold(100_000, 50, 100)
    try:
        yield
    finally:
        gc.set_threshold(*usual)


def _umask() -> int:
    """What the user's new folders may not be; a temporary one is closed to all others."""
    mask = os.umask(0)
    os.umask(mask)
    return mask
