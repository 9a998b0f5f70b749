"""PortalSpider: a portal's listings become article requests, its pages become visits.

The files in ``spiders/`` subclass it with their portal data. It reads pages through
``crawler.extract`` and hands every visit to ``crawler.pipelines`` as an ``ExtractedPage``.
"""

from collections import Counter
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from itertools import islice
from typing import Any, ClassVar, Self

from scrapy import Request, Spider, signals
from scrapy.crawler import Crawler
from scrapy.exceptions import DontCloseSpider
from scrapy.http import Response
from twisted.python.failure import Failure

from crawler.absence import find_absence, is_home
from crawler.budget import Budget
from crawler.discovery import MAX_PAGES as MAX_LISTING_PAGES
from crawler.discovery import ListingPage, PageRequest, Walk, first_requests, read_page
from crawler.extract import ExtractionError, join_pages
from crawler.files import FileKind, FilePolicy, file_failure, file_name
from crawler.item import ExtractedPage
from crawler.page import read_capture
from crawler.plan import CrawlPlan, Plan
from crawler.portal import Listing, Portal, PortalError
from crawler.report import CrawlReport
from crawler.selection import Selection, listed_day, select_listings
from crawler.session import session_of
from crawler.stopping import NotAsked, stop_crawl, stop_reason
from storage import (
    Archive,
    ArchiveError,
    ArchiveUnusable,
    Article,
    Capture,
    Listed,
    ListingVisit,
    url_key,
)

_ARGUMENTS = "pages, recheck, since, until, match, channel, images, force"
_FILE_SECONDS = 600  # 50 MB at the 100 KB/s that slow portals give
_BATCH = 50  # articles taken from the plan at a time; an update may end at any of them
MAX_PAGES = 50  # of one article; beyond that a "next page" link leads in a circle (domain notes)


class PortalSpider(Spider):
    """Crawls one portal: ``-a pages=N|all`` limits its listings, ``-a recheck=1`` revisits all.

    ``recheck`` also asks for the articles the archive knows and the listings no longer show.
    ``-a since= until= match= channel=`` select among what the listings show
    (``crawler.selection``). A portal that is off is refused with its reason unless ``-a force=1``.
    """

    portal: Portal
    # Refusals, disappearances and 304 are read here; Scrapy would drop them.
    handle_httpstatus_list: ClassVar[list[int]] = [304, *range(400, 600)]

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "portal" in cls.__dict__ and "name" not in cls.__dict__:
            cls.name = cls.portal.name

    def __init__(
        self,
        pages: str | None = None,
        recheck: str | None = None,
        force: str | None = None,
        since: str | None = None,
        until: str | None = None,
        match: str | None = None,
        channel: str | None = None,
        images: str | None = None,
        plan: Plan | None = None,
        budget: Budget | None = None,
        **unknown: str,
    ) -> None:
        if unknown:
            raise ValueError(
                f"-a {next(iter(unknown))}=: there is no such argument; a portal takes {_ARGUMENTS}"
            )
        super().__init__()
        if self.portal.off and not _is_set("force", force):
            raise PortalError(
                f"{self.portal.name} is off: {self.portal.off}; to crawl it all the same, add"
                " -a force=1 (robots.txt and refusals are respected even then)"
            )
        self.allowed_domains = [host.lstrip(".") for host in self.portal.hosts]
        self.max_pages = _page_limit(pages)
        is_recheck = _is_set("recheck", recheck)
        self.selection = Selection.parse(since, until, match, channel)
        chosen = list(select_listings(self.portal, channel))
        self.plan: Plan = plan or CrawlPlan(self.selection, is_recheck, chosen)
        self.budget = budget or Budget()
        if self.selection and is_recheck:
            raise ValueError(
                "-a recheck=1 asks for every known article and cannot be restricted by since,"
                " until, match or channel; crawl once with each"
            )
        self._wants_images = _is_set("images", images)
        self._listed: set[str] = set()
        self._walks: dict[Listing, Walk] = {}
        self._open: Counter[Listing] = Counter()  # requests of a listing that are under way
        self._broken: set[Listing] = set()  # listings of which a page could not be read
        self._cut: set[Listing] = set()  # listings whose rest is for the next run
        self._fresh: set[Listing] = set()  # listings that showed something new
        self._articles: Iterator[Listed] | None = None
        self._asked: set[str] = set()  # articles and files, by the key of their address

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        spider = super().from_crawler(crawler, *args, **kwargs)
        crawler.signals.connect(spider.go_on, signals.spider_idle)
        return spider

    @classmethod
    def portal_for(cls, name: str) -> Portal:
        """The rules for the portal called ``name``; families of portals override it."""
        return cls.portal

    async def start(self) -> AsyncIterator[Request]:
        """The listings; the articles follow when they have been read (``go_on``)."""
        for listing in self.plan.listings(self.portal, self.archive):
            limit = listing.pages if self.max_pages is None else self.max_pages
            walk = self._walks[listing] = Walk(self.plan.depth(listing, limit))
            firsts = walk.take(first_requests(listing))
            if self._is_whole_reading(listing):
                self.archive.begin_listing(self.portal.name, listing.url, listing.channel)
            self._open[listing] += len(firsts)
            for asked in firsts:
                yield self._listing_request(listing, asked)

    def go_on(self) -> None:
        """Ask for the next articles of the plan when nothing is under way."""
        engine = self.crawler.engine
        if engine is None or self.budget.is_spent or stop_reason(self.crawler):
            return
        if self._articles is None:
            self._articles = self.plan.articles(self.portal, self.archive)
        unasked = (n for n in self._articles if url_key(n.url) not in self._asked)
        try:
            batch = list(islice(unasked, _BATCH))
        except ArchiveUnusable as error:
            self.report.problem_once(f"{error}; the crawl has stopped")
            stop_crawl(self.crawler, "archive unusable", str(error))
            return
        for listed in batch:
            engine.crawl(self._article_request(listed))
        if batch:
            raise DontCloseSpider

    def parse_listing(
        self, response: Response, listing: Listing, asked: PageRequest
    ) -> Iterator[ExtractedPage | Request]:
        """Keep the page, enter its links in the ledger, then ask for them and the next page."""
        following: list[PageRequest] = []
        if response.status == 404 and asked.is_guess:
            self._close_page(listing, following)
            return  # behind the last page
        page, failure, is_repeat = ListingPage(), None, False
        try:
            _check_listing(response)
            page = read_page(response, listing, self.portal, asked)
            is_repeat = self._walks[listing].is_repeat(page)
            failure = _listing_failure(page, asked, is_repeat=is_repeat)
        except (ValueError, ExtractionError) as error:
            failure = str(error)
        if failure is not None:
            self._broken.add(listing)
        yield ExtractedPage(
            url=response.url,
            captures=_visit(response, page=1),
            failure=failure,
            is_refused="refusal" in response.meta,
        )
        has_new = False
        if failure is None or page.links:
            has_new, requests = self._list(response.url, listing, asked, page)
            yield from requests
        is_past = self.selection.is_past(page.links)  # listings show the newest first
        goes_on = page.is_shell or not page.links or self.plan.goes_on(listing, has_new=has_new)
        if not is_repeat and (page.links or page.is_shell) and not is_past and goes_on:
            following = [
                request
                for request in self._walks[listing].take(page.following)
                if self.selection.wants_issue(listing, request.url)
            ]
        if following and self.budget.is_for_articles:
            self._cut.add(listing)
            following = []
        self._close_page(listing, following)
        for request in following:
            yield self._listing_request(listing, request)

    def _close_page(self, listing: Listing, following: list[PageRequest]) -> None:
        """One page of a listing is done; with its last one the listing is."""
        self._open[listing] += len(following) - 1
        if self._open[listing] or listing in self._cut or not self._is_whole_reading(listing):
            return
        self.archive.end_listing(
            self.portal.name,
            listing.url,
            listing.channel,
            has_new=listing in self._fresh,
            is_whole=listing not in self._broken,
        )

    def _is_whole_reading(self, listing: Listing) -> bool:
        """Whether this crawl reads the listing as deep as its portal's rules say."""
        is_deep = self.max_pages is None or self.max_pages >= listing.pages
        return is_deep and not self.selection

    def _list(
        self, page_url: str, listing: Listing, asked: PageRequest, page: ListingPage
    ) -> tuple[bool, list[Request]]:
        """Whether the page shows something new, and the requests for what it shows.

        What a listing of this crawl has shown before is not asked for again.
        """
        links = [replace(link, day=link.day or listed_day(link)) for link in page.links]
        judged = {link.url: self.selection.judge(link) for link in links}
        wanted = [link for link in links if judged[link.url] != "out"]
        left_out = [link for link in links if judged[link.url] == "out"]
        visit = ListingVisit(
            listing_url=listing.url,
            page_url=page_url,
            page=asked.page,
            channel=listing.channel,
            claimed=page.claimed,
        )
        unknown = 0
        if not page.is_shell:
            unknown = self.archive.list_urls(self.portal.name, visit, wanted, left_out)
            self.report.count_listing(unknown)
        if unknown:
            self._fresh.add(listing)
        new = [link for link in links if url_key(link.url) not in self._listed]
        self._listed.update(url_key(link.url) for link in new)
        self.report.listed += len(new)
        requests = []
        for link in new:
            self.report.left_out += judged[link.url] == "out"
            self.report.unsure += judged[link.url] == "unsure"
            is_wanted = judged[link.url] != "out" and self.plan.asks_listed
            if is_wanted and not self.archive.is_withdrawn(link.url):
                requests.append(self._article_request(link))
        return unknown > 0, requests

    def parse_article(
        self,
        response: Response,
        listed: Listed,
        visit: tuple[Capture, ...] = (),
        pages: tuple[Article, ...] = (),
    ) -> Iterator[ExtractedPage | Request]:
        """Read one page; a multi-page article is handed on when its last page has been read."""
        number = len(pages) + 1
        captures = (*visit, *_visit(response, page=number))
        self._asked.add(url_key(response.url))  # a moved article is not asked for at both addresses
        if response.status in (304, 404, 410) and number == 1:
            yield ExtractedPage(url=listed.url, captures=captures)
            if response.status == 304:
                yield from self._files_of_known(listed.url)
            return
        article, failure = None, None
        try:
            article = self._read(response, captures[-1], number)
        except ExtractionError as error:
            failure = str(error)
        is_refused = "refusal" in response.meta
        if number == 1 and not is_refused:
            is_known = self.archive.is_known(listed.url)
            absence = find_absence(response, listed.url, self.portal, article, is_known=is_known)
            if absence is not None:
                yield ExtractedPage(url=listed.url, captures=captures, absence=absence)
                return
        if article is None:
            yield ExtractedPage(
                url=listed.url, captures=captures, failure=failure, is_refused=is_refused
            )
            return
        pages = (*pages, article)
        seen = {url_key(capture.url) for capture in captures}
        following = article.next_page
        if following and url_key(following) not in seen and number < MAX_PAGES:
            yield Request(
                following,
                callback=self.parse_article,
                errback=self.fetch_failed,
                cb_kwargs={"listed": listed, "visit": captures, "pages": pages},
                meta={"kind": "article"},
                priority=5,  # an article is finished before the next one is begun
                dont_filter=True,
            )
            return
        whole = join_pages(list(pages))
        if whole.channel is None and listed.channel:
            whole = replace(whole, channel=listed.channel)
        if self.selection.judge(listed) == "unsure" and not self.selection.has(whole):
            self.report.outside += 1
        yield ExtractedPage(url=listed.url, captures=captures, article=whole)
        yield from self._file_requests(whole)

    def parse_file(
        self, response: Response, kind: FileKind, shown: str | None
    ) -> Iterator[ExtractedPage]:
        """Keep an attachment or image."""
        *hops, last = _visit(response, page=1)
        named = replace(last, filename=file_name(response, shown))
        failure = file_failure(response, kind)
        yield ExtractedPage(url=response.url, captures=(*hops, named), failure=failure, kind=kind)

    def file_failed(self, failure: Failure) -> Iterator[ExtractedPage]:
        """Note why an attachment or image cannot be had; its article stands."""
        request: Request = failure.request  # type: ignore[attr-defined]
        hops = tuple(replace(capture, page=None) for capture in request.meta.get("captures", ()))
        if isinstance(failure.value, NotAsked) and not hops:
            return
        reason = str(failure.value) or type(failure.value).__name__
        kind = request.cb_kwargs["kind"]
        yield ExtractedPage(url=request.url, captures=hops, failure=reason, kind=kind)

    def _file_requests(self, article: Article) -> Iterator[Request]:
        if self.archive.is_withdrawn(article.url):
            return
        settings = self.settings
        policy = FilePolicy(
            attachments=settings.getbool("ARCHIVE_ATTACHMENTS"),
            images=self._wants_images,
            is_recheck=self.plan.is_recheck,
            max_bytes=settings.getint("ARCHIVE_ATTACHMENT_BYTES"),
        )
        for kind, url, shown in policy.wanted(article, self.archive):
            if url_key(url) in self._asked:
                continue
            self._asked.add(url_key(url))
            yield Request(
                url,
                callback=self.parse_file,
                errback=self.file_failed,
                cb_kwargs={"kind": kind, "shown": shown},
                meta={
                    "kind": kind,
                    "is_conditional": self.plan.is_recheck,
                    "download_maxsize": policy.max_bytes,
                    "download_timeout": _FILE_SECONDS,
                    "allow_offsite": True,  # portals keep files on hosts of their own
                },
                priority=-10,  # texts first
            )

    def _files_of_known(self, url: str) -> Iterator[Request]:
        """Files of an unmodified article that are not kept yet."""
        try:
            yield from self._file_requests(self.archive.version(url).article)
        except ArchiveError:
            return

    def fetch_failed(self, failure: Failure) -> Iterator[ExtractedPage]:
        """Nothing usable came back: keep what hops and pages there are, and the reason."""
        request: Request = failure.request  # type: ignore[attr-defined]
        arguments = request.cb_kwargs
        listing = arguments.get("listing")
        if listing and not isinstance(failure.value, NotAsked):  # else it stays partial, and due
            self._broken.add(listing)
            self._close_page(listing, [])
        listed: Listed | None = arguments.get("listed")
        pages = len(arguments.get("pages", ()))
        reason = str(failure.value) or type(failure.value).__name__
        hops = tuple(replace(capture, page=None) for capture in request.meta.get("captures", ()))
        if isinstance(failure.value, NotAsked) and not (hops or pages):
            return  # nothing was sent; the ledger keeps the URL
        if pages:
            reason = f"page {pages + 1} is missing: {reason}"
        yield ExtractedPage(
            url=listed.url if listed else request.url,
            captures=(*arguments.get("visit", ()), *hops),
            failure=reason,
            is_refused=isinstance(failure.value, NotAsked),
        )

    def _read(self, response: Response, capture: Capture, number: int) -> Article:
        if refusal := response.meta.get("refusal"):
            raise ExtractionError(f"refused: {refusal}")
        if response.status != 200:
            what = f"page {number} is missing: " if number > 1 else ""
            raise ExtractionError(f"{what}HTTP {response.status}")
        if number == 1 and not self.portal.is_article_url(response.url):
            raise ExtractionError(f"led to {response.url}, which is no article address")
        return read_capture(capture, self.portal)

    def _listing_request(self, listing: Listing, asked: PageRequest) -> Request:
        return Request(
            asked.url,
            callback=self.parse_listing,
            errback=self.fetch_failed,
            method=asked.method,
            headers=dict(asked.headers),
            body=asked.body,
            cb_kwargs={"listing": listing, "asked": asked},
            meta={"kind": "listing"},
            priority=10,  # listings first: the ledger is complete before the slow part begins
            dont_filter=True,
        )

    def _article_request(self, listed: Listed) -> Request:
        self._asked.add(url_key(listed.url))
        return Request(
            listed.url,
            callback=self.parse_article,
            errback=self.fetch_failed,
            cb_kwargs={"listed": listed},
            meta={"kind": "article", "is_conditional": True},
        )

    @property
    def portal_name(self) -> str:
        """Name under which this crawl's captures are kept."""
        return self.portal.name

    @property
    def archive(self) -> Archive:
        """The archive this crawl writes to."""
        return session_of(self.crawler).archive

    @property
    def report(self) -> CrawlReport:
        """The counts of this crawl."""
        return session_of(self.crawler).report


def _visit(response: Response, *, page: int) -> tuple[Capture, ...]:
    """The hops and the page of one request; hops are pages of nothing."""
    *hops, last = response.meta["captures"]
    return (*(replace(hop, page=None) for hop in hops), replace(last, page=page))


def _listing_failure(page: ListingPage, asked: PageRequest, *, is_repeat: bool) -> str | None:
    """What a person should know about a page that was read."""
    if page.is_shell:
        return None
    is_announced = asked.is_first or (page.pages is not None and asked.page < page.pages)
    if not page.links and is_announced:
        what = (
            "no article links" if asked.is_first else f"no article links on page {asked.page + 1}"
        )
        return f"{what}; has the listing been redesigned?"
    if is_repeat and is_announced and not asked.is_first:
        return f"page {asked.page + 1} shows what an earlier page showed; is the paging another?"
    return None


def _check_listing(response: Response) -> None:
    """Raise ``ValueError`` for an answer that is no page of the listing."""
    if refusal := response.meta.get("refusal"):
        raise ValueError(f"refused: {refusal}")
    if response.status != 200:
        raise ValueError(f"HTTP {response.status}")
    asked = response.meta.get("redirect_urls", [response.url])[0]
    if is_home(response.url) and not is_home(asked):
        raise ValueError(
            f"{asked} led to the home page {response.url}; has the listing moved? Look for its new"
            " address and correct it in the portal's file"
        )


def _is_set(name: str, argument: str | None) -> bool:
    if argument is None or argument.lower() in ("0", "no", "false", ""):
        return False
    if argument.lower() in ("1", "yes", "true"):
        return True
    raise ValueError(f"-a {name}={argument}: give 1 or 0")


def _page_limit(pages: str | None) -> int | None:
    if pages is None:
        return None
    if pages == "all":
        return MAX_LISTING_PAGES
    if not pages.isdecimal() or pages == "0":
        raise ValueError(f"-a pages={pages}: give a number of listing pages, or all")
    return int(pages)
