"""ProbeSpider: robots.txt, the first page of each listing and three articles of one portal.

Runs through the same middlewares as a crawl (robots.txt, delays, refusals, user agent) and
archives nothing. Run by ``scrapy probe``.
"""

from collections.abc import AsyncIterator, Iterator
from ipaddress import ip_address
from itertools import islice
from typing import Any, ClassVar

from scrapy import Request, Spider
from scrapy.http import Response
from twisted.python.failure import Failure

from crawler.budget import Budget
from crawler.discovery import PageRequest, first_requests, read_page
from crawler.extract import ExtractionError
from crawler.middlewares.robots import CrawlDelayMiddleware
from crawler.page import read_capture
from crawler.portal import Listing, Portal
from crawler.probe.seen import Seen, SeenPage
from storage import Listed, clock, url_key

ARTICLES = 3
_SHELLS = 3  # requests that lead from a listing's page to the feed behind it


class ProbeSpider(Spider):
    """Fetches a little of ``seen.portal`` and keeps it in ``seen``."""

    name = "probe"
    handle_httpstatus_list: ClassVar[list[int]] = [304, *range(400, 600)]
    custom_settings = {"ITEM_PIPELINES": {}, "EXTENSIONS": {}}  # noqa: RUF012 - Scrapy's style

    def __init__(self, seen: Seen, budget: Budget | None = None) -> None:
        super().__init__()
        self.seen, self.budget = seen, budget
        self.allowed_domains = [host.lstrip(".") for host in self.portal.hosts]
        self._open_listings = 0
        self._links: dict[Listing, list[Listed]] = {}

    @property
    def portal(self) -> Portal:
        """The portal that is probed."""
        return self.seen.portal

    @property
    def portal_name(self) -> str:
        """Its name, for the captures."""
        return self.portal.name

    async def start(self) -> AsyncIterator[Request]:
        """The first page of every listing."""
        firsts = [
            (n, asked) for n in self.portal.listings for asked in islice(first_requests(n), 1)
        ]
        self._open_listings = len(firsts)
        for listing, asked in firsts:
            yield self._listing_request(listing, asked, _SHELLS)

    def listing_seen(
        self, response: Response, listing: Listing, asked: PageRequest, shells: int
    ) -> Iterator[Request]:
        """Keep a listing; ask for articles when it was the last one."""
        seen = self._keep("listing", response)
        seen.listing = listing
        if seen.refusal is None and response.status == 200:
            try:
                seen.page = read_page(response, listing, self.portal, asked)
            except (ValueError, ExtractionError) as error:
                seen.error = str(error)
        if seen.page and seen.page.is_shell and shells:
            for following in islice(seen.page.following, 1):
                yield self._listing_request(listing, following, shells - 1)
                return
        self._links.setdefault(listing, []).extend(seen.page.links if seen.page else ())
        yield from self._listing_done()

    def article_seen(self, response: Response, listed: Listed) -> None:
        """Keep an article and what is read from it."""
        seen = self._keep("article", response)
        seen.listed = listed
        if seen.refusal or response.status != 200:
            return
        try:
            seen.article = read_capture(response.meta["captures"][-1], self.portal)
        except ExtractionError as error:
            seen.error = str(error)

    def fetch_failed(self, failure: Failure) -> Iterator[Request]:
        """Keep why there is no answer."""
        request: Request = failure.request  # type: ignore[attr-defined]
        arguments = request.cb_kwargs
        reason = str(failure.value) or type(failure.value).__name__
        seen = SeenPage(
            kind=request.meta["kind"], asked=_asked(request), url=request.url, error=reason
        )
        seen.listing, seen.listed = arguments.get("listing"), arguments.get("listed")
        self.seen.pages.append(seen)
        if seen.kind == "listing":
            yield from self._listing_done()

    def closed(self, reason: str) -> None:
        """Add the robots.txt files that the middleware fetched."""
        robots = self.crawler.get_downloader_middleware(CrawlDelayMiddleware)
        if not isinstance(robots, CrawlDelayMiddleware):
            return
        for response in robots.responses.values():
            self._keep("robots", response)
        self.seen.delays.update(robots.delays)

    def _listing_done(self) -> Iterator[Request]:
        self._open_listings -= 1
        if self._open_listings:
            return
        for listed in choose(list(self._links.values()), ARTICLES):
            yield Request(
                listed.url,
                callback=self.article_seen,
                errback=self.fetch_failed,
                cb_kwargs={"listed": listed},
                meta={"kind": "article"},
                dont_filter=True,
            )

    def _listing_request(self, listing: Listing, asked: PageRequest, shells: int) -> Request:
        return Request(
            asked.url,
            callback=self.listing_seen,
            errback=self.fetch_failed,
            method=asked.method,
            headers=dict(asked.headers),
            body=asked.body,
            cb_kwargs={"listing": listing, "asked": asked, "shells": shells},
            meta={"kind": "listing"},
            dont_filter=True,
        )

    def _keep(self, kind: Any, response: Response) -> SeenPage:
        request = response.request
        content_type = (response.headers.get("Content-Type") or b"").decode("latin-1")
        seen = SeenPage(
            kind=kind,
            asked=_asked(request) if request else response.url,
            url=response.url,
            status=response.status,
            content_type=content_type or None,
            body=response.body,
            seen_at=clock.now(),
            refusal=request.meta.get("refusal") if request else None,
        )
        self.seen.pages.append(seen)
        self.seen.is_real = self.seen.is_real and self._is_real(response)
        return seen

    def _is_real(self, response: Response) -> bool:
        """Whether the portal itself answered, not a copy of it on this machine."""
        if self.settings.getdict("HOST_MAP"):
            return False
        if response.request and response.request.meta.get("proxy"):
            return True  # the address is the proxy's
        address = response.ip_address
        return address is not None and not ip_address(str(address)).is_loopback


def choose(listings: list[list[Listed]], count: int) -> list[Listed]:
    """``count`` links from all listings in turn: of each the first, the last, then the middle."""
    chosen: dict[str, Listed] = {}
    for place in (lambda n: 0, lambda n: n - 1, lambda n: n // 2):
        for links in listings:
            if links and len(chosen) < count:
                link = links[place(len(links))]
                chosen.setdefault(url_key(link.url), link)
    return list(chosen.values())


def _asked(request: Request) -> str:
    return str(request.meta.get("redirect_urls", [request.url])[0])
