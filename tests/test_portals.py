"""Every shipped portal on pages of our own writing in its structure: see ``portal_pages``.

A portal without a listing, a second page where it has several, or an article for each layout fails
here. The real pages the rules were built from are read by ``test_shared_pages``.
"""

import datetime as dt
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from crawler.discovery import ListingPage, PageRequest, first_requests, newspaper, read_page
from crawler.extract import extract
from crawler.family import FamilySpider
from crawler.portal import Portal
from storage import SHANGHAI, canonical_url
from tests.discovering import respond
from tests.portal_pages import PortalPage, portal_pages, shipped_portals, shipped_spiders

PORTALS = shipped_portals()
PAGES = tuple(portal_pages())
ARTICLES = [page for page in PAGES if page.kind == "article"]
LISTINGS = [page for page in PAGES if page.kind != "article"]
# The day of the newspapers' pages.
TODAY = dt.date(2024, 12, 2)


def squash(text: str | None) -> str | None:
    return "".join(text.split()) if text else text


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(newspaper, "today", lambda: TODAY)


@pytest.mark.parametrize("name", PORTALS)
def test_a_portal_has_its_pages(name: str) -> None:
    portal, pages = PORTALS[name], [page for page in PAGES if page.portal == name]
    layouts = {page.record["layout"] for page in pages if page.kind == "article"}
    missing = [f"an article of layout {x.name}" for x in portal.layouts if x.name not in layouts]
    for number, listing in enumerate(portal.listings):
        shown = [page for page in pages if page.record.get("listing") == number]
        numbers = {page.record["page"] for page in shown if page.kind == "listing"}
        if 0 not in numbers:
            missing.append(f"the listing {listing.url}")
    paged = [listing for listing in portal.listings if listing.pages > 1]
    if paged and not any(page.record.get("page") == 1 for page in pages):
        missing.append(f"page 2 of {paged[0].url}")
    assert missing == [], f"write tests/pages/{name}/: `scrapy savepage` begins them"


@pytest.mark.parametrize("page", ARTICLES, ids=[page.name for page in ARTICLES])
def test_a_page_names_words_that_are_no_part_of_its_article(page: PortalPage) -> None:
    assert page.record["absent"] != [], "`scrapy savepage` cannot know them: read the page"


@pytest.mark.parametrize("name", PORTALS)
def test_the_pages_of_a_portal_are_a_whole_site(name: str) -> None:
    pages = [page for page in PAGES if page.portal == name]
    listed = {
        _address(link["url"])
        for page in pages
        if page.kind != "article"
        for link in page.record.get("links", ())
    }
    articles = {_address(page.url) for page in pages if page.kind == "article"}
    assert listed - articles == set(), "listed, but no page is saved: shorten the listing"
    assert articles - listed == set(), "saved, but no listing shows it"
    if any(listing.kind == "newspaper" for listing in PORTALS[name].listings):
        return  # its issues go back further than its pages
    followed = {asked for page in pages for asked in page.record.get("following", ())}
    assert followed - {page.key for page in pages} == set(), "the pager leads to pages not saved"


def _address(url: str) -> str:
    """An address less its scheme, which a portal and its listing may write differently."""
    return canonical_url(url).partition("://")[2]


def test_pages_belong_to_portals() -> None:
    assert {page.portal for page in PAGES} == set(PORTALS)
    assert len({page.key for page in PAGES}) == len(PAGES)


@pytest.mark.parametrize("page", ARTICLES, ids=[page.name for page in ARTICLES])
def test_an_article_is_read_as_a_person_reads_it(page: PortalPage) -> None:
    portal, wanted = PORTALS[page.portal], page.record
    assert portal.is_article_url(page.url)
    article = extract(page.body, url=page.url, content_type=wanted["content_type"], portal=portal)
    assert article.layout == wanted["layout"]
    differences = {
        name: (getattr(article, name), value)
        for name, value in wanted.items()
        if name not in ("kind", "url", "content_type", "blocks", "absent", "attachments", "origin")
        and _plain(getattr(article, name)) != value
    }
    assert differences == {}
    text = [squash(block.text) for block in article.blocks if block.kind != "caption"]
    assert text == [squash(block["text"]) for block in wanted["blocks"]]
    read = squash(article.text) or ""
    assert [words for words in wanted["absent"] if (squash(words) or "") in read] == []
    if "attachments" in wanted:
        assert [file.url for file in article.attachments] == wanted["attachments"]
    if "origin" in wanted:
        origin = article.origin
        assert origin is not None
        found = {"medium": origin.medium, "date": str(origin.date), "page": origin.page}
        assert found == wanted["origin"]


def _plain(value: Any) -> Any:
    """A field as JSON writes it."""
    if isinstance(value, dt.datetime):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value


def _read(page: PortalPage, portal: Portal) -> ListingPage:
    record = page.record
    listing = portal.listings[record["listing"]]
    asked = PageRequest(
        url=page.url,
        page=record["page"],
        before=_items_before(page),
        body=record.get("body", ""),
        is_first=not record["page"],
    )
    return read_page(respond(page.body, page.url, record["content_type"]), listing, portal, asked)


def _items_before(page: PortalPage) -> int:
    """Items on the earlier pages of the same listing."""
    return sum(
        len(other.record.get("links", ()))
        for other in LISTINGS
        if other.portal == page.portal
        and other.record["listing"] == page.record["listing"]
        and other.record["page"] < page.record["page"]
    )


@pytest.mark.parametrize("page", LISTINGS, ids=[page.name for page in LISTINGS])
def test_a_listing_is_read_as_a_person_reads_it(page: PortalPage) -> None:
    record = page.record
    found = _read(page, PORTALS[page.portal])
    shown = [
        {name: getattr(link, name) for name in wanted}
        for link, wanted in zip(found.links, record.get("links", ()), strict=True)
    ]
    wanted = [link | {"url": canonical_url(link["url"])} for link in record.get("links", ())]
    assert shown == wanted
    assert found.is_shell == (page.kind == "shell")
    assert (found.claimed, found.pages) == (record["claimed"], record["pages"])
    following = [f"{asked.url} {asked.body}".strip() for asked in found.following]
    assert following == record["following"]


@pytest.mark.parametrize("name", PORTALS)
def test_a_crawl_begins_with_the_first_page_of_every_listing(name: str) -> None:
    begins = {
        f"{asked.url} {asked.body}".strip()
        for listing in PORTALS[name].listings
        for asked in list(first_requests(listing))[:1]
    }
    assert begins <= {page.key for page in LISTINGS if page.portal == name}


@pytest.mark.parametrize("name", [name for name, portal in PORTALS.items() if portal.off])
def test_a_portal_that_is_off_says_why(name: str) -> None:
    spider = shipped_spiders()[name]
    with pytest.raises(Exception, match=f"{name} is off: .*-a force=1"):
        spider()


@pytest.mark.parametrize("name", PORTALS)
def test_re_reading_finds_the_rules_by_name(name: str) -> None:
    portal, spider = PORTALS[name], shipped_spiders()[name]
    again = spider.portal_for(portal.name)
    assert again.layouts == portal.layouts
    assert again.article_url == portal.article_url
    assert issubclass(spider, FamilySpider) == (":" in portal.name)


ROOT = Path(__file__).parents[1]
FRAGMENTS = ROOT.resolve().parent / "shared" / "pages" / "lists_and_fragments"
real = pytest.mark.skipif(
    not FRAGMENTS.is_dir(), reason="the saved listings are not in shared/pages beside the checkout"
)


def _real_listing(name: str, portal: str, number: int, url: str) -> ListingPage:
    body = (FRAGMENTS / f"{name}.html").read_bytes()
    rules = PORTALS[portal]
    asked = PageRequest(url=url, is_first=True)
    return read_page(respond(body, url), rules.listings[number], rules, asked)


@real
def test_a_real_listing_of_cac_is_read() -> None:
    page = _real_listing("cac_list", "cac", 1, "https://www.cac.gov.cn/wxzw/A09370303index_1.htm")
    assert [(link.url.rpartition("/")[2], link.date) for link in page.links] == [
        ("c_1786638889704872.htm", "2026-07-24"),
        ("c_1779276538655621.htm", "2026-04-30"),
    ]
    assert page.links[0].title == "小型个人信息处理者个人信息保护简化措施规定"
    assert (page.claimed, page.pages) == (38, 2)


@real
def test_a_rebuilt_listing_of_nda_is_read_without_its_nested_list() -> None:
    first = PORTALS["nda"].listings[0].page_url(0)
    page = _real_listing("nda_list_reconstructed", "nda", 0, first)
    assert [(link.title, link.date) for link in page.links] == [("示例解读", "2024.06.04")]
    assert (page.claimed, page.pages) == (34, 3)
    assert [asked.url for asked in page.following] == [first.replace("_1.html", "_2.html")]


@real
def test_a_listing_of_pbc_is_read_without_its_navigation() -> None:
    url = "http://www.pbc.gov.cn/tiaofasi/144941/3581332/index.html"
    page = _real_listing("pbc_list", "pbc", 1, url)
    assert [link.date for link in page.links] == ["2026-09-11", "2026-04-24"]
    assert [asked.url for asked in page.following] == [url.replace("index", "index1")]


@real
def test_an_article_page_of_miit_is_read() -> None:
    body = (FRAGMENTS / "miit_detail.html").read_bytes()
    article = extract(body, url="https://www.miit.gov.cn/x.html", portal=PORTALS["miit"])
    assert (article.layout, article.title, article.source) == ("con_con", "示例标题", "新华社")
    assert article.posted_at == dt.datetime(2026, 5, 18, 10, 19, tzinfo=SHANGHAI)


def _run(*arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", *arguments],
        cwd=ROOT,
        env=os.environ | {"ARCHIVE_URL": f"sqlite:///{folder / 'archive.db'}"},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def test_all_portals_are_crawled_to_their_end_and_no_further(tmp_path: Path) -> None:
    done = _run("benchmarks.portals", folder=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    assert " 0 differences" in done.stdout


@pytest.mark.parametrize(
    ("portal", "says"),
    [
        ("nhc", "nhc is off: its firewall answers programs with 412"),
        ("gov_cn_library", "robots.txt of sousuo.www.gov.cn disallows every path"),
        ("trs", "trs: which site? give its list page, e.g. -a list=https://"),
    ],
)
def test_a_crawl_that_must_not_begin_says_why(portal: str, says: str, tmp_path: Path) -> None:
    done = _run("scrapy", "crawl", portal, "--logfile", str(tmp_path / "log"), folder=tmp_path)
    assert done.returncode != 0
    assert says in done.stderr
    assert "Traceback" not in done.stderr
