"""RSS and Atom feeds, read by feedparser; a feed that is paged (RFC 5005) is followed."""

from collections.abc import Iterable
from email.utils import parsedate_to_datetime
from io import BytesIO
from urllib.parse import urljoin

import feedparser
from scrapy.http import Response

from crawler.discovery.anchors import article_address, tidy
from crawler.discovery.listing_page import ListingPage, PageRequest
from crawler.portal import Listing, Portal
from storage import SHANGHAI, Listed, url_key


def first(listing: Listing) -> Iterable[PageRequest]:
    """The feed."""
    return [PageRequest(url=listing.url, is_first=True)]


def read(response: Response, listing: Listing, portal: Portal, asked: PageRequest) -> ListingPage:
    """The feed's articles in its order."""
    content_type = (response.headers.get("Content-Type") or b"").decode("latin-1")
    headers = {"content-type": content_type} if content_type else {}
    # A stream, because feedparser would take a string for an address and fetch it.
    feed = feedparser.parse(BytesIO(response.body), response_headers=headers)
    if not feed.get("version") and not feed.entries:
        raise ValueError(
            f"{response.url} is no RSS or Atom feed; look for <link rel='alternate'"
            " type='application/rss+xml'> in the listing's page"
        )
    found: dict[str, Listed] = {}
    for entry in feed.entries:
        url = article_address(response.url, entry.get("link") or entry.get("id") or "", portal)
        if url:
            link = Listed(
                url=url,
                title=tidy(entry.get("title")),
                date=_date(entry.get("published") or entry.get("updated")),
                channel=listing.channel,
            )
            found.setdefault(url_key(url), link)
    older = [link.get("href") for link in feed.feed.get("links", ()) if link.get("rel") == "next"]
    return ListingPage(
        links=tuple(found.values()),
        shown=len(feed.entries),
        following=tuple(
            PageRequest(url=urljoin(response.url, href), page=asked.page + 1) for href in older[:1]
        ),
    )


def _date(text: object) -> str | None:
    """A mail date as a day in Shanghai, any other as the feed writes it.

    feedparser's own dates are not used: it reads 2026年9月1日 as the first of this month.
    """
    shown = tidy(text)
    try:
        return f"{parsedate_to_datetime(shown or '').astimezone(SHANGHAI):%Y-%m-%d}"
    except ValueError:
        return shown
