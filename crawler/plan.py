"""What a crawl of a portal does, and in which order.

``scrapy crawl`` reads every listing and asks for everything it shows; ``scrapy update`` does what
is due. ``crawler.spider`` asks its plan, first for the listings, then for the rest.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import chain
from typing import Protocol

from crawler.portal import Listing, Portal
from crawler.selection import Selection
from storage import Archive, Listed, ListingState, clock
from storage.schedule import CLOSE_ENOUGH

Key = tuple[str, str | None]  # a listing: address and channel


class Plan(Protocol):
    """The order of a portal's work.

    ``command`` names it in the archive; ``asks_listed`` says that what a listing shows is asked
    for at once, known or not.
    """

    command: str
    update_id: int | None
    asks_listed: bool
    is_recheck: bool

    def listings(self, portal: Portal, archive: Archive) -> list[Listing]:
        """The listings to read."""
        ...

    def depth(self, listing: Listing, limit: int) -> int:
        """How many pages of a listing to read at most."""
        ...

    def goes_on(self, listing: Listing, *, has_new: bool) -> bool:
        """Whether the pages behind one that shows something new, or nothing new, are read."""
        ...

    def articles(self, portal: Portal, archive: Archive) -> Iterator[Listed]:
        """What to ask for when the listings have been read."""
        ...


@dataclass(slots=True)
class CrawlPlan:
    """Everything the listings show, what earlier crawls did not archive, all known on request."""

    selection: Selection
    is_recheck: bool = False
    chosen: list[Listing] = field(default_factory=list)
    command: str = "crawl"
    update_id: int | None = None
    asks_listed: bool = True

    def listings(self, portal: Portal, archive: Archive) -> list[Listing]:
        """Those of the channel that was asked for."""
        return self.chosen

    def depth(self, listing: Listing, limit: int) -> int:
        """As deep as the operator or the portal's rules say."""
        return limit

    def goes_on(self, listing: Listing, *, has_new: bool) -> bool:
        """A crawl reads listings to their depth."""
        return True

    def articles(self, portal: Portal, archive: Archive) -> Iterator[Listed]:
        """What is wanted of the ledger, then every known article when rechecking."""
        for listed in archive.pending_urls(portal.name):
            if self.selection.judge(listed) != "out":
                yield listed
        if self.is_recheck:
            for article in archive.articles(portal.name):
                if article.withdrawn_at is None:
                    yield Listed(url=article.url)


@dataclass(slots=True)
class UpdatePlan:
    """What is due: listings, new articles, confirmations of doubts, rechecks."""

    update_id: int | None = None
    command: str = "update"
    asks_listed: bool = False
    is_recheck: bool = False
    _states: dict[Key, ListingState] = field(default_factory=dict)

    def listings(self, portal: Portal, archive: Archive) -> list[Listing]:
        """The listings that are due, and those whose last reading was broken off."""
        self._states = {
            (state.listing_url, state.channel): state
            for state in archive.listing_states(portal.name)
        }
        at = clock.now() + CLOSE_ENOUGH
        due = []
        for listing in portal.listings:
            state = self._states.get((listing.url, listing.channel))
            # A time further off than the longest interval was set by a wrong clock.
            if state is None or state.due_at is None or not at < state.due_at < at + _FAR:
                due.append(listing)
        return due

    def depth(self, listing: Listing, limit: int) -> int:
        """A newspaper's issues since the last reading, and one before; all of other listings."""
        state = self._states.get((listing.url, listing.channel))
        if listing.kind != "newspaper" or state is None or not _is_read_whole(state):
            return limit
        return min(limit, (clock.now() - state.read_at).days + 2)

    def goes_on(self, listing: Listing, *, has_new: bool) -> bool:
        """Behind a page without anything new there is nothing new, once all was read."""
        state = self._states.get((listing.url, listing.channel))
        return has_new or state is None or not _is_read_whole(state) or listing.kind == "newspaper"

    def articles(self, portal: Portal, archive: Archive) -> Iterator[Listed]:
        """New ones, then doubts, then the most overdue rechecks; each is asked for when its turn
        comes, so that an update may end at any time."""
        known = chain(
            archive.due_articles(portal.name, is_doubtful=True),
            archive.due_articles(portal.name, is_doubtful=False),
        )
        yield from archive.due_urls(portal.name)
        yield from (Listed(url=url) for url in known)


_FAR = dt.timedelta(days=30)


def _is_read_whole(state: ListingState) -> bool:
    return state.due_at is not None and not state.is_partial
