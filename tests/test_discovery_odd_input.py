"""Listings no portal means to send: large, broken, or made to keep a reader busy."""

import time
from collections.abc import Callable

import pytest

from crawler.discovery import ListingPage, PageRequest, read_page
from crawler.extract import ExtractionError
from crawler.portal import Listing, ListingKind
from tests.discovering import HOST, PORTAL, article, item, page, respond

URL = f"{HOST}/jd/"
KINDS: dict[ListingKind, Listing] = {
    "html": Listing(URL),
    "json": Listing(URL, kind="json"),
    "ucap": Listing(URL, kind="ucap"),
    "gkmlpt": Listing(f"{URL}gkmlpt/index#5", kind="gkmlpt"),
    "jpage": Listing(URL, kind="jpage"),
    "jpaas": Listing(URL, kind="jpaas"),
    "hanweb": Listing(URL, kind="hanweb"),
    "sitemap": Listing(URL, kind="sitemap"),
    "rss": Listing(URL, kind="rss"),
}
MUCH = 100_000
BUSY: dict[str, Callable[[], str]] = {
    "open links in a script": lambda: "<script>" + "<a " * MUCH + "</script>",
    "open calls": lambda: "createPageHTML( " * MUCH,
    "open tags": lambda: "<p " * MUCH + "<" * MUCH,
    "open records": lambda: "<datastore><record><![CDATA[" * MUCH,
    "open groups": lambda: "<datastore>" + "<nextgroup>" * MUCH + "</datastore>",
    "open settings": lambda: "pagination_script_config = { " * MUCH,
    "open metas": lambda: "<meta name='channelid' " * MUCH,
    "pages of pages": lambda: "共 <b>" * MUCH,
    "spaces": lambda: "a()" + " " * 10 * MUCH + "x",
    "quotes": lambda: "<script>" + "'/" * MUCH + "</script>",
    "escapes": lambda: "<script><a href" + "\\" * MUCH + "</script>",
    "brackets": lambda: "[" * MUCH,
    "the same link": lambda: "<ul>" + item(1) * 5000 + "</ul>",
}


def _read(body: str | bytes, listing: Listing) -> ListingPage | str:
    """The page read, or what is said to be wrong with it."""
    try:
        return read_page(respond(body, URL), listing, PORTAL, PageRequest(url=URL))
    except (ValueError, ExtractionError) as error:
        return str(error)


@pytest.mark.parametrize("name", BUSY)
@pytest.mark.parametrize("kind", KINDS)
def test_no_listing_keeps_the_reader_busy(kind: ListingKind, name: str) -> None:
    body = BUSY[name]()
    start = time.process_time()
    _read(body, KINDS[kind])
    assert time.process_time() - start < 8


@pytest.mark.parametrize(
    "body",
    [b"", b"\0", b"\xff\xfe", "<", "{", "[]", "null", "0", '{"data":1}', "<a href>", "<a href=//>"],
    ids=repr,
)
@pytest.mark.parametrize("kind", KINDS)
def test_whatever_comes_is_read_or_named(kind: ListingKind, body: str | bytes) -> None:
    found = _read(body, KINDS[kind])
    if isinstance(found, str):
        assert len(found) > 10
    else:
        assert found.links == ()


def test_a_large_listing_is_read_whole() -> None:
    found = _read(page(*range(8000)), KINDS["html"])
    assert isinstance(found, ListingPage)
    assert [found.links[0].url, found.links[-1].url] == [article(0), article(7999)]
    assert len(found.links) == 8000


@pytest.mark.parametrize("name", ["gb2312", "gbk", "gb18030", "utf-8"])
def test_listings_are_decoded_as_articles_are(name: str) -> None:
    html = f'<html><head><meta charset="{name}"></head><ul>{item(1)}</ul>镕</html>'
    encoding = "gb18030" if name.startswith("gb") else name
    found = _read(html.encode(encoding), KINDS["html"])
    assert isinstance(found, ListingPage)
    assert [link.title for link in found.links] == ["解读1"]
