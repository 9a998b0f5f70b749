"""Walk: how far a crawl has followed one listing, and where it ends.

Kinds say which pages a page leads to; what is asked only once, how deep, and that a repeated page
ends a listing is decided here for all of them. Kept by ``crawler.spider``, one a listing.
"""

from collections.abc import Iterable

from crawler.discovery.listing_page import ListingPage, PageRequest
from storage import url_key

MAX_PAGES = 5000  # of one listing; the longest known, 8,000 items of SAMR, has 400


class Walk:
    """The pages of one listing asked for in this crawl."""

    def __init__(self, limit: int) -> None:
        self._limit = min(limit, MAX_PAGES)
        self._asked: set[tuple[str, str]] = set()
        self._shown: set[frozenset[str]] = set()

    def take(self, requests: Iterable[PageRequest]) -> list[PageRequest]:
        """Those of ``requests`` that are still to be asked: each once, and none too deep."""
        taken = []
        for request in requests:
            if request.page >= self._limit:
                break  # pages come in order; a newspaper names every issue since its first
            key = (request.url, request.body)
            if key not in self._asked:
                self._asked.add(key)
                taken.append(request)
        return taken

    def is_repeat(self, page: ListingPage) -> bool:
        """Whether an earlier page showed exactly these articles; remembers them."""
        shown = frozenset(url_key(link.url) for link in page.links)
        if not shown:
            return False
        if shown in self._shown:
            return True
        self._shown.add(shown)
        return False
