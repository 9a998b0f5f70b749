"""Follow a listing over pages in memory, as the spider does over the network."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from scrapy.http import Response

from crawler.discovery import PageRequest, Walk, first_requests, read_page
from crawler.portal import Listing, Portal

Body = str | bytes
HOST = "https://www.example.gov.cn"
PORTAL = Portal(
    name="example",
    title="示例",
    hosts=("www.example.gov.cn",),
    article_url=r"/t\d{8}_\d+\.html$|/art/|/content_\d+",
)


@dataclass(slots=True)
class Followed:
    """What was asked for, in order, and what was found."""

    asked: list[str] = field(default_factory=list)
    requests: list[PageRequest] = field(default_factory=list)
    urls: list[str] = field(default_factory=list)
    claimed: int | None = None
    missing: list[str] = field(default_factory=list)


def follow(
    listing: Listing,
    pages: Mapping[str, Body],
    *,
    limit: int = 100,
    portal: Portal = PORTAL,
    content_type: str = "text/html; charset=utf-8",
) -> Followed:
    """Walk ``listing`` over ``pages`` (address, and body after a space for POST, to body)."""
    followed, walk = Followed(), Walk(limit)
    waiting = walk.take(first_requests(listing))
    while waiting:
        asked = waiting.pop(0)
        address = f"{asked.url} {asked.body}".strip()
        followed.asked.append(address)
        followed.requests.append(asked)
        if address not in pages:
            assert asked.is_guess, f"{address} was announced and is not there"
            followed.missing.append(address)
            continue
        response = respond(pages[address], asked.url, content_type)
        page = read_page(response, listing, portal, asked)
        followed.urls += [link.url for link in page.links if link.url not in followed.urls]
        followed.claimed = page.claimed if page.claimed is not None else followed.claimed
        if not walk.is_repeat(page) and (page.links or page.is_shell):
            waiting += walk.take(page.following)
    return followed


def respond(body: Body, url: str = HOST, content_type: str = "text/html") -> Response:
    """A response as the downloader gives it."""
    raw = body if isinstance(body, bytes) else body.encode()
    return Response(url, body=raw, headers={"Content-Type": content_type})


def item(number: int, *, date: str | None = "2026-09-01", folder: str = ".") -> str:
    """One line of a listing."""
    shown = f"<span>{date}</span>" if date else ""
    return f'<li><a href="{folder}/202609/t20260901_{number}.html">解读{number}</a>{shown}</li>'


def article(number: int, folder: str = "/jd") -> str:
    """The address ``item(number)`` leads to from a page in ``folder``."""
    return f"{HOST}{folder}/202609/t20260901_{number}.html"


def page(*numbers: int, after: str = "") -> str:
    """A listing page."""
    items = "".join(item(number) for number in numbers)
    return f"<html><body><ul class='list'>{items}</ul>{after}</body></html>"
