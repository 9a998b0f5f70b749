"""Listings that are JSON: the data feed behind a page that a script fills, by GET or POST.

``ucap`` and ``gkmlpt`` read their answers with the functions here.
"""

import datetime as dt
import json
import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode, urljoin

from scrapy.http import Response
from w3lib.html import remove_tags, replace_entities

from crawler.discovery.anchors import tidy
from crawler.discovery.listing_page import ListingPage, PageRequest
from crawler.extract.decode import decode_body
from crawler.portal import Listing, Portal
from storage import SHANGHAI, Listed, canonical_url

Fields = tuple[tuple[str, str], ...]
_JSONP = re.compile(r"\A\s*[\w.$]+\s*\((.*)\)\s*;?\s*\Z", re.DOTALL)
_FORM = (("Content-Type", "application/x-www-form-urlencoded; charset=UTF-8"),)
_MILLISECONDS = 100_000_000_000  # as seconds, this is the year 5138


def first(listing: Listing) -> Iterable[PageRequest]:
    """The feed's first page."""
    return [_page(listing, 0, 0, is_first=True)]


def read(response: Response, listing: Listing, portal: Portal, asked: PageRequest) -> ListingPage:
    """The feed's articles in its order; the next page unless this one is known to be the last.

    A feed that states no total ends with a page that is not full, or is empty.
    """
    data = parse(response)
    items = items_at(data, listing.items, response.url)
    claimed = count_at(data, listing.total)
    shown = asked.before + len(items)
    is_last = (
        not items
        or (claimed is not None and shown >= claimed)
        or (claimed is None and listing.page_size is not None and len(items) < listing.page_size)
    )
    following = _page(listing, asked.page + 1, shown, is_guess=claimed is None)
    is_single = (following.url, following.body) == (asked.url, asked.body)
    return ListingPage(
        links=tuple(listed(items, response.url, listing, portal, listing.fields)),
        shown=len(items),
        claimed=claimed,
        following=() if is_last or is_single else (following,),
    )


def parse(response: Response) -> Any:
    """The response's JSON, also inside a callback; ``ValueError`` when it is none."""
    text = decode_body(response.body, None, response.url).text.lstrip("\ufeff")
    wrapped = _JSONP.match(text)
    try:
        return json.loads(wrapped.group(1) if wrapped else text)
    except (ValueError, RecursionError) as error:
        raise ValueError(
            f"{response.url} is not JSON: {error}; has the feed moved? Look for its address in the"
            " requests of the listing's page"
        ) from None


def items_at(data: Any, path: str, url: str) -> list[Any]:
    """The array at a dotted path; ``ValueError`` names what the feed has instead."""
    for key in filter(None, path.split(".")):
        if not isinstance(data, dict) or key not in data:
            keys = ", ".join(map(str, data)) if isinstance(data, dict) else type(data).__name__
            raise ValueError(f"{url} has no {path!r} but {keys[:200]}; has the feed changed?")
        data = data[key]
    if data is None:  # UCAP and CAC say so behind the last page
        return []
    if not isinstance(data, list):
        raise ValueError(f"{url}: {path!r} is not a list; has the feed changed?")
    return data


def count_at(data: Any, path: str | None) -> int | None:
    """The number at a dotted path; ``None`` without a path or a number."""
    for key in path.split(".") if path else ():
        data = data.get(key) if isinstance(data, dict) else None
    if path is None or isinstance(data, bool) or not re.fullmatch(r"\d{1,9}", str(data)):
        return None
    return int(data)


def listed(
    items: list[Any], url: str, listing: Listing, portal: Portal, fields: Fields
) -> list[Listed]:
    """The portal's articles among a feed's items, each once."""
    names = dict(fields)
    found: dict[str, Listed] = {}
    for item in items:
        if not isinstance(item, dict):
            continue
        href = replace_entities(str(item.get(names["url"]) or "")).strip()
        try:
            address = canonical_url(urljoin(url, href))
        except ValueError:
            continue
        if href and portal.is_article_url(address):
            title = item.get(names.get("title", ""))
            found.setdefault(
                address,
                Listed(
                    url=address,
                    title=tidy(replace_entities(remove_tags(str(title)))) if title else None,
                    date=_date(item.get(names.get("date", ""))),
                    channel=listing.channel,
                ),
            )
    return list(found.values())


def _date(value: object) -> str | None:
    """A date as the feed writes it; seconds or milliseconds since 1970 as a day in Shanghai."""
    text = tidy(value) or ""
    if not re.fullmatch(r"\d{9,13}", text):
        return text or None
    seconds = int(text) / 1000 if int(text) > _MILLISECONDS else int(text)
    return f"{dt.datetime.fromtimestamp(seconds, SHANGHAI):%Y-%m-%d}"


def _page(
    listing: Listing, page: int, before: int, *, is_first: bool = False, is_guess: bool = False
) -> PageRequest:
    offset = page * (listing.page_size or 0)

    def fill(template: str) -> str:
        number = str(listing.first_page + page)
        return template.replace("{page}", number).replace("{offset}", str(offset))

    return PageRequest(
        url=fill(listing.url),
        page=page,
        before=before,
        method="POST" if listing.form else "GET",
        headers=_FORM if listing.form else (),
        body=urlencode([(name, fill(value)) for name, value in listing.form]),
        is_first=is_first,
        is_guess=is_guess,
    )
