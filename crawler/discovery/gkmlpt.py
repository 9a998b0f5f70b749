"""Guangdong's information-disclosure platform (政府信息公开目录, gkmlpt): an index page and an API.

The index names the site's number (SID), the fragment of its address the category, as a browser
shows it: ``/gkmlpt/index#5``. The API answers 100 articles a page, counted from 1.
"""

import re
from collections.abc import Iterable
from urllib.parse import urldefrag

from scrapy.http import Response

from crawler.discovery import json_feed
from crawler.discovery.anchors import page_text
from crawler.discovery.listing_page import ListingPage, PageRequest
from crawler.portal import Listing, Portal

_SID = re.compile(r"\bSID[\"']?\s*[:=]\s*[\"']?(\d+)")
_DATES = ("display_publish_time", "first_publish_time", "date", "created_at")


def first(listing: Listing) -> Iterable[PageRequest]:
    """The index page."""
    return [PageRequest(url=urldefrag(listing.url).url, is_first=True)]


def read(response: Response, listing: Listing, portal: Portal, asked: PageRequest) -> ListingPage:
    """The API's address from the index, articles from the API's answers."""
    if "/gkmlpt/api/" not in asked.url:
        sid = _SID.search(page_text(response))
        if not sid:
            raise ValueError(
                f"{response.url} names no SID; is it a gkmlpt index? Its script should hold"
                " window._CONFIG with the site's number"
            )
        root, category = response.url.partition("/gkmlpt/")[0], urldefrag(listing.url).fragment
        api = f"{root}/gkmlpt/api/all/{category}?page=1&sid={sid.group(1)}"
        return ListingPage(is_shell=True, following=(PageRequest(url=api, is_first=True),))
    data = json_feed.parse(response)
    items = json_feed.items_at(data, "articles", response.url)
    claimed = json_feed.count_at(data, "total")
    shown = asked.before + len(items)
    date = next((k for k in _DATES if any(isinstance(i, dict) and i.get(k) for i in items)), "date")
    fields = (("url", "url"), ("title", "title"), ("date", date))
    following = PageRequest(
        url=re.sub(r"([?&]page=)\d+", rf"\g<1>{asked.page + 2}", asked.url),
        page=asked.page + 1,
        before=shown,
    )
    is_last = not items or (claimed is not None and shown >= claimed)
    return ListingPage(
        links=tuple(json_feed.listed(items, response.url, listing, portal, fields)),
        shown=len(items),
        claimed=claimed,
        following=() if is_last else (following,),
    )
