"""The archive: open it, add to it, read from it.

``crawler.pipelines`` adds; ``storage.cli``, notebooks and tests read. Every method runs in a
transaction of its own, so one archive may stay open while a crawl writes to it.
"""

import datetime as dt
import logging
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryFile
from types import TracebackType
from typing import Any, Self, TypeVar
from uuid import UUID

from sqlalchemy import Connection, Engine, func, insert, select, update
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError

from storage import ledger
from storage.content_encoding import decoded_body
from storage.errors import (
    ArchiveError,
    ArchiveUnusable,
    ArticleNotFound,
    CaptureNotFound,
    ReaderMismatch,
    VersionNotFound,
)
from storage.identity import url_key
from storage.opening import connect, default_url, default_warc, parse_url, writing
from storage.reading import (
    page_captures,
    read_identity,
    read_version,
    read_versions,
    stored_capture,
)
from storage.record import (
    Added,
    Article,
    Capture,
    Crawl,
    Listed,
    StoredArticle,
    StoredCapture,
    Version,
)
from storage.schema import ArticleRow, CaptureRow, CrawlRow, ReadingRow, VersionRow
from storage.warc import Earlier, WarcWriter, payload_digest, read_record
from storage.writing import (
    Fetched,
    Reread,
    find_article,
    insert_reading,
    latest_version,
    now,
    place_article,
    readings_of,
    record_article,
    record_unread,
)

logger = logging.getLogger(__name__)

Reader = Callable[[str | None, Sequence[Capture]], Article]
"""Reads the stored captures of a version (page order) of the named portal by today's rules."""

_T = TypeVar("_T")
_TRIES = 8  # of a transaction that lost a race (deadlock, serialisation, busy lock)


@dataclass(frozen=True, slots=True, kw_only=True)
class Validators:
    """What a conditional request for a known article may carry, and which capture it came from."""

    capture_id: int
    version_id: int
    etag: str | None
    last_modified: str | None


class Archive:
    """An archive of articles, versions and captures; use as a context manager or ``close`` it."""

    def __init__(
        self,
        engine: Engine,
        *,
        warc: Path | None,
        reread: Reader | None = None,
        warc_bytes: int = 1_000_000_000,
    ) -> None:
        self._engine, self._warc, self._reread = engine, warc, reread
        self._warc_bytes = warc_bytes
        self._crawl: int | None = None
        self._writer: WarcWriter | None = None

    @classmethod
    def open(
        cls,
        address: str | Path | None = None,
        *,
        create: bool = False,
        warc: str | Path | None = None,
        reread: Reader | None = None,
        warc_bytes: int = 1_000_000_000,
    ) -> Self:
        """The archive at ``address`` (a SQLAlchemy URL, or the path of a SQLite file).

        Without an address it is ``archive/archive.db`` beside ``scrapy.cfg``. ``create`` creates
        or upgrades it. ``warc`` is the folder of the WARC files (default: ``warc/`` beside the
        SQLite file; PostgreSQL has no default). ``reread`` is needed to add articles read by
        another reader than the stored ones; ``warc_bytes`` is the size at which files rotate.
        Raises ``ArchiveNotFound``, ``ArchiveUnusable`` or ``SchemaOutOfDate``.
        """
        url = parse_url(default_url() if address is None else address)
        folder = Path(warc).resolve() if warc else default_warc(url)
        return cls(connect(url, create=create), warc=folder, reread=reread, warc_bytes=warc_bytes)

    def close(self) -> None:
        """Close the WARC file and every connection."""
        if self._writer:
            self._writer.close()
            self._writer = None
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @property
    def address(self) -> str:
        """The archive's URL without its password."""
        return self._engine.url.render_as_string(hide_password=True)

    @property
    def warc_folder(self) -> Path | None:
        """Folder of the WARC files; ``None`` when it was not named for PostgreSQL."""
        return self._warc

    def prepare_warc(self) -> Path:
        """The folder of the WARC files, created; ``ArchiveUnusable`` when it cannot be written."""
        folder = self._warc_folder_or_raise()
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with TemporaryFile(dir=folder):
                return folder
        except OSError as error:
            raise ArchiveUnusable(
                f"cannot write WARC files in {folder}: {error.strerror};"
                " make the folder writable or set ARCHIVE_WARC to another one"
            ) from error

    # -- crawls ---------------------------------------------------------------------------------

    def begin_crawl(self, command: str, portal: str | None = None) -> int:
        """Start a run that writes; its number names the WARC files written from now on."""
        self._warc_folder_or_raise()
        values = {
            "command": command,
            "portal": portal,
            "release": version("jiedu"),
            "started_at": now(),
        }
        self._crawl = self._write(
            lambda c: c.execute(insert(CrawlRow).values(values).returning(CrawlRow.id)).scalar_one()
        )
        if self._writer:
            self._writer.close()
            self._writer = None
        return self._crawl

    def finish_crawl(self, outcome: str, counts: dict[str, Any]) -> None:
        """Close the run: how it ended, and its counts as the report prints them."""
        values = {"finished_at": now(), "outcome": outcome, "counts": counts}
        self._write(
            lambda c: c.execute(update(CrawlRow).where(CrawlRow.id == self._crawl).values(values))
        )
        self._crawl = None

    def crawls(self) -> list[Crawl]:
        """All runs that wrote, oldest first."""
        with self._engine.connect() as connection:
            rows = connection.execute(select(CrawlRow.__table__).order_by(CrawlRow.id)).all()
        return [Crawl(**(dict(row._mapping) | {"counts": row.counts or {}})) for row in rows]

    # -- the one write door ---------------------------------------------------------------------

    def add(
        self, captures: Iterable[Capture], article: Article | None, *, failure: str | None = None
    ) -> Added:
        """Keep one visit: the bytes in WARC first, then all rows in one transaction.

        ``captures`` are the redirect hops and pages in the order they were fetched. ``article`` is
        what was read from them; without it ``failure`` says why, except for a 304, 404 or 410, a
        listing or an attachment, which speak for themselves. Raises ``ReaderMismatch`` when the
        latest version was read by another reader and the archive was opened without ``reread``,
        ``ArchiveUnusable`` when disk or database refuse; then nothing of the visit is stored.
        """
        visited = tuple(captures)
        if not visited or (article is not None and failure is not None):
            raise ValueError("a visit is captures and either an article or a failure")
        if article is not None and all(capture.page is None for capture in visited):
            raise ValueError(f"{article.url}: an article needs a capture that is a page of it")
        crawl_id = self._crawl or self.begin_crawl("python")
        reread = self._reread_latest(article, visited) if article else None
        fetched = [self._keep(capture) for capture in visited]
        if article is None:
            return self._write(lambda c: record_unread(c, crawl_id, fetched, failure))
        for _ in range(_TRIES):
            work = partial(
                record_article, crawl_id=crawl_id, visit=fetched, article=article, reread=reread
            )
            try:
                return self._write(work)
            except ReaderMismatch:
                # Another process added a version meanwhile; read that one.
                reread = self._reread_latest(article, visited)
                if reread is None:
                    raise
        raise ArchiveUnusable(f"{article.url}: other processes keep changing it; add it again")

    def add_reading(self, version_id: int, article: Article) -> bool:
        """Keep another reading of a version; false when its reader has read it already."""

        def work(connection: Connection) -> bool:
            if article.reader in readings_of(connection, version_id):
                return False
            insert_reading(connection, version_id, article)
            return True

        return self._write(work)

    def place_visit(self, visit: str, article: Article) -> Added:
        """Give a stored visit that could not be read before the article now read from it."""

        def work(connection: Connection) -> Added:
            rows = connection.execute(
                select(CaptureRow.__table__)
                .where(CaptureRow.visit == UUID(visit))
                .order_by(CaptureRow.id)
            ).all()
            pages = [row for row in rows if row.page is not None]
            article_id = find_article(connection, [article.url, *(row.url for row in rows)])
            if article_id is None:
                row = {
                    "portal": article.portal,
                    "url": article.url,
                    "url_key": url_key(article.url),
                    "first_seen_at": rows[0].captured_at,
                }
                article_id = connection.execute(
                    insert(ArticleRow).values(row).returning(ArticleRow.id)
                ).scalar_one()
            return place_article(
                connection,
                article_id,
                article,
                page_ids=[row.id for row in pages],
                capture_ids=[row.id for row in rows],
                captured_at=pages[0].captured_at,
                reread=reread,
            )

        reread = self._reread_latest(article, ())
        return self._write(work)

    # -- the ledger -----------------------------------------------------------------------------

    def list_urls(self, portal: str, listing_url: str, links: Sequence[Listed]) -> int:
        """Enter a listing's links before any is fetched; how many were not known."""
        return self._write(lambda c: ledger.list_urls(c, portal, listing_url, links))

    def pending_urls(self, portal: str) -> list[Listed]:
        """URLs earlier crawls listed and did not archive, oldest first."""
        with self._engine.connect() as connection:
            return ledger.pending_urls(connection, portal)

    def fail_url(self, portal: str, url: str, reason: str) -> None:
        """Note in the ledger why a fetch left no capture."""
        self._write(lambda c: ledger.fail_url(c, portal, url, reason))

    # -- reading --------------------------------------------------------------------------------

    def article(self, which: str | int) -> StoredArticle:
        """The article of a URL (any of its addresses) or number; ``ArticleNotFound`` otherwise."""
        with self._engine.connect() as connection:
            return read_identity(connection, self._article_id(connection, which))

    def articles(self, portal: str | None = None) -> Iterator[StoredArticle]:
        """All articles, oldest first, of one portal if named."""
        query = select(ArticleRow.id).order_by(ArticleRow.id)
        if portal is not None:
            query = query.where(ArticleRow.portal == portal)
        with self._engine.connect() as connection:
            for article_id in connection.scalars(query).all():
                yield read_identity(connection, article_id)

    def versions(self, which: str | int) -> list[Version]:
        """All versions of an article, the first one first."""
        with self._engine.connect() as connection:
            return read_versions(connection, self._article_id(connection, which))

    def version(self, which: str | int, number: int | None = None) -> Version:
        """Version ``number`` of an article (default: the latest) or ``VersionNotFound``."""
        versions = self.versions(which)
        if number is None and versions:
            return versions[-1]
        for found in versions:
            if found.number == number:
                return found
        held = f"it has 1 to {len(versions)}" if versions else "none could be read yet"
        raise VersionNotFound(f"{which}: no version {number or ''}; {held}")

    def captures(self, which: str | int | None = None) -> list[StoredCapture]:
        """All captures in the order they were recorded, of one article if named."""
        query = select(CaptureRow.__table__).order_by(CaptureRow.id)
        with self._engine.connect() as connection:
            if which is not None:
                article_id = self._article_id(connection, which)
                query = query.where(CaptureRow.article_id == article_id)
            return [stored_capture(row) for row in connection.execute(query)]

    def read_capture(self, capture_id: int) -> Capture:
        """The capture with its wire bytes and headers, read back from WARC and verified.

        A ``revisit`` record of an identical payload gives the bytes of the capture it refers to;
        a 304 has none. Headers are as served, but for ``Transfer-Encoding`` (the body is
        de-chunked) and a true ``Content-Length``. Raises ``CaptureNotFound`` or
        ``CaptureUnreadable``.
        """
        with self._engine.connect() as connection:
            row = connection.execute(
                select(CaptureRow.__table__).where(CaptureRow.id == capture_id)
            ).one_or_none()
        if row is None:
            raise CaptureNotFound(f"no capture {capture_id} in {self.address}")
        folder = self._warc_folder_or_raise()
        record = read_record(folder, row.warc_file, row.warc_offset, row.warc_length)
        body = record.body
        if row.record_type == "revisit" and row.status != 304 and row.revisits_id:
            body = self.read_capture(row.revisits_id).body
        return Capture(
            url=row.url,
            status=row.status,
            headers=record.http_headers,
            body=body,
            captured_at=row.captured_at,
            method=row.method,
            kind=row.kind,
            portal=row.portal,
            page=row.page,
            truncated=row.truncated,
            ip_address=record.headers.get("WARC-IP-Address"),
            revisits=row.revisits_id,
        )

    def validators(self, url: str) -> Validators | None:
        """What to send with a conditional request; ``None`` for unknown and multi-page articles."""
        with self._engine.connect() as connection:
            article_id = find_article(connection, [url])
            latest = latest_version(connection, article_id) if article_id else None
            if latest is None or len(page_captures(connection, latest.id)) != 1:
                return None
            row = connection.execute(
                select(CaptureRow.id, CaptureRow.etag, CaptureRow.last_modified)
                .where(
                    CaptureRow.version_id == latest.id,
                    CaptureRow.url_key == url_key(url),
                    CaptureRow.status == 200,
                )
                .order_by(CaptureRow.id.desc())
                .limit(1)
            ).one_or_none()
        if row is None or not (row.etag or row.last_modified):
            return None
        return Validators(
            capture_id=row.id,
            version_id=latest.id,
            etag=row.etag,
            last_modified=row.last_modified,
        )

    def counts(self) -> dict[str, int]:
        """How many articles, versions, readings and captures there are."""
        tables = {
            "articles": ArticleRow, "versions": VersionRow, "readings": ReadingRow,
            "captures": CaptureRow,
        }  # fmt: skip
        with self._engine.connect() as connection:
            return {
                name: connection.scalar(select(func.count()).select_from(table)) or 0
                for name, table in tables.items()
            }

    # -- re-reading -----------------------------------------------------------------------------

    def version_ids(self, portal: str | None = None, since: dt.datetime | None = None) -> list[int]:
        """Versions to re-read, oldest first: of one portal, captured since a time."""
        query = select(VersionRow.id).join(ArticleRow).order_by(VersionRow.id)
        if portal is not None:
            query = query.where(ArticleRow.portal == portal)
        if since is not None:
            query = query.where(VersionRow.captured_at >= since)
        with self._engine.connect() as connection:
            return list(connection.scalars(query))

    def unread_visits(
        self, portal: str | None = None, since: dt.datetime | None = None
    ) -> Iterator[tuple[str, str | None, list[int]]]:
        """Visits whose pages all came with status 200 and gave no article: (visit, portal, ids)."""
        query = (
            select(CaptureRow.visit, CaptureRow.portal)
            .where(
                CaptureRow.failure.is_not(None),
                CaptureRow.kind == "article",
                CaptureRow.page.is_not(None),
            )
            .group_by(CaptureRow.visit, CaptureRow.portal)
            .having(func.min(CaptureRow.status) == 200, func.max(CaptureRow.status) == 200)
            .order_by(func.min(CaptureRow.id))
        )
        if portal is not None:
            query = query.where(CaptureRow.portal == portal)
        if since is not None:
            query = query.where(CaptureRow.captured_at >= since)
        with self._engine.connect() as connection:
            for visit, name in connection.execute(query).all():
                ids = connection.scalars(
                    select(CaptureRow.id)
                    .where(CaptureRow.visit == visit, CaptureRow.page.is_not(None))
                    .order_by(CaptureRow.id)
                )
                yield str(visit), name, list(ids)

    def reread_version(self, version_id: int) -> bool:
        """Read a version's stored captures by today's rules; whether that made a new reading.

        Raises ``CaptureUnreadable`` and whatever the reader raises for a page it cannot read.
        """
        if self._reread is None:
            raise ArchiveError("re-reading needs an archive opened with `reread=`")
        with self._engine.connect() as connection:
            ids = page_captures(connection, version_id)
            known = read_version(connection, version_id)
        captures = [self.read_capture(number) for number in ids]
        return self.add_reading(version_id, self._reread(known.article.portal, captures))

    # -- inside ---------------------------------------------------------------------------------

    def _article_id(self, connection: Connection, which: str | int) -> int:
        found: int | None
        if isinstance(which, int) or which.isdecimal():
            found = connection.scalar(select(ArticleRow.id).where(ArticleRow.id == int(which)))
        else:
            try:
                found = find_article(connection, [which])
            except ValueError as error:
                raise ArticleNotFound(f"{error}; give an article's address or number") from None
        if found is None:
            raise ArticleNotFound(f"no article {which} in {self.address}")
        return found

    def _warc_folder_or_raise(self) -> Path:
        if self._warc is None:
            raise ArchiveUnusable(
                f"{self.address} needs the folder of its WARC files: set ARCHIVE_WARC"
            )
        return self._warc

    def _reread_latest(self, article: Article, captures: Sequence[Capture]) -> Reread | None:
        """Today's reading of the latest version, if it has none by the reader of ``article``."""
        if self._reread is None:
            return None
        with self._engine.connect() as connection:
            urls = [article.url, *(c.url for c in captures if c.page in (None, 1))]
            article_id = find_article(connection, urls)
            latest = latest_version(connection, article_id) if article_id else None
            if latest is None or article.reader in readings_of(connection, latest.id):
                return None
            ids = page_captures(connection, latest.id)
        today: Article | None
        try:
            today = self._reread(article.portal, [self.read_capture(number) for number in ids])
        except Exception as error:  # whatever today's rules raise on yesterday's page
            logger.warning(
                "%s: version %d cannot be re-read: %s", article.url, latest.number, error
            )
            today = None
        return Reread(version_id=latest.id, article=today)

    def _keep(self, capture: Capture) -> Fetched:
        """Write the capture's WARC records; a repeated payload becomes a revisit record."""
        digest = payload_digest(capture.body)
        try:
            body = decoded_body(capture.headers, capture.body)
            body_digest = sha256(body).hexdigest()
        except ValueError:
            body_digest = None
        query = select(
            CaptureRow.id,
            CaptureRow.url,
            CaptureRow.captured_at,
            CaptureRow.warc_record_id,
            CaptureRow.payload_digest,
        )
        if capture.status == 304 and capture.revisits:
            query = query.where(CaptureRow.id == capture.revisits)
        else:
            query = query.where(
                CaptureRow.url_key == url_key(capture.url),
                CaptureRow.payload_digest == digest,
                CaptureRow.size_bytes == len(capture.body),
                CaptureRow.record_type == "response",
            ).limit(1)
        row = None
        if capture.body or capture.status == 304:
            with self._engine.connect() as connection:
                row = connection.execute(query).one_or_none()
        earlier = row and Earlier(
            url=row.url,
            captured_at=row.captured_at,
            record_id=row.warc_record_id,
            payload_digest=row.payload_digest,
        )
        if self._writer is None:
            folder = self._warc_folder_or_raise()
            self._writer = WarcWriter(folder, f"{self._crawl:06d}", self._warc_bytes)
        try:
            place = self._writer.write(capture, earlier)
        except OSError as error:
            raise ArchiveUnusable(
                f"cannot write to {self._warc}: {error.strerror}; nothing of {capture.url} is kept"
            ) from error
        return Fetched(
            capture=capture,
            place=place,
            payload_digest=digest,
            body_digest=body_digest,
            revisits_id=row.id if row else None,
        )

    def _write(self, work: Callable[[Connection], _T]) -> _T:
        """Run ``work`` in a write transaction, again when it lost a race."""
        for attempt in range(_TRIES):
            try:
                with writing(self._engine) as connection:
                    return work(connection)
            except (IntegrityError, OperationalError) as error:
                if attempt == _TRIES - 1:
                    raise ArchiveUnusable(
                        f"{self.address} refuses to write: {error.orig}"
                    ) from error
                time.sleep(0.05 * 2**attempt)
            except DBAPIError as error:
                raise ArchiveUnusable(f"{self.address} refuses to write: {error.orig}") from error
        raise AssertionError("unreachable")
