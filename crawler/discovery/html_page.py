"""Listings that are HTML pages: every link to an article address of the portal."""

import re
from urllib.parse import urljoin

from parsel import Selector
from scrapy.http import Response

from crawler.extract.decode import decode_body
from crawler.portal import Listing, Portal
from storage import Listed, canonical_url, url_key

_DATE = re.compile(r"20\d{2}\s*[-./年]\s*\d{1,2}\s*[-./月]\s*\d{1,2}")
# The smallest element around a link that holds one item of the listing.
_ITEM = "ancestor::*[self::li or self::tr or self::dl or self::dd or self::p or self::div][1]"


def links(response: Response, listing: Listing, portal: Portal) -> list[Listed]:
    """Article links in page order, each once, with the title and date shown beside them."""
    content_type = (response.headers.get("Content-Type") or b"").decode("latin-1")
    page = Selector(text=decode_body(response.body, content_type or None, response.url).text)
    base = urljoin(response.url, page.css("base::attr(href)").get() or "")
    found: dict[str, Listed] = {}
    anchors = "descendant-or-self::a[@href]"
    for scope in page.css(listing.links) if listing.links else [page]:
        for anchor in scope.xpath(anchors):
            url = _article_address(base, anchor.attrib["href"], portal)
            if url is None:
                continue
            title = _text(anchor.attrib.get("title", "")) or _text(anchor.xpath("string()").get())
            known = found.get(url_key(url))
            if known and (known.title or not title):
                continue
            around = anchor.xpath(_ITEM).xpath("string()").get() or ""
            date = _DATE.search(around.replace(title or "", ""))
            found[url_key(url)] = Listed(
                url=url, title=title, date=date and date.group(), channel=listing.channel
            )
    return list(found.values())


def _article_address(base: str, href: str, portal: Portal) -> str | None:
    try:
        url = canonical_url(urljoin(base, href.strip()))
    except ValueError:  # javascript:, mailto:, and broken addresses
        return None
    return url if portal.is_article_url(url) else None


def _text(text: str | None) -> str | None:
    return " ".join((text or "").split()) or None
