"""大汉 jpage listings: XML records of CDATA, inline in the column page and from dataproxy.jsp.

The column page holds the first group of records and, in ``nextgroup``, the address of the next;
every answer of that address holds the one after. Where that address is known not to work
(encrypted parameters), a portal names the dataproxy with ``{start}`` and ``{end}`` itself.
"""

import re
from collections.abc import Iterable
from html import unescape
from urllib.parse import urljoin

from scrapy.http import Response

from crawler.discovery.anchors import article_links, page_text
from crawler.discovery.listing_page import ListingPage, PageRequest
from crawler.portal import Listing, Portal

_STORE = re.compile(r"<datastore\b.*?</datastore>", re.DOTALL | re.IGNORECASE)
_RECORD = re.compile(r"<record>\s*(.*?)\s*</record>", re.DOTALL | re.IGNORECASE)
_TOTAL = re.compile(r"<totalrecord>\s*(\d+)", re.IGNORECASE)
_NEXT = re.compile(r"<nextgroup>(.*?)</nextgroup>", re.DOTALL | re.IGNORECASE)
_HREF = re.compile(r"href\s*=\s*[\"']([^\"']+)", re.IGNORECASE)
_CDATA = re.compile(r"<!\[CDATA\[(.*?)\]\]>", re.DOTALL)
_PROXY = "/module/web/jpage/dataproxy.jsp"


def first(listing: Listing) -> Iterable[PageRequest]:
    """The column page, or the first records of the dataproxy."""
    return [PageRequest(url=_fill(listing, 0), is_first=True)]


def read(response: Response, listing: Listing, portal: Portal, asked: PageRequest) -> ListingPage:
    """The records' articles; the next group while fewer records were shown than there are."""
    store = _STORE.search(page_text(response))
    if not store:
        raise ValueError(
            f"{response.url} holds no <datastore>; is it a jpage column? The address should be"
            " /col/colN/index.html or dataproxy.jsp"
        )
    records = [_inner(record) for record in _RECORD.findall(store.group())]
    total = _TOTAL.search(store.group())
    claimed = int(total.group(1)) if total else None
    shown = asked.before + len(records)
    is_last = not records or (claimed is not None and shown >= claimed)
    address = None if is_last else _next(store.group(), response.url, listing, asked)
    links = article_links("\n".join(records), response.url, listing, portal) if records else []
    return ListingPage(
        links=tuple(links),
        shown=len(records),
        claimed=claimed,
        following=(PageRequest(url=address, page=asked.page + 1, before=shown),) if address else (),
    )


def _fill(listing: Listing, page: int) -> str:
    size = listing.page_size or 0
    start, end = str(page * size + 1), str((page + 1) * size)
    return listing.url.replace("{start}", start).replace("{end}", end)


def _next(store: str, url: str, listing: Listing, asked: PageRequest) -> str | None:
    if "{start}" in listing.url:
        return _fill(listing, asked.page + 1)
    group = _NEXT.search(store)
    href = _HREF.search(_inner(group.group(1))) if group else None
    if not href:
        return None
    # In the column page the address is relative to the proxy that will answer it.
    base = url if "dataproxy.jsp" in url else urljoin(url, _PROXY)
    return urljoin(base, unescape(href.group(1)))


def _inner(text: str) -> str:
    """The markup of a record: inside CDATA, or escaped."""
    parts = _CDATA.findall(text)
    return "".join(parts) if parts else unescape(text)
