"""The kinds of listing by name. Called by ``crawler.spider``."""

from collections.abc import Iterable

from scrapy.http import Response

from crawler.discovery import (
    gkmlpt,
    hanweb,
    html_page,
    jpaas,
    jpage,
    json_feed,
    newspaper,
    rss,
    sitemap,
    ucap,
)
from crawler.discovery.listing_page import Kind, ListingPage, PageRequest
from crawler.portal import Listing, ListingKind, Portal

KINDS: dict[ListingKind, Kind] = {
    "html": html_page,
    "json": json_feed,
    "ucap": ucap,
    "gkmlpt": gkmlpt,
    "jpage": jpage,
    "jpaas": jpaas,
    "hanweb": hanweb,
    "sitemap": sitemap,
    "rss": rss,
    "newspaper": newspaper,
}


def first_requests(listing: Listing) -> Iterable[PageRequest]:
    """The requests a crawl of ``listing`` begins with."""
    return KINDS[listing.kind].first(listing)


def read_page(
    response: Response, listing: Listing, portal: Portal, asked: PageRequest
) -> ListingPage:
    """The articles a response of ``listing`` links to, and the pages it leads to.

    Raises ``ValueError`` saying what is wrong when the response is not of the listing's kind.
    """
    return KINDS[listing.kind].read(response, listing, portal, asked)
