"""The archive: open it, add to it, read from it.

``crawler.pipelines`` adds; ``storage.cli``, notebooks and tests read. Every method runs in a
transaction of its own, so one archive may stay open while a crawl writes to it.
"""

import datetime as dt
import logging
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

from sqlalchemy import Connection, Engine, select

from storage import lookups
from storage.address import default_url, default_warc, hide_password, parse_url
from storage.aliases import HasAddress, find_article
from storage.captures import CaptureFiles
from storage.chain import Reread, insert_reading, readings_of
from storage.citing import Citing
from storage.documents import Documents
from storage.errors import (
    ArchiveError,
    ArchiveUnusable,
    ArticleWithdrawn,
    ReaderMismatch,
    VersionNotFound,
)
from storage.exporting import Exports
from storage.opening import connect
from storage.query import Query
from storage.reading import (
    find_capture,
    read_counts,
    read_file,
    read_file_validators,
    read_unread_visits,
    read_version_ids,
    read_visit,
)
from storage.record import (
    AbsenceKind,
    Added,
    Article,
    Capture,
    CurrentReading,
    StoredArticle,
    StoredCapture,
    Validators,
    Version,
)
from storage.reprints import Reprints
from storage.results import Results
from storage.rows import is_row_id
from storage.running import Running
from storage.schedule import Schedule
from storage.schema import ArticleRow, VersionRow
from storage.tombstones import require_open, withdrawn_by
from storage.transaction import read, write
from storage.updating import Updating
from storage.withdrawal import NOT_KEPT, Withdrawals
from storage.writing import (
    Entry,
    Outcome,
    check_visit,
    record_article,
    record_unread,
    record_visit_again,
    recorded_visit,
    stored_visit,
)

logger = logging.getLogger(__name__)

Reader = Callable[[str | None, Sequence[Capture]], Article]
"""Reads the stored captures of a version (page order) of the named portal by today's rules."""

_TRIES = 8  # of a visit whose article other processes keep giving new versions
_BATCH = 500  # articles read at once; no transaction stays open while the caller works on them


class Archive(Running, Updating, Withdrawals, Documents, Citing, Reprints, Exports):
    """An archive of articles, versions and captures; use as a context manager or ``close`` it."""

    def __init__(
        self,
        engine: Engine,
        *,
        warc: Path | None,
        reread: Reader | None = None,
        warc_bytes: int = 1_000_000_000,
        schedule: Schedule | None = None,
    ) -> None:
        self._engine, self._reread = engine, reread
        self._files = CaptureFiles(engine, warc, warc_bytes)
        self._schedule = schedule or Schedule()
        self._crawl: int | None = None
        self._is_session, self._renewed = False, 0.0
        self._token = uuid.uuid4()

    @classmethod
    def open(
        cls,
        address: str | Path | None = None,
        *,
        create: bool = False,
        warc: str | Path | None = None,
        reread: Reader | None = None,
        warc_bytes: int = 1_000_000_000,
        schedule: Schedule | None = None,
        patience_seconds: float = 0,
    ) -> Self:
        """The archive at ``address`` (a SQLAlchemy URL, or the path of a SQLite file).

        Without an address it is ``archive/archive.db`` beside ``scrapy.cfg``. ``create`` creates
        or upgrades it. ``warc`` is the folder of the WARC files (default: ``warc/`` beside the
        SQLite file; PostgreSQL has no default). ``reread`` is needed to add articles read by
        another reader than the stored ones; ``warc_bytes`` is the size at which files rotate,
        ``schedule`` says when articles are due again, ``patience_seconds`` how long a PostgreSQL
        server may be away before a method gives up.
        Raises ``ArchiveNotFound``, ``ArchiveUnusable`` or ``SchemaOutOfDate``.
        """
        url = parse_url(default_url() if address is None else address)
        folder = Path(warc).resolve() if warc else default_warc(url)
        engine = connect(url, create=create).execution_options(patience_seconds=patience_seconds)
        return cls(engine, warc=folder, reread=reread, warc_bytes=warc_bytes, schedule=schedule)

    def close(self) -> None:
        """End the run that ``add`` began, close the WARC file and every connection."""
        self._end_session()
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
    def engine(self) -> Engine:
        """The database itself, for the rest of storage: checks and backups."""
        return self._engine

    @property
    def warc_folder(self) -> Path | None:
        """Folder of the WARC files; ``None`` when it was not named for PostgreSQL."""
        return self._files.folder

    def prepare_warc(self) -> Path:
        """The folder of the WARC files, created; ``ArchiveUnusable`` when it cannot be written."""
        return self._files.prepare()

    # -- the one write door ---------------------------------------------------------------------

    def add(
        self,
        captures: Iterable[Capture],
        article: Article | None,
        *,
        failure: str | None = None,
        absence: AbsenceKind | None = None,
        is_refused: bool = False,
    ) -> Added:
        """Keep one visit: the bytes in WARC first, then all rows in one transaction.

        ``captures`` are the redirect hops and pages in the order they were fetched. ``article`` is
        what was read from them; without it ``failure`` says why, or ``absence`` how the page was
        missing, except for a 304, 404 or 410, a listing or an attachment, which speak for
        themselves. ``is_refused`` marks a failure that says nothing of the page. Characters no
        database can hold (NUL, lone surrogates) are stored as U+FFFD. Of a withdrawn article
        nothing is kept.

        Raises ``ValueError`` for a visit that makes no sense, ``ReaderMismatch`` when the latest
        version was read by another reader and the archive was opened without ``reread``,
        ``ArchiveUnusable`` when disk or database refuse; then no row of the visit is stored.
        """
        visit = tuple(captures)
        outcome = Outcome(article=article, failure=failure, absence=absence, is_refused=is_refused)
        check_visit(visit, outcome)
        self._files.named_folder()
        entry = Entry(
            crawl_id=self._run(),
            schedule=self._schedule,
            number=uuid.uuid4(),
        )
        if withdrawn := self._leave_withdrawn(visit, article):
            return withdrawn
        done = partial(recorded_visit, number=entry.number)
        reread = self._reread_latest(article, visit) if article else None
        fetched = [self._files.keep(capture) for capture in visit]
        try:
            if article is None:
                return write(
                    self._engine, lambda c: record_unread(c, entry, fetched, outcome), done=done
                )
            work = partial(record_article, entry=entry, visit=fetched, article=article)
            return self._place(article, visit, reread, work, done)
        except ArticleWithdrawn:  # by another process, while the bytes were being written
            self._files.wipe(fetched)
            return self._leave_withdrawn(visit, article) or NOT_KEPT

    def add_reading(self, version_id: int, article: Article) -> bool:
        """Keep another reading of a version; false when its reader has read it already.

        Raises ``VersionNotFound`` or ``ArticleWithdrawn``.
        """
        self._run()  # whose lease tells that rows may still come

        def work(connection: Connection) -> bool:
            known = readings_of(connection, version_id) if is_row_id(version_id) else {}
            if not known:  # a version is written together with its first reading
                raise VersionNotFound(f"no version has the row id {version_id}")
            if article.reader in known:
                return False
            owner = select(VersionRow.article_id).where(VersionRow.id == version_id)
            require_open(connection, connection.scalar(owner), is_locked=True)
            insert_reading(connection, version_id, article)
            return True

        return write(self._engine, work)

    def place_visit(self, visit: str, article: Article) -> Added:
        """Give a stored visit that could not be read before the article now read from it.

        Raises ``CaptureNotFound`` for an unknown visit, otherwise as ``add``.
        """
        self._run()
        captures = read(self._engine, lambda c: stored_visit(c, visit))
        if read(self._engine, lambda c: withdrawn_by(c, captures, article)):
            return NOT_KEPT
        reread = self._reread_latest(article, captures)
        work = partial(
            record_visit_again, captures=captures, article=article, schedule=self._schedule
        )
        try:
            return self._place(article, captures, reread, work)
        except ArticleWithdrawn:  # by another process, meanwhile
            return NOT_KEPT

    # -- reading --------------------------------------------------------------------------------

    def article(self, which: str | int) -> StoredArticle:
        """The article of a URL (any of its addresses) or number; ``ArticleNotFound`` otherwise."""
        return read(self._engine, lambda c: lookups.identity(c, which))

    def articles(self, portal: str | None = None) -> Iterator[StoredArticle]:
        """All articles, oldest first, of one portal if named; also those added meanwhile."""
        query = select(ArticleRow.id).order_by(ArticleRow.id).limit(_BATCH)
        if portal is not None:
            query = query.where(ArticleRow.portal == portal)
        last = 0
        while True:
            page = query.where(ArticleRow.id > last)
            found = read(self._engine, partial(lookups.identities, query=page))
            if not found:
                return
            yield from found
            last = found[-1].id

    def versions(self, which: str | int) -> list[Version]:
        """All versions of an article, the first one first; ``ArticleWithdrawn`` if it is."""
        return read(self._engine, lambda c: lookups.versions(c, which))

    def version(self, which: str | int, number: int | None = None) -> Version:
        """Version ``number`` of an article (default: that of a permalink, else the latest).

        Raises ``VersionNotFound`` or ``ArticleWithdrawn``.
        """
        return read(self._engine, lambda c: lookups.version(c, which, number))

    def captures(self, which: str | int | None = None) -> list[StoredCapture]:
        """All captures in the order they were recorded, of one article if named."""
        return read(self._engine, lambda c: lookups.captures(c, which))

    def file(self, url: str) -> StoredCapture | None:
        """The newest capture of an attachment or image; its ``body_digest`` is the SHA-256."""
        return read(self._engine, lambda c: read_file(c, url))

    def wants_file(self, url: str, *, is_recheck: bool = False) -> bool:
        """Whether to ask for an attachment or image: not kept yet, and not failed too often."""
        return read(self._engine, lambda c: lookups.wants_file(c, url, is_recheck=is_recheck))

    def find_capture(self, url: str, captured_at: dt.datetime) -> int | None:
        """The id of the capture of ``url`` taken at that very time, if it is here."""
        return read(self._engine, lambda c: find_capture(c, url, captured_at))

    def visit_captures(self, url: str, captured_at: dt.datetime) -> list[StoredCapture]:
        """The captures of the visit that fetched ``url`` at that very time, in order."""
        return read(self._engine, lambda c: read_visit(c, find_capture(c, url, captured_at)))

    def read_capture(self, capture_id: int, *, is_withdrawn_ok: bool = False) -> Capture:
        """The capture with its wire bytes and headers, read back from WARC and verified.

        A ``revisit`` record of an identical payload gives the bytes of the capture it refers to;
        a 304 has none. Headers are as served, but for ``Transfer-Encoding`` (the body is
        de-chunked) and a true ``Content-Length``; those of the request stay in the file. Raises
        ``CaptureNotFound``, ``CaptureUnreadable`` or ``ArticleWithdrawn``; ``is_withdrawn_ok`` is
        for checks of the archive: then only a capture that was erased is withheld.
        """
        return self._files.read(capture_id, is_withdrawn_ok=is_withdrawn_ok)

    def is_known(self, url: str) -> bool:
        """Whether an article of the archive stands, or once stood, at this address."""
        return read(self._engine, lambda c: find_article(c, [url]) is not None)

    def current_reading(self, url: str) -> CurrentReading | None:
        """Who read the article's latest version last; ``None`` for an unknown article."""
        return read(self._engine, lambda c: lookups.current_reading(c, url))

    def validators(self, url: str) -> Validators | None:
        """What to send with a conditional request.

        ``None`` for unknown, withdrawn and multi-page articles.

        They are those of the newest whole capture that showed the latest version at this address.
        """
        return read(self._engine, lambda c: lookups.validators(c, url))

    def file_validators(self, url: str) -> Validators | None:
        """What to send with a conditional request for an attachment or image that is kept."""
        return read(self._engine, lambda c: read_file_validators(c, url))

    def counts(self) -> dict[str, int]:
        """How many articles, versions, readings and captures there are."""
        return read(self._engine, lambda c: read_counts(c))

    def search(self, query: Query | str) -> Results:
        """The articles that match, in order; a string is a query's ``text``.

        Raises ``QueryError`` for a text that cannot be understood.
        """
        return Results(self._engine, query if isinstance(query, Query) else Query(query))

    # -- re-reading -----------------------------------------------------------------------------

    def version_ids(self, portal: str | None = None, since: dt.datetime | None = None) -> list[int]:
        """Versions to re-read, oldest first: of one portal, captured since a time."""
        return read(self._engine, lambda c: read_version_ids(c, portal, since))

    def unread_visits(
        self, portal: str | None = None, since: dt.datetime | None = None
    ) -> Iterator[tuple[str, str | None, list[int]]]:
        """Visits whose pages all came with status 200 and gave no article: (visit, portal, ids)."""
        found = read(self._engine, lambda c: read_unread_visits(c, portal, since))
        yield from found

    def reread_version(self, version_id: int) -> bool:
        """Read a version's stored captures by today's rules; whether that made a new reading.

        Raises ``VersionNotFound``, ``CaptureUnreadable`` and whatever the reader raises for a page
        it cannot read.
        """
        if self._reread is None:
            raise ArchiveError("re-reading needs an archive opened with `reread=`")
        portal, ids = read(self._engine, lambda c: lookups.pages_of_version(c, version_id))
        captures = [self.read_capture(number) for number in ids]
        return self.add_reading(version_id, self._reread(portal, captures))

    # -- inside ---------------------------------------------------------------------------------

    def _place(
        self,
        article: Article,
        visit: Sequence[HasAddress],
        reread: Reread | None,
        work: Callable[..., Added],
        done: Callable[[Connection], Added | None] | None = None,
    ) -> Added:
        """Write a visit with its article; again while other processes add versions to it."""
        for _ in range(_TRIES):
            try:
                return write(self._engine, partial(work, reread=reread), done=done)
            except ReaderMismatch:
                if self._reread is None:
                    raise
                reread = self._reread_latest(article, visit)
        raise ArchiveUnusable(f"{article.url}: other processes keep changing it; add it again")

    def _reread_latest(self, article: Article, visit: Sequence[HasAddress]) -> Reread | None:
        """Today's reading of the latest version, if it has none by the reader of ``article``."""
        if self._reread is None:
            return None
        unread = read(self._engine, lambda c: lookups.latest_unread(c, article, visit))
        if unread is None:
            return None
        version_id, number, ids = unread
        today: Article | None
        try:
            today = self._reread(article.portal, [self.read_capture(capture) for capture in ids])
        except ArchiveUnusable:
            raise
        except Exception as error:  # whatever today's rules raise on yesterday's page
            logger.warning("%s: version %d cannot be re-read: %s", article.url, number, error)
            today = None
        return Reread(version_id=version_id, article=today)
