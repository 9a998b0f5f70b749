"""The part of an archive that updates keep: leases, what is due, absences, the ledger's entries.

``Archive`` inherits it; the methods are those of ``scrapy update`` and of `jiedu ledger` and
`jiedu gone`.
"""

import datetime as dt
import uuid
from collections.abc import Iterator, Sequence
from functools import partial

from sqlalchemy import Engine

from storage import absences, leases, ledger, listings, rechecks
from storage.clock import now
from storage.record import (
    Absence,
    Backlog,
    Lease,
    LedgerEntry,
    LedgerState,
    Listed,
    ListingState,
)
from storage.schedule import CLOSE_ENOUGH, Schedule
from storage.transaction import read, write

_BATCH = 500


class Updating:
    """Whose turn it is, and what has to be done."""

    _engine: Engine
    _schedule: Schedule
    _token: uuid.UUID

    # -- leases ---------------------------------------------------------------------------------

    def take_lease(self, portal: str) -> Lease | None:
        """Take the lease of a portal; ``None`` when it is ours, else the lease of who holds it.

        A dead process holds nothing. With the lease, crawls of the portal that never finished are
        entered as killed.
        """
        return write(self._engine, lambda c: leases.take(c, portal, self._token))

    def renew_leases(self) -> set[str]:
        """Say that this archive's process is alive; the portals whose lease it still has."""
        return write(self._engine, lambda c: leases.renew(c, self._token))

    def release_lease(self, portal: str) -> None:
        """Let others work on the portal."""
        write(self._engine, lambda c: leases.release(c, portal, self._token))

    def leases(self) -> list[Lease]:
        """Who works on which portal now."""
        return read(self._engine, lambda c: leases.held_leases(c))

    # -- listings -------------------------------------------------------------------------------

    def listing_states(self, portal: str) -> list[ListingState]:
        """When each listing read before is due, and whether it was read to its end."""
        return read(self._engine, lambda c: listings.listing_states(c, portal))

    def begin_listing(self, portal: str, url: str, channel: str | None) -> None:
        """A reading of a listing begins; until ``end_listing`` it is a partial one."""
        write(self._engine, lambda c: listings.begin_listing(c, portal, url, channel))

    def end_listing(
        self, portal: str, url: str, channel: str | None, *, has_new: bool, is_whole: bool
    ) -> None:
        """A reading of a listing has ended; it is due again by the schedule."""
        write(
            self._engine,
            lambda c: listings.end_listing(
                c, portal, url, channel, self._schedule, has_new=has_new, is_whole=is_whole
            ),
        )

    def listings(self) -> list[tuple[str, str]]:
        """Portal and address of every listing that was ever read, by portal, oldest first."""
        return read(self._engine, lambda c: listings.all_listings(c))

    def newest_record(self) -> dt.datetime | None:
        """When the archive wrote last, by the clock of that time."""
        return read(self._engine, lambda c: rechecks.newest_capture(c))

    # -- what is due ----------------------------------------------------------------------------

    def due_urls(self, portal: str) -> Iterator[Listed]:
        """Listed URLs that are not archived and due, in the order they were found.

        Each once, those that are listed meanwhile too.
        """
        last, at = 0, now() + CLOSE_ENOUGH
        look = partial(ledger.due_urls, portal=portal, at=at, limit=_BATCH)
        while True:
            page = read(self._engine, partial(look, after=last))
            if not page:
                return
            for last, listed in page:  # noqa: B007 - the last number is where the next page begins
                yield listed

    def due_articles(self, portal: str, *, is_doubtful: bool) -> Iterator[str]:
        """Addresses of articles to look at again, most overdue first; or of doubts to confirm."""
        place: rechecks.Place | None = None
        look = partial(
            rechecks.due_articles,
            portal=portal,
            at=now() + CLOSE_ENOUGH,
            is_doubtful=is_doubtful,
            limit=_BATCH,
        )
        while True:
            page = read(self._engine, partial(look, after=place))
            if not page:
                return
            for place, url in page:  # noqa: B007 - as above
                yield url

    def backlog(self, portal: str) -> Backlog:
        """What is due and not done at this moment."""
        at = now()
        urls = read(self._engine, lambda c: ledger.due_since(c, portal, at))
        articles = read(self._engine, lambda c: rechecks.due_since(c, portal, at))
        doubts = sum(is_doubtful for _, is_doubtful in articles)
        late = [at - since for since in (*urls, *(since for since, _ in articles))]
        return Backlog(
            urls=len(urls),
            confirmations=doubts,
            rechecks=len(articles) - doubts,
            days=max(late, default=dt.timedelta()) / dt.timedelta(days=1),
        )

    # -- absences and the ledger ----------------------------------------------------------------

    def absences(self, portal: str | None = None, article_id: int | None = None) -> list[Absence]:
        """When articles' pages were not there, the newest absence first."""
        return read(self._engine, lambda c: list(absences.absences(c, portal, article_id)))

    def ledger(
        self, portal: str | None = None, states: Sequence[LedgerState] = ()
    ) -> Iterator[LedgerEntry]:
        """Every URL found on a listing and what became of it, oldest first."""
        last = 0
        look = partial(ledger.ledger_entries, portal=portal, states=states, limit=_BATCH)
        while True:
            page = read(self._engine, partial(look, after=last))
            if not page:
                return
            for last, entry in page:  # noqa: B007 - as above
                yield entry

    def given_up(self, portal: str, since: dt.datetime) -> int:
        """How many URLs have been given up since a time."""
        return read(self._engine, lambda c: ledger.given_up(c, portal, since))

    def retry_urls(self, portal: str | None = None, url: str | None = None) -> int:
        """Let URLs that were given up be asked for again; how many they are."""
        return write(self._engine, lambda c: ledger.retry_urls(c, portal, url))
