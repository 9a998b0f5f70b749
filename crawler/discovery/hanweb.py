"""大汉 columns of a making not known beforehand: jpage records, a jpaas unit, or a plain page."""

from collections.abc import Iterable

from scrapy.http import Response

from crawler.discovery import html_page, jpaas, jpage
from crawler.discovery.anchors import page_text
from crawler.discovery.listing_page import ListingPage, PageRequest
from crawler.portal import Listing, Portal


def first(listing: Listing) -> Iterable[PageRequest]:
    """The column page."""
    return [PageRequest(url=listing.url, is_first=True)]


def read(response: Response, listing: Listing, portal: Portal, asked: PageRequest) -> ListingPage:
    """What the kind the response belongs to reads from it."""
    if "/build/unit" in asked.url:
        return jpaas.read(response, listing, portal, asked)
    text = page_text(response)
    if "dataproxy.jsp" in asked.url or "<datastore" in text:
        return jpage.read(response, listing, portal, asked)
    if "/build/unit" in text and "pageId" in text:
        return jpaas.read(response, listing, portal, asked)
    return html_page.read(response, listing, portal, asked)
