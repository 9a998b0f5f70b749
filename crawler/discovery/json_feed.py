"""Listings that are JSON: the data feed behind a page that a script fills."""

import json
from typing import Any
from urllib.parse import urljoin

from scrapy.http import Response

from crawler.extract.decode import decode_body
from crawler.portal import Listing, Portal
from storage import Listed, canonical_url


def links(response: Response, listing: Listing, portal: Portal) -> list[Listed]:
    """Article links in the feed's order, each once.

    ``listing.items`` is the dotted path to the array. Raises ``ValueError`` naming what the feed
    has instead.
    """
    try:
        data: Any = json.loads(decode_body(response.body, None, response.url).text)
    except ValueError as error:
        raise ValueError(f"{response.url} is not JSON: {error}") from None
    for key in filter(None, listing.items.split(".")):
        if not isinstance(data, dict) or key not in data:
            raise ValueError(f"{response.url} has no {listing.items!r}; has the feed changed?")
        data = data[key]
    if not isinstance(data, list):
        raise ValueError(f"{response.url}: {listing.items!r} is not a list; has the feed changed?")
    names = dict(listing.fields)
    found: dict[str, Listed] = {}
    for item in data:
        if not isinstance(item, dict):
            continue
        try:
            url = canonical_url(urljoin(response.url, str(item.get(names["url"]) or "")))
        except ValueError:
            continue
        if portal.is_article_url(url):
            found.setdefault(
                url,
                Listed(
                    url=url,
                    title=_text(item.get(names.get("title", ""))),
                    date=_text(item.get(names.get("date", ""))),
                    channel=listing.channel,
                ),
            )
    return list(found.values())


def _text(value: object) -> str | None:
    return " ".join(str(value).split()) or None if value is not None else None
