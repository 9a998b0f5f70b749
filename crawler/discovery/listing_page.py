"""The words of discovery: a request for a page of a listing, and what that page shows.

Every kind of listing is a module with the two functions of ``Kind``; ``crawler.discovery.kinds``
chooses it, ``crawler.spider`` sends the requests.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, Protocol

from scrapy.http import Response

from crawler.portal import Listing, Portal
from storage import Listed


@dataclass(frozen=True, slots=True, kw_only=True)
class PageRequest:
    """One request for a listing; several may make one page (the sheets of a newspaper's issue).

    ``page`` is counted from 0 and is what ``-a pages=N`` limits; ``before`` counts the items on
    the pages before it. ``is_first`` marks the page that must show articles. ``is_guess`` marks a
    page nobody has announced: that it does not exist is the end of the listing and no failure.
    """

    url: str
    page: int = 0
    before: int = 0
    method: Literal["GET", "POST"] = "GET"
    headers: tuple[tuple[str, str], ...] = ()
    body: str = ""
    is_first: bool = False
    is_guess: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ListingPage:
    """What one response of a listing shows.

    ``links`` are the portal's articles in page order, each once. ``shown`` counts all items, also
    those that lead elsewhere. ``claimed`` and ``pages`` are the numbers of all items and pages as
    the listing states them, ``None`` when it does not. ``following`` are the requests it leads to.
    A shell holds no items, only the address of the feed.
    """

    links: tuple[Listed, ...] = ()
    shown: int = 0
    claimed: int | None = None
    pages: int | None = None
    following: tuple[PageRequest, ...] = ()
    is_shell: bool = False


class Kind(Protocol):
    """One kind of listing."""

    def first(self, listing: Listing) -> Iterable[PageRequest]:
        """The requests a crawl begins with."""
        ...

    def read(
        self, response: Response, listing: Listing, portal: Portal, asked: PageRequest
    ) -> ListingPage:
        """What a response shows; ``ValueError`` says what is wrong with it and what to do."""
        ...
