"""`scrapy savepage`: a page and what is read from it, never over a person's corrections."""

import gzip
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from crawler.commands.savepage import slug
from tests import test_portals
from tests.crawling import Crawled, Operator
from tests.firewall_pages import FIREWALL_PAGES
from tests.portal_pages import PortalPage
from tests.site.portals.samples_gov import SamplesGov
from tests.site.server import SampleSite

GOV, PAPER = "zcjd.samples.example", "paper.samples.example"


@pytest.fixture
def site() -> Iterator[SampleSite]:
    with SampleSite(articles=12) as running:
        yield running


@pytest.fixture
def operator(site: SampleSite, tmp_path: Path) -> Operator:
    return Operator(site=site, archive_url=f"sqlite:///{tmp_path / 'archive.db'}", folder=tmp_path)


def save(operator: Operator, *arguments: str) -> Crawled:
    pages, probes = operator.folder / "pages", operator.folder / "probes"
    return operator.scrapy("savepage", "--folder", str(pages), "--probes", str(probes), *arguments)


def test_a_page_and_its_record_are_written(operator: Operator) -> None:
    url = operator.site.articles(PAPER)[0]
    saved = save(operator, url)
    assert saved.status == 0, saved.errors
    assert "/robots.txt" in [r.path for r in operator.site.requests]
    (page,) = (operator.folder / "pages" / "samples_paper").glob("*.html.gz")
    record = json.loads(page.with_name(page.name.replace(".html.gz", ".json")).read_text())
    shown = operator.site.page(PAPER, url.partition(PAPER)[2]).body
    assert gzip.decompress(page.read_bytes()) == shown
    expected = operator.site.expected(url)
    for name in ("url", "title", "posted_at", "source", "byline", "authors", "layout"):
        assert record[name] == expected[name]
    assert (record["kind"], record["absent"]) == ("article", [])
    assert record["content_type"] == "text/html; charset=gb2312"

    again = save(operator, url)
    assert again.status == 1
    assert "may have been corrected" in again.errors
    assert save(operator, "--replace", url).status == 0


def test_what_is_saved_is_what_the_tests_of_portals_ask(
    operator: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    site, portal = operator.site, SamplesGov.portal
    files = next(u for u in site.articles(GOV) if site.expected(u)["attachments"])
    listing = site.listings(GOV)[0]
    for url in (files, listing):
        saved = save(operator, url)
        assert saved.status == 0, saved.errors
    monkeypatch.setitem(test_portals.PORTALS, "samples_gov", portal)
    for path in (operator.folder / "pages" / "samples_gov").glob("*.json"):
        body = gzip.decompress(path.with_suffix(".html.gz").read_bytes())
        record = json.loads(path.read_text())
        page = PortalPage(portal="samples_gov", slug=path.stem, body=body, record=record)
        if page.kind == "article":
            test_portals.test_an_article_is_read_as_a_person_reads_it(page)
            assert record["attachments"]
        else:
            test_portals.test_a_listing_is_read_as_a_person_reads_it(page)
            assert record["links"]


def test_a_page_a_probe_has_seen_is_not_fetched_again(operator: Operator) -> None:
    probes = operator.folder / "probes"
    operator.scrapy("probe", "samples_paper", "--folder", str(probes), "--logfile",
                    str(operator.folder / "log"))  # fmt: skip
    url = next(
        f"http://{PAPER}{r.path}" for r in operator.site.requests if r.path.startswith("/n1/")
    )
    count = len(operator.site.requests)
    saved = save(operator, url)
    assert saved.status == 0, saved.errors
    assert "as `scrapy probe` saw it" in saved.output
    assert len(operator.site.requests) == count
    assert save(operator, "--fresh", "--replace", url).status == 0
    assert len(operator.site.requests) > count


@pytest.mark.parametrize(
    ("arguments", "status", "says"),
    [
        ((), 2, "name one address"),
        (("not an address",), 2, "not an address"),
        (("http://other.example.cn/1.html",), 2, "no portal has this host"),
        (("--portal", "nonsense", f"http://{PAPER}/n1/1.html"), 2, "there are samples_gov"),
        ((f"http://{PAPER}/n1/2024/0604/c1-1.html",), 1, "HTTP 404"),
        ((f"http://{PAPER}/private/x.html",), 1, "Forbidden by robots.txt"),
    ],
)
def test_what_cannot_be_saved_is_one_line(
    operator: Operator, arguments: tuple[str, ...], status: int, says: str
) -> None:
    saved = save(operator, *arguments)
    assert saved.status == status, saved.errors
    assert says in saved.errors
    assert "Traceback" not in saved.errors
    assert not (operator.folder / "pages").exists()


def test_a_challenge_is_not_saved_as_a_page(operator: Operator) -> None:
    url, page = operator.site.articles(PAPER)[0], FIREWALL_PAGES["wzws"]
    operator.site.replace_page(url, page.content)
    saved = save(operator, url)
    assert saved.status == 1
    assert "WZWS" in saved.errors


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("http://x.cn/n1/2024/0604/c1004-40249632.html", "n1-2024-0604-c1004-40249632"),
        ("http://x.cn/jiedu/", "jiedu"),
        ("http://x.cn/", "home"),
        ("http://x.cn/show.php?id=12", "show-php-id-12"),
        ("http://x.cn/" + "长/" * 90 + "t20240604_1.htm", "t20240604-1"),
    ],
)
def test_a_file_is_named_after_its_address(url: str, name: str) -> None:
    assert slug(url) == name
