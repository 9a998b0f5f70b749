"""大汉 jpaas listings: a column page names its units, ``build/unit`` answers HTML inside JSON.

The list is a ``<script parseType="bulidstatic" url="…/build/unit" querydata="{'webId':…}">`` (sic).
The portal asks for it with that query, from page 2 on with ``paramJson``, and the column page as
Referer; without it the portal answers 403.
"""

import json
import re
from collections.abc import Iterable
from math import ceil
from typing import Any
from urllib.parse import urlencode, urljoin

from parsel import Selector
from scrapy.http import Response

from crawler.discovery import json_feed
from crawler.discovery.anchors import article_links, page_text
from crawler.discovery.listing_page import ListingPage, PageRequest
from crawler.discovery.pager import read_pager
from crawler.portal import Listing, Portal

_UNIT = "/front/page/build/unit"
_LIST_NAME = re.compile(
    r"列表|分页|内容|list", re.IGNORECASE
)  # tagId of lists seen; not 导航, 页头


def first(listing: Listing) -> Iterable[PageRequest]:
    """The column page."""
    return [PageRequest(url=listing.url, is_first=True)]


def read(response: Response, listing: Listing, portal: Portal, asked: PageRequest) -> ListingPage:
    """The unit's address from the column page, articles from its answers."""
    if _UNIT not in asked.url:
        return ListingPage(is_shell=True, following=(_find_unit(response, listing),))
    data = json_feed.parse(response)
    inner = data.get("data") if isinstance(data, dict) else None
    html = inner.get("html") if isinstance(inner, dict) else None
    if not isinstance(html, str):
        raise ValueError(
            f"{response.url} answers without data.html; does it refuse the request, or has the"
            " unit changed? Compare the query with the column page's own"
        )
    links = article_links(html, response.url, listing, portal) if html.strip() else []
    stated = read_pager(html)
    shown = _count_items(html)
    size = _asked_size(asked) or listing.page_size or stated.page_size or shown
    pages = stated.pages
    if stated.items is not None and size:
        pages = ceil(stated.items / size)
    is_last = not shown or (pages is not None and asked.page + 1 >= pages)
    following = () if is_last else (_page(asked, size, asked.before + shown),)
    return ListingPage(
        links=tuple(links),
        shown=shown,
        claimed=stated.items,
        pages=pages,
        following=following,
    )


def _count_items(html: str) -> int:
    """How many pages the unit links to, also on other hosts."""
    hrefs = Selector(text=html or "<html></html>").xpath("//a/@href").getall()
    return len({href for href in hrefs if re.search(r"\.s?html?(?:[?#]|\Z)", href)})


def _asked_size(asked: PageRequest) -> int | None:
    """The page size of this walk: with another on each page, items would be left out."""
    size = re.search(r"pageSize%22%3A(\d+)", asked.url)
    return int(size.group(1)) if size else None


def _find_unit(response: Response, listing: Listing) -> PageRequest:
    page = Selector(text=page_text(response) or "<html></html>")
    units = []
    for element in page.xpath("//*[@querydata][contains(@url, 'build/unit')]"):
        query = _query(element.attrib["querydata"])
        if query.get("pageId"):
            units.append((urljoin(response.url, element.attrib["url"]), query))
    names = [str(query.get("tagId") or "") for _, query in units]
    if listing.unit:
        units = [unit for unit, name in zip(units, names, strict=True) if name == listing.unit]
    elif len(units) > 1:
        units = [unit for unit, name in zip(units, names, strict=True) if _LIST_NAME.search(name)]
    if len(units) != 1:
        raise ValueError(
            f"{response.url} has the units {', '.join(names) or 'none'}; name the one that holds"
            " the list as `unit` of the listing, or correct the address when there is none"
        )
    address, query = units[0]
    return PageRequest(
        url=f"{address}?{urlencode(query)}",
        headers=(("Referer", response.url), ("X-Requested-With", "XMLHttpRequest")),
        is_first=True,
    )


def _query(attribute: str) -> dict[str, Any]:
    """The query of a unit: JSON, or a script's object in single quotes."""
    for text in (attribute, attribute.replace("'", '"')):
        try:
            query = json.loads(text)
        except ValueError:
            continue
        if isinstance(query, dict):
            return {str(name): value for name, value in query.items() if name != "paramJson"}
    return {}


def _page(asked: PageRequest, size: int, before: int) -> PageRequest:
    number = {"pageNo": asked.page + 2, "pageSize": size}
    base = re.sub(r"&paramJson=[^&]*", "", asked.url)
    parameter = urlencode({"paramJson": json.dumps(number, separators=(",", ":"))})
    return PageRequest(
        url=f"{base}&{parameter}",
        page=asked.page + 1,
        before=before,
        headers=asked.headers,
    )
