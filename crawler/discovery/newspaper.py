"""Electronic newspapers (方正翔宇): an issue a day, a sheet (版) a page, the latest issue first.

The first sheet links to all others of its issue: ``node_02.html`` (since December 2024) or
``nbs.D110000renmrb_02.htm`` (before).
"""

import datetime as dt
import re
from collections.abc import Iterable, Iterator
from urllib.parse import urldefrag, urljoin

from parsel import Selector
from scrapy.http import Response

from crawler.discovery.anchors import article_links, page_text
from crawler.discovery.listing_page import ListingPage, PageRequest
from crawler.portal import Listing, Portal
from storage import SHANGHAI, clock

_SHEET = re.compile(r"/(?:node_\w+\.html?|nbs\.\w+_\d+\.html?)\Z")


def today() -> dt.date:
    """The date in China."""
    return clock.now().astimezone(SHANGHAI).date()


def first(listing: Listing) -> Iterator[PageRequest]:
    """The first sheet of every issue, back to ``since``; today's may not be out yet."""
    assert listing.since is not None
    latest = today()
    for page in range((latest - listing.since).days + 1):
        date = latest - dt.timedelta(days=page)
        yield PageRequest(url=_address(listing, date), page=page, is_first=True, is_guess=page == 0)


def read(response: Response, listing: Listing, portal: Portal, asked: PageRequest) -> ListingPage:
    """The sheet's articles, and the other sheets of its issue."""
    html = page_text(response)
    sheets = _sheets(html, response.url)
    if not sheets and not _SHEET.search(response.url):
        raise ValueError(
            f"{response.url} shows no sheets of an issue; has the newspaper moved its pages?"
        )
    links = article_links(html, response.url, listing, portal)
    return ListingPage(
        links=tuple(links),
        shown=len(links),
        following=tuple(PageRequest(url=url, page=asked.page) for url in sheets),
    )


def _address(listing: Listing, date: dt.date) -> str:
    for before, url in sorted(listing.older):
        if date < before:
            return url.format(date=date)
    return listing.url.format(date=date)


def _sheets(html: str, url: str) -> Iterable[str]:
    """Addresses of the issue's sheets, in its folder."""
    folder = url.rpartition("/")[0] + "/"
    hrefs = (
        Selector(text=html or "<html></html>", type="html")
        .xpath("//a/@href | //area/@href")
        .getall()
    )
    addresses = (urldefrag(urljoin(url, href.strip())).url for href in hrefs)
    return [
        address
        for address in dict.fromkeys(addresses)
        if address.startswith(folder) and _SHEET.search(address)
    ]
