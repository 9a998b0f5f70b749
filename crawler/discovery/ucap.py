"""开普 UCAP listings: a column page names its channel, the search behind it answers in JSON.

``/common/search/<channel>``, ``/search/<channel>`` (NHC) and ``/searchList/<channel>`` (CSRC).
"""

import re
from collections.abc import Iterable
from urllib.parse import urljoin

from scrapy.http import Response

from crawler.discovery import json_feed
from crawler.discovery.anchors import page_text
from crawler.discovery.listing_page import ListingPage, PageRequest
from crawler.portal import Listing, Portal

_FIELDS = (("url", "url"), ("title", "title"), ("date", "publishedTimeStr"))
_FIELDS_MS = (("url", "url"), ("title", "title"), ("date", "publishedTime"))
_SEARCH = re.compile(r"/(?:common/search|searchList|search)/[0-9a-f]{32}")
_CHANNEL = re.compile(
    r"<meta[^>]+(?:name=[\"']channelid[\"'][^>]+content=[\"']([0-9a-f]{32})"
    r"|content=[\"']([0-9a-f]{32})[\"'][^>]+name=[\"']channelid[\"'])",
    re.IGNORECASE,
)
_PAGE_SIZE = 18  # what the sites' own scripts ask for
_QUERY = "?_isAgg=true&_isJson=true&_pageSize={size}&_template=index&page={page}"


def first(listing: Listing) -> Iterable[PageRequest]:
    """The search itself, or the column page that names it."""
    search = _SEARCH.search(listing.url)
    if search:
        return [_page(urljoin(listing.url, search.group()), listing, 0, 0)]
    return [PageRequest(url=listing.url, is_first=True)]


def read(response: Response, listing: Listing, portal: Portal, asked: PageRequest) -> ListingPage:
    """The channel's address from a column page, articles from an answer of the search."""
    search = _SEARCH.search(asked.url)
    if not search:
        return ListingPage(is_shell=True, following=(_found(response, listing),))
    data = json_feed.parse(response)
    items = json_feed.items_at(data, "data.results", response.url)
    claimed = json_feed.count_at(data, "data.total")
    shown = asked.before + len(items)
    is_last = not items or (claimed is not None and shown >= claimed)
    has_text = any(isinstance(item, dict) and item.get("publishedTimeStr") for item in items)
    links = json_feed.listed(
        items, response.url, listing, portal, _FIELDS if has_text else _FIELDS_MS
    )
    following = _page(urljoin(asked.url, search.group()), listing, asked.page + 1, shown)
    return ListingPage(
        links=tuple(links),
        shown=len(items),
        claimed=claimed,
        following=() if is_last else (following,),
    )


def _found(response: Response, listing: Listing) -> PageRequest:
    html = page_text(response)
    search, channel = _SEARCH.search(html), _CHANNEL.search(html)
    if not search and not channel:
        raise ValueError(
            f"{response.url} names no channel (a channelid, or /common/search/...); is it a UCAP"
            " column? Give the search's own address from the requests of the page"
        )
    path = search.group() if search else ""
    if channel and not search:
        path = f"/searchList/{channel.group(1) or channel.group(2)}"
    return _page(urljoin(response.url, path), listing, 0, 0)


def _page(search: str, listing: Listing, page: int, before: int) -> PageRequest:
    size = str(listing.page_size or _PAGE_SIZE)
    query = _QUERY.replace("{size}", size).replace("{page}", str(page + 1))
    return PageRequest(url=search + query, page=page, before=before, is_first=page == 0)
