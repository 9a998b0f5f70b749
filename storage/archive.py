"""The archive: open it, add to it, read from it.

``crawler.pipelines`` adds; ``storage.cli``, notebooks and tests read. Every method runs in a
transaction of its own, so one archive may stay open while a crawl writes to it.
"""

import datetime as dt
import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlalchemy import Connection, Engine, select

from storage.address import default_url, default_warc, hide_password, parse_url
from storage.aliases import HasAddress, addresses, find_article
from storage.captures import CaptureFiles
from storage.chain import Reread, insert_reading, latest_version, readings_of
from storage.errors import (
    ArchiveError,
    ArchiveUnusable,
    ArticleNotFound,
    ReaderMismatch,
    VersionNotFound,
)
from storage.ledger import MAX_TRIES
from storage.opening import connect
from storage.query import Query
from storage.reading import (
    count_file_failures,
    find_capture,
    is_row_id,
    page_captures,
    read_counts,
    read_file,
    read_file_validators,
    read_identities,
    read_unread_visits,
    read_validators,
    read_version,
    read_version_ids,
    read_versions,
    read_visit,
    stored_capture,
)
from storage.record import (
    Added,
    Article,
    Capture,
    StoredArticle,
    StoredCapture,
    Validators,
    Version,
)
from storage.results import Results
from storage.running import Running
from storage.schema import ArticleRow, CaptureRow
from storage.transaction import reading, write
from storage.writing import (
    check_visit,
    record_article,
    record_unread,
    record_visit_again,
    stored_visit,
)

logger = logging.getLogger(__name__)

Reader = Callable[[str | None, Sequence[Capture]], Article]
"""Reads the stored captures of a version (page order) of the named portal by today's rules."""

_TRIES = 8  # of a visit whose article other processes keep giving new versions
_BATCH = 500  # articles read at once; no transaction stays open while the caller works on them


class Archive(Running):
    """An archive of articles, versions and captures; use as a context manager or ``close`` it."""

    def __init__(
        self,
        engine: Engine,
        *,
        warc: Path | None,
        reread: Reader | None = None,
        warc_bytes: int = 1_000_000_000,
    ) -> None:
        self._engine, self._reread = engine, reread
        self._files = CaptureFiles(engine, warc, warc_bytes)
        self._crawl: int | None = None

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
        self._files.close()
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
        return hide_password(self._engine.url)

    @property
    def warc_folder(self) -> Path | None:
        """Folder of the WARC files; ``None`` when it was not named for PostgreSQL."""
        return self._files.folder

    def prepare_warc(self) -> Path:
        """The folder of the WARC files, created; ``ArchiveUnusable`` when it cannot be written."""
        return self._files.prepare()

    # -- the one write door ---------------------------------------------------------------------

    def add(
        self, captures: Iterable[Capture], article: Article | None, *, failure: str | None = None
    ) -> Added:
        """Keep one visit: the bytes in WARC first, then all rows in one transaction.

        ``captures`` are the redirect hops and pages in the order they were fetched. ``article`` is
        what was read from them; without it ``failure`` says why, except for a 304, 404 or 410, a
        listing or an attachment, which speak for themselves. Characters no database can hold (NUL,
        lone surrogates) are stored as U+FFFD.

        Raises ``ValueError`` for a visit that makes no sense, ``ReaderMismatch`` when the latest
        version was read by another reader and the archive was opened without ``reread``,
        ``ArchiveUnusable`` when disk or database refuse; then no row of the visit is stored.
        """
        visit = tuple(captures)
        check_visit(visit, article, failure)
        crawl_id = self._crawl or self.begin_crawl("python")
        if article is None:
            fetched = [self._files.keep(capture) for capture in visit]
            return write(self._engine, lambda c: record_unread(c, crawl_id, fetched, failure))
        reread = self._reread_latest(article, visit)
        fetched = [self._files.keep(capture) for capture in visit]
        work = partial(record_article, crawl_id=crawl_id, visit=fetched, article=article)
        return self._place(article, visit, reread, work)

    def add_reading(self, version_id: int, article: Article) -> bool:
        """Keep another reading of a version; false when its reader has read it already.

        Raises ``VersionNotFound``.
        """

        def work(connection: Connection) -> bool:
            known = readings_of(connection, version_id) if is_row_id(version_id) else {}
            if not known:  # a version is written together with its first reading
                raise VersionNotFound(f"no version has the row id {version_id}")
            if article.reader in known:
                return False
            insert_reading(connection, version_id, article)
            return True

        return write(self._engine, work)

    def place_visit(self, visit: str, article: Article) -> Added:
        """Give a stored visit that could not be read before the article now read from it.

        Raises ``CaptureNotFound`` for an unknown visit, otherwise as ``add``.
        """
        with reading(self._engine) as connection:
            captures = stored_visit(connection, visit)
        reread = self._reread_latest(article, captures)
        work = partial(record_visit_again, captures=captures, article=article)
        return self._place(article, captures, reread, work)

    # -- reading --------------------------------------------------------------------------------

    def article(self, which: str | int) -> StoredArticle:
        """The article of a URL (any of its addresses) or number; ``ArticleNotFound`` otherwise."""
        with reading(self._engine) as connection:
            (found,) = read_identities(connection, [self._article_id(connection, which)])
            return found

    def articles(self, portal: str | None = None) -> Iterator[StoredArticle]:
        """All articles, oldest first, of one portal if named; also those added meanwhile."""
        query = select(ArticleRow.id).order_by(ArticleRow.id).limit(_BATCH)
        if portal is not None:
            query = query.where(ArticleRow.portal == portal)
        last = 0
        while True:
            with reading(self._engine) as connection:
                ids = connection.scalars(query.where(ArticleRow.id > last)).all()
                found = read_identities(connection, ids)
            if not found:
                return
            yield from found
            last = found[-1].id

    def versions(self, which: str | int) -> list[Version]:
        """All versions of an article, the first one first."""
        with reading(self._engine) as connection:
            return read_versions(connection, self._article_id(connection, which))

    def version(self, which: str | int, number: int | None = None) -> Version:
        """Version ``number`` of an article (default: the latest) or ``VersionNotFound``."""
        with reading(self._engine) as connection:
            article_id = self._article_id(connection, which)
            latest = latest_version(connection, article_id)
            if latest is None:
                raise VersionNotFound(f"{which}: no version; none could be read yet")
            if number is None:
                number = latest.number
            if not 1 <= number <= latest.number:
                raise VersionNotFound(f"{which}: no version {number}; it has 1 to {latest.number}")
            (found,) = read_versions(connection, article_id, number)
            return found

    def captures(self, which: str | int | None = None) -> list[StoredCapture]:
        """All captures in the order they were recorded, of one article if named."""
        query = select(CaptureRow.__table__).order_by(CaptureRow.id)
        with reading(self._engine) as connection:
            if which is not None:
                article_id = self._article_id(connection, which)
                query = query.where(CaptureRow.article_id == article_id)
            return [stored_capture(row) for row in connection.execute(query)]

    def file(self, url: str) -> StoredCapture | None:
        """The newest capture of an attachment or image; its ``body_digest`` is the SHA-256."""
        with reading(self._engine) as connection:
            return read_file(connection, url)

    def wants_file(self, url: str, *, is_recheck: bool = False) -> bool:
        """Whether to ask for an attachment or image: not kept yet, and not failed too often."""
        with reading(self._engine) as connection:
            if read_file(connection, url) is not None:
                return is_recheck
            return is_recheck or count_file_failures(connection, url) < MAX_TRIES

    def find_capture(self, url: str, captured_at: dt.datetime) -> int | None:
        """The id of the capture of ``url`` taken at that very time, if it is here."""
        with reading(self._engine) as connection:
            return find_capture(connection, url, captured_at)

    def visit_captures(self, url: str, captured_at: dt.datetime) -> list[StoredCapture]:
        """The captures of the visit that fetched ``url`` at that very time, in order."""
        with reading(self._engine) as connection:
            return read_visit(connection, find_capture(connection, url, captured_at))

    def read_capture(self, capture_id: int) -> Capture:
        """The capture with its wire bytes and headers, read back from WARC and verified.

        A ``revisit`` record of an identical payload gives the bytes of the capture it refers to;
        a 304 has none. Headers are as served, but for ``Transfer-Encoding`` (the body is
        de-chunked) and a true ``Content-Length``; those of the request stay in the file. Raises
        ``CaptureNotFound`` or ``CaptureUnreadable``.
        """
        return self._files.read(capture_id)

    def validators(self, url: str) -> Validators | None:
        """What to send with a conditional request; ``None`` for unknown and multi-page articles.

        They are those of the newest whole capture that showed the latest version at this address.
        """
        with reading(self._engine) as connection:
            article_id = find_article(connection, [url])
            latest = latest_version(connection, article_id) if article_id else None
            return read_validators(connection, latest.id, url) if latest else None

    def file_validators(self, url: str) -> Validators | None:
        """What to send with a conditional request for an attachment or image that is kept."""
        with reading(self._engine) as connection:
            return read_file_validators(connection, url)

    def counts(self) -> dict[str, int]:
        """How many articles, versions, readings and captures there are."""
        with reading(self._engine) as connection:
            return read_counts(connection)

    def search(self, query: Query | str) -> Results:
        """The articles that match, in order; a string is a query's ``text``.

        Raises ``QueryError`` for a text that cannot be understood.
        """
        return Results(self._engine, query if isinstance(query, Query) else Query(query))

    # -- re-reading -----------------------------------------------------------------------------

    def version_ids(self, portal: str | None = None, since: dt.datetime | None = None) -> list[int]:
        """Versions to re-read, oldest first: of one portal, captured since a time."""
        with reading(self._engine) as connection:
            return read_version_ids(connection, portal, since)

    def unread_visits(
        self, portal: str | None = None, since: dt.datetime | None = None
    ) -> Iterator[tuple[str, str | None, list[int]]]:
        """Visits whose pages all came with status 200 and gave no article: (visit, portal, ids)."""
        with reading(self._engine) as connection:
            found = read_unread_visits(connection, portal, since)
        yield from found

    def reread_version(self, version_id: int) -> bool:
        """Read a version's stored captures by today's rules; whether that made a new reading.

        Raises ``VersionNotFound``, ``CaptureUnreadable`` and whatever the reader raises for a page
        it cannot read.
        """
        if self._reread is None:
            raise ArchiveError("re-reading needs an archive opened with `reread=`")
        with reading(self._engine) as connection:
            known = read_version(connection, version_id)
            ids = page_captures(connection, version_id)
        captures = [self.read_capture(number) for number in ids]
        return self.add_reading(version_id, self._reread(known.article.portal, captures))

    # -- inside ---------------------------------------------------------------------------------

    def _article_id(self, connection: Connection, which: str | int) -> int:
        found: int | None = None
        if isinstance(which, int) or (which.isascii() and which.isdecimal()):
            if is_row_id(int(which)):
                query = select(ArticleRow.id).where(ArticleRow.id == int(which))
                found = connection.scalar(query)
        else:
            try:
                found = find_article(connection, [which])
            except ValueError as error:
                raise ArticleNotFound(f"{error}; give an article's address or number") from None
        if found is None:
            raise ArticleNotFound(f"no article {which} in {self.address}")
        return found

    def _place(
        self,
        article: Article,
        visit: Sequence[HasAddress],
        reread: Reread | None,
        work: Callable[..., Added],
    ) -> Added:
        """Write a visit with its article; again while other processes add versions to it."""
        for _ in range(_TRIES):
            try:
                return write(self._engine, partial(work, reread=reread))
            except ReaderMismatch:
                if self._reread is None:
                    raise
                reread = self._reread_latest(article, visit)
        raise ArchiveUnusable(f"{article.url}: other processes keep changing it; add it again")

    def _reread_latest(self, article: Article, visit: Sequence[HasAddress]) -> Reread | None:
        """Today's reading of the latest version, if it has none by the reader of ``article``."""
        if self._reread is None:
            return None
        with reading(self._engine) as connection:
            article_id = find_article(connection, [article.url, *addresses(visit)])
            latest = latest_version(connection, article_id) if article_id else None
            if latest is None or article.reader in readings_of(connection, latest.id):
                return None
            ids = page_captures(connection, latest.id)
        today: Article | None
        try:
            today = self._reread(article.portal, [self.read_capture(number) for number in ids])
        except ArchiveUnusable:
            raise
        except Exception as error:  # whatever today's rules raise on yesterday's page
            logger.warning(
                "%s: version %d cannot be re-read: %s", article.url, latest.number, error
            )
            today = None
        return Reread(version_id=latest.id, article=today)
