"""What is read from a saved page, as the JSON of a test (``tests/portal_pages.py``).

Written by ``scrapy savepage`` for a person to correct.
"""

from collections.abc import Iterator
from typing import Any

from scrapy.http import Response

from crawler.discovery import PageRequest, first_requests, read_page
from crawler.extract import extract
from crawler.portal import Portal
from storage import Article, canonical_url

# What a test asks of every article, also when the page does not say it.
_ALWAYS = ("layout", "title", "posted_at", "posted_precision", "source")
# What it asks when the page says it.
_SOMETIMES = (
    "kicker", "subtitle", "column_tag", "byline", "byline_role", "authors", "editors", "uploader",
    "source_url", "published_at", "published_precision", "published_basis", "next_page",
)  # fmt: skip
_NUMBERED_PAGES = 50  # of a listing whose pages are told by their address


def page_record(body: bytes, url: str, content_type: str | None, portal: Portal) -> dict[str, Any]:
    """The record of a listing of the portal, or of an article.

    Raises ``ExtractionError`` for an article that cannot be read, ``ValueError`` for a listing.
    """
    head = {"url": url, "content_type": content_type or "text/html"}
    for number, asked in _listing_pages(portal):
        if canonical_url(asked.url) == url and asked.method == "GET":
            return _listing_record(head, body, portal, number, asked)
    article = extract(body, url=url, content_type=content_type, portal=portal)
    return {"kind": "article"} | head | _article_record(article) | {"absent": []}


def _listing_pages(portal: Portal) -> Iterator[tuple[int, PageRequest]]:
    """The portal's listings by number, with the requests for pages whose address is known."""
    for number, listing in enumerate(portal.listings):
        for asked in list(first_requests(listing))[:1]:
            yield number, asked
        if listing.kind == "html" and "{page}" in listing.url:
            for page in range(1, _NUMBERED_PAGES):
                yield number, PageRequest(url=listing.page_url(page), page=page)


def _listing_record(
    head: dict[str, str], body: bytes, portal: Portal, number: int, asked: PageRequest
) -> dict[str, Any]:
    headers = {"Content-Type": head["content_type"]}
    response = Response(asked.url, headers=headers, body=body)
    page = read_page(response, portal.listings[number], portal, asked)
    return {
        "kind": "shell" if page.is_shell else "listing",
        **head,
        "listing": number,
        "page": asked.page,
        "links": [{"url": n.url, "title": n.title, "date": n.date} for n in page.links],
        "claimed": page.claimed,
        "pages": page.pages,
        "following": [f"{n.url} {n.body}".strip() for n in page.following],
    }


def _article_record(article: Article) -> dict[str, Any]:
    record: dict[str, Any] = {name: _plain(getattr(article, name)) for name in _ALWAYS}
    for name in _SOMETIMES:
        value = _plain(getattr(article, name))
        if value:
            record[name] = value
    if article.origin:
        date = article.origin.date
        record["origin"] = {
            "medium": article.origin.medium,
            "date": date and date.isoformat(),
            "page": article.origin.page,
        }
    if article.attachments:
        record["attachments"] = [file.url for file in article.attachments]
    record["blocks"] = [
        {"kind": block.kind, "text": block.text}
        for block in article.blocks
        if block.kind != "caption"
    ]
    return record


def _plain(value: Any) -> Any:
    """A field as JSON writes it: times as ISO 8601."""
    if isinstance(value, tuple):
        return list(value)
    return value.isoformat() if hasattr(value, "isoformat") else value
