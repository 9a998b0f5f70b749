"""Listings that are HTML pages: every link to an article address of the portal."""

import re
from collections.abc import Iterable
from urllib.parse import urljoin

from parsel import Selector
from scrapy.http import Response

from crawler.discovery.anchors import article_links, page_text
from crawler.discovery.listing_page import ListingPage, PageRequest
from crawler.discovery.pager import Stated, links_to, next_link, read_pager
from crawler.portal import Listing, Portal


def first(listing: Listing) -> Iterable[PageRequest]:
    """The listing's first page."""
    return [PageRequest(url=listing.page_url(0), is_first=True)]


def read(response: Response, listing: Listing, portal: Portal, asked: PageRequest) -> ListingPage:
    """The page's articles, and the page after it unless it says that it is the last."""
    html = page_text(response)
    links = article_links(html, response.url, listing, portal)
    stated = read_pager(html)
    match listing.paging:
        case "reverse":
            following = _before(html, response.url, listing, asked)
        case "next":
            following = _linked(html, response.url)
        case _:
            following = _numbered(html, response.url, listing, asked, stated)
    return ListingPage(
        links=tuple(links),
        shown=len(links),
        claimed=stated.items,
        pages=stated.pages,
        following=tuple(
            PageRequest(
                url=url,
                page=asked.page + 1,
                before=asked.before + len(links),
                is_guess=following.is_guess,
            )
            for url in following.urls
        ),
    )


class _Following:
    """Addresses of the next page, at most one, and whether it is only a guess."""

    def __init__(self, url: str | None, *, is_guess: bool = False) -> None:
        self.urls = [url] if url else []
        self.is_guess = is_guess


def _numbered(
    html: str, url: str, listing: Listing, asked: PageRequest, stated: Stated
) -> _Following:
    """By the address pattern, else by the name in the page's script, else by its 下一页 link."""
    if "{page}" not in listing.url:
        named = urljoin(url, stated.next_name) if stated.next_name else None
        return _Following(named) if named else _linked(html, url)
    if stated.pages is not None:
        is_last = asked.page + 1 >= stated.pages
        return _Following(None if is_last else listing.page_url(asked.page + 1))
    address = listing.page_url(asked.page + 1)
    if links_to(html, url, address):
        return _Following(address)
    if _shows_pager(html, url, listing):
        return _Following(next_link(html, url))
    return _Following(address, is_guess=True)  # the pager is made by a script we do not see


def _linked(html: str, url: str) -> _Following:
    return _Following(next_link(html, url))


def _shows_pager(html: str, url: str, listing: Listing) -> bool:
    """Whether the page links to other pages of the listing: then the last links to no further."""
    pattern = re.compile(re.escape(listing.url).replace(r"\{page\}", r"\d+"))
    first_url = listing.first_url or listing.page_url(0)
    return any(
        pattern.fullmatch(address) or (address == first_url and address != url)
        for address in _addresses(html, url)
    )


def _before(html: str, url: str, listing: Listing, asked: PageRequest) -> _Following:
    """Reverse numbering: the first page links to the highest number, every other to one less.

    博达 VSB: zcjd.htm, then zcjd/23.htm, down to zcjd/1.htm, so that old pages never change.
    """
    pattern = re.compile(re.escape(listing.url).replace(r"\{page\}", r"(\d+)"))
    own = pattern.fullmatch(asked.url)
    if own:
        number = int(own.group(1)) - 1
    else:
        found = [pattern.fullmatch(address) for address in _addresses(html, url)]
        number = max((int(match.group(1)) for match in found if match), default=0)
    return _Following(listing.url.replace("{page}", str(number)) if number > 0 else None)


def _addresses(html: str, url: str) -> list[str]:
    hrefs = Selector(text=html or "<html></html>").xpath("//a/@href").getall()
    return [urljoin(url, href.strip()) for href in hrefs]
