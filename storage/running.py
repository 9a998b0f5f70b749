"""The part of an archive that crawls keep: runs, listings, the ledger of URLs, probes.

``Archive`` inherits it; the methods are those of its users.
"""

import logging
import time
import uuid
from collections.abc import Sequence
from importlib.metadata import version
from typing import Any

from sqlalchemy import Connection, Engine, Row, Select, insert, select, update

from storage import leases, ledger, rechecks
from storage.aliases import find_article
from storage.captures import CaptureFiles
from storage.clock import now
from storage.coverage import coverage
from storage.errors import ArchiveError
from storage.health import Health, crawled_portals, read_health
from storage.record import Coverage, Crawl, Listed, ListingVisit, Probe
from storage.schema import CrawlRow, ProbeRow
from storage.transaction import read, write

logger = logging.getLogger(__name__)


class Running:
    """Runs that write, what they were shown, and what they still have to fetch."""

    _engine: Engine
    _files: CaptureFiles
    _crawl: int | None
    _is_session: bool
    _renewed: float
    _token: uuid.UUID

    # -- crawls ---------------------------------------------------------------------------------

    def begin_crawl(
        self, command: str, portal: str | None = None, *, update_id: int | None = None
    ) -> int:
        """Start a run that writes; its number names the WARC files written from now on.

        ``update_id`` is the number of the update that the crawl is a part of.
        """
        self._files.named_folder()
        return self._begin(command, portal, update_id)

    def _begin(self, command: str, portal: str | None = None, update_id: int | None = None) -> int:
        self._end_session()
        values = {
            "command": command,
            "portal": portal,
            "release": version("jiedu"),
            "started_at": now(),
            "update_id": update_id,
        }
        query = insert(CrawlRow).values(values).returning(CrawlRow.id)

        def work(connection: Connection) -> int:
            number = connection.execute(query).scalar_one()
            leases.forget_dead_runs(connection)
            leases.take(connection, leases.of_run(number), self._token)
            return number

        crawl_id = write(self._engine, work)
        self._files.begin(crawl_id)
        self._crawl, self._is_session, self._renewed = crawl_id, False, time.monotonic()
        return crawl_id

    def finish_crawl(self, outcome: str, counts: dict[str, Any]) -> None:
        """Close the run: how it ended, and its counts as the report prints them."""
        self._files.close()
        values = {"finished_at": now(), "outcome": outcome, "counts": counts}
        crawl_id = self._crawl
        if crawl_id is None:
            return

        def work(connection: Connection) -> None:
            connection.execute(update(CrawlRow).where(CrawlRow.id == crawl_id).values(values))
            leases.release(connection, leases.of_run(crawl_id), self._token)

        write(self._engine, work)
        self._crawl = None

    def _run(self) -> int:
        """The run that writes now, begun if none was."""
        if self._crawl is None:
            self._crawl = self._begin("python")
            self._is_session = True
        self._show_alive()
        return self._crawl

    def _show_alive(self) -> None:
        """Renew the lease of the run, now and then: others may look at it from another machine."""
        is_due = time.monotonic() - self._renewed > leases.RENEW_SECONDS
        if self._crawl is not None and is_due:
            write(self._engine, lambda c: leases.renew(c, self._token))
            self._renewed = time.monotonic()

    def _end_session(self) -> None:
        """Close a run that nobody began by name, so that exports need not wait for it."""
        if self._crawl is None or not self._is_session:
            return
        try:
            self.finish_crawl("finished", {})
        except ArchiveError as error:
            logger.warning("the run of this session stays open: %s", error)

    def begin_update(self) -> int:
        """Enter an update, which its crawls refer to; those of dead processes end as killed."""
        at = now()
        values = {"command": "update", "release": version("jiedu"), "started_at": at}

        def work(connection: Connection) -> int:
            ended = {"finished_at": at, "outcome": "killed"}
            for number in connection.scalars(unfinished_updates()):
                if leases.take(connection, f"update {number}", self._token) is None:
                    query = update(CrawlRow).where(CrawlRow.id == number)
                    connection.execute(query.values(ended))
                    leases.release(connection, f"update {number}", self._token)
            entered = insert(CrawlRow).values(values).returning(CrawlRow.id)
            update_id = connection.execute(entered).scalar_one()
            leases.take(connection, f"update {update_id}", self._token)
            return update_id

        return write(self._engine, work)

    def finish_update(self, update_id: int, outcome: str, counts: dict[str, Any]) -> None:
        """Close the row of an update."""
        values = {"finished_at": now(), "outcome": outcome, "counts": counts}

        def work(connection: Connection) -> None:
            connection.execute(update(CrawlRow).where(CrawlRow.id == update_id).values(values))
            leases.release(connection, f"update {update_id}", self._token)

        write(self._engine, work)

    def last_update(self) -> Crawl | None:
        """The newest update that has ended."""
        query = (
            select(CrawlRow.__table__)
            .where(
                CrawlRow.command == "update",
                CrawlRow.portal.is_(None),
                CrawlRow.counts.is_not(None),
                CrawlRow.finished_at.is_not(None),
            )
            .order_by(CrawlRow.id.desc())
            .limit(1)
        )
        row = read(self._engine, lambda c: c.execute(query).one_or_none())
        return _crawl(row) if row else None

    def crawls(self, portal: str | None = None, limit: int | None = None) -> list[Crawl]:
        """Runs that wrote, oldest first: all, those of a portal, the newest ``limit``."""
        query = select(CrawlRow.__table__).order_by(CrawlRow.id.desc()).limit(limit)
        if portal is not None:
            query = query.where(CrawlRow.portal == portal)
        rows = read(self._engine, lambda c: c.execute(query).all())
        return [_crawl(row) for row in reversed(rows)]

    def last_crawl(self, portal: str) -> Crawl | None:
        """The newest crawl of a portal, finished or not."""
        query = (
            select(CrawlRow.__table__)
            .where(CrawlRow.portal == portal, CrawlRow.command.in_(("crawl", "update")))
            .order_by(CrawlRow.id.desc())
            .limit(1)
        )
        row = read(self._engine, lambda c: c.execute(query).one_or_none())
        return _crawl(row) if row else None

    def health(self, portal: str) -> Health:
        """What the portal's runs brought, and what is unlike its own history."""
        return read(self._engine, lambda c: read_health(c, portal))

    def crawled_portals(self) -> list[str]:
        """Portals that have been crawled, by name."""
        return read(self._engine, lambda c: crawled_portals(c))

    # -- listings and the ledger ----------------------------------------------------------------

    def list_urls(
        self,
        portal: str,
        page: ListingVisit | str,
        links: Sequence[Listed],
        left_out: Sequence[Listed] = (),
    ) -> int:
        """Enter what a listing page shows before any of it is fetched.

        ``page`` may be just its address. ``left_out`` are items a selection does not want: known
        from now on, and not asked for until a crawl lists them among its ``links``. The number of
        ``links`` that were not known is returned.
        """
        if isinstance(page, str):
            page = ListingVisit(listing_url=page, page_url=page)
        return write(self._engine, lambda c: ledger.list_urls(c, portal, page, links, left_out))

    def pending_urls(self, portal: str) -> list[Listed]:
        """URLs earlier crawls listed and did not archive, oldest first."""
        return read(self._engine, lambda c: ledger.pending_urls(c, portal))

    def fail_url(self, portal: str, url: str, reason: str) -> None:
        """Note why a fetch left no capture, in the ledger and for a known article."""

        def work(connection: Connection) -> None:
            ledger.fail_url(connection, portal, url, reason)
            article_id = find_article(connection, [url])
            if article_id is not None:
                rechecks.fail(connection, article_id, now())

        write(self._engine, work)

    def coverage(self, portal: str | None = None) -> list[Coverage]:
        """How much of what was listed is archived: each portal as a whole, then its listings."""
        return read(self._engine, lambda c: coverage(c, portal))

    # -- probes ---------------------------------------------------------------------------------

    def add_probe(self, probe: Probe) -> None:
        """Keep the outcome of a probe."""
        values = {name: getattr(probe, name) for name in Probe.__slots__}
        values |= {"release": version("jiedu"), "checks": {"checks": list(probe.checks)}}
        write(self._engine, lambda c: c.execute(insert(ProbeRow).values(values)))

    def probes(self, portal: str | None = None) -> list[Probe]:
        """All probes, oldest first, of one portal if named."""
        query = select(ProbeRow.__table__).order_by(ProbeRow.id)
        if portal is not None:
            query = query.where(ProbeRow.portal == portal)
        rows = read(self._engine, lambda c: c.execute(query).all())
        return [
            Probe(
                portal=row.portal,
                probed_at=row.probed_at,
                is_passed=row.is_passed,
                is_real=row.is_real,
                checks=tuple(row.checks["checks"]),
                folder=row.folder,
            )
            for row in rows
        ]


def unfinished_updates() -> Select[int]:
    """Updates without an end: those of living processes, and of killed ones."""
    return select(CrawlRow.id).where(
        CrawlRow.command == "update", CrawlRow.portal.is_(None), CrawlRow.finished_at.is_(None)
    )


def _crawl(row: Row[Any]) -> Crawl:
    return Crawl(**(dict(row._mapping) | {"counts": row.counts or {}}))
