"""Sitemaps and news sitemaps, their indexes, RSS and Atom."""

import gzip
from collections.abc import Callable

import pytest

from crawler.discovery import PageRequest, read_page
from crawler.portal import Listing
from tests.discovering import HOST, PORTAL, Body, follow, respond

MAP = f"{HOST}/sitemap.xml"
SITEMAP = Listing(MAP, kind="sitemap", pages=9)
FEED = Listing(f"{HOST}/rss.xml", kind="rss", pages=9)
XMLNS = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
NEWS = 'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"'


def urlset(*entries: str) -> str:
    inner = "".join(f"<url>{entry}</url>" for entry in entries)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<urlset {XMLNS} {NEWS}>{inner}</urlset>'


def loc(number: int, more: str = "") -> str:
    return f"<loc> {HOST}/art/{number}.html </loc>{more}"


def index(*names: str) -> str:
    inner = "".join(
        f"<sitemap><loc>{HOST}/{name}</loc><lastmod>2026-0{n}-01</lastmod></sitemap>"
        for n, name in enumerate(names, 1)
    )
    return f"<sitemapindex {XMLNS}>{inner}</sitemapindex>"


def art(*numbers: int) -> list[str]:
    return [f"{HOST}/art/{n}.html" for n in numbers]


def read(body: Body, listing: Listing) -> list[tuple[str, str | None, str | None]]:
    asked = PageRequest(url=listing.url, is_first=True)
    page = read_page(respond(body, listing.url, "text/xml"), listing, PORTAL, asked)
    return [(link.url, link.title, link.date) for link in page.links]


@pytest.mark.parametrize("pack", [str.encode, lambda text: gzip.compress(text.encode())])
def test_a_sitemap_lists_articles_compressed_or_not(pack: Callable[[str], bytes]) -> None:
    body = pack(urlset(loc(1, "<lastmod>2026-09-01</lastmod>"), loc(2), "<loc>/about</loc>"))
    assert read(body, SITEMAP) == [(art(1)[0], None, "2026-09-01"), (art(2)[0], None, None)]


def test_a_news_sitemap_tells_title_and_date() -> None:
    news = (
        "<news:news><news:publication><news:name>示例网</news:name></news:publication>"
        "<news:publication_date>2026-09-02</news:publication_date>"
        "<news:title>解读一</news:title></news:news>"
    )
    assert read(urlset(loc(1, news)), SITEMAP) == [(art(1)[0], "解读一", "2026-09-02")]


def test_an_index_leads_to_its_sitemaps_the_last_changed_first() -> None:
    pages = {
        MAP: index("a.xml", "b.xml", "c.xml.gz"),
        f"{HOST}/c.xml.gz": gzip.compress(urlset(loc(3)).encode()),
        f"{HOST}/b.xml": index("d.xml"),
        f"{HOST}/a.xml": urlset(loc(1)),
        f"{HOST}/d.xml": index("b.xml", "sitemap.xml"),  # in a circle
    }
    followed = follow(SITEMAP, pages)
    assert followed.asked == list(pages)
    assert followed.urls == art(3, 1)
    assert follow(SITEMAP, pages, limit=1).urls == art(3)


def test_sitemaps_of_other_hosts_are_not_asked() -> None:
    body = index("a.xml").replace(f"{HOST}/a.xml", "https://other.example/a.xml")
    assert len(follow(SITEMAP, {MAP: body}).asked) == 1


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("<html><body>首页</body></html>", "no sitemap .its root is 'html'.; look in.*robots.txt"),
        ("{}", "no sitemap"),
        ("", "no sitemap"),
        (gzip.compress(b"<urlset>" * 1000)[:9], "cannot be unpacked|no sitemap"),
        (b"\x1f\x8bnot gzip", "cannot be unpacked"),
    ],
)
def test_what_is_no_sitemap_is_named(body: Body, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        read(body, SITEMAP)


def test_a_cut_sitemap_gives_what_it_has() -> None:
    assert [url for url, _, _ in read(urlset(loc(1), loc(2))[:-20], SITEMAP)] == art(1, 2)


def test_entities_are_not_expanded() -> None:
    bomb = '<!DOCTYPE urlset [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
    entry = f"<url><loc>{HOST}/art/1.html</loc><lastmod>&a;</lastmod></url>"
    assert read(f"{bomb}<urlset {XMLNS}>{entry}</urlset>", SITEMAP) == [(art(1)[0], None, None)]


RSS = f"""<?xml version="1.0" encoding="utf-8"?><rss version="2.0"><channel><title>解读</title>
<item><title><![CDATA[解读<b>一</b>]]></title><link>{HOST}/art/1.html</link>
<pubDate>Tue, 31 Aug 2026 18:20:00 GMT</pubDate></item>
<item><title>二</title><guid>{HOST}/art/2.html</guid><pubDate>2026年9月1日</pubDate></item>
<item><title>三</title><link>https://other.example/art/3.html</link></item></channel></rss>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><title>解读</title>
<link rel="next" href="/rss.xml?p=2"/><entry><title>四</title><id>4</id>
<link href="/art/4.html"/><updated>2026-09-01T10:20:00+08:00</updated></entry></feed>"""


def test_rss_items_have_links_titles_and_times() -> None:
    assert read(RSS, FEED) == [
        (art(1)[0], "解读<b>一</b>", "2026-09-01"),
        (art(2)[0], "二", "2026年9月1日"),
    ]


def test_gb_feeds_are_read() -> None:
    body = RSS.replace('"utf-8"', '"gb2312"').encode("gb18030")
    assert read(body, FEED)[1][1] == "二"


def test_a_paged_atom_feed_is_followed() -> None:
    pages = {FEED.url: ATOM, f"{HOST}/rss.xml?p=2": RSS}
    followed = follow(FEED, pages, content_type="application/atom+xml")
    assert followed.asked == list(pages)
    assert followed.urls == art(4, 1, 2)


@pytest.mark.parametrize("body", ["<html><body>首页</body></html>", "{}", "", "file:///etc/passwd"])
def test_what_is_no_feed_is_named(body: str) -> None:
    with pytest.raises(ValueError, match="no RSS or Atom feed; look for"):
        read(body, FEED)
