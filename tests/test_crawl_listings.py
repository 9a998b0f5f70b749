"""What a crawl says about listings that end too early, repeat themselves or show nothing."""

from pathlib import Path

import pytest

from crawler.discovery import ListingPage, PageRequest
from crawler.spider import _listing_failure
from storage import Listed
from tests.crawling import Operator
from tests.site.server import SampleSite

ONE = (Listed(url="https://www.example.cn/jd/t20260901_1.html"),)


def asked(page: int = 0) -> PageRequest:
    return PageRequest(url="https://www.example.cn/jd/", page=page, is_first=page == 0)


@pytest.mark.parametrize(
    ("page", "request_", "is_repeat", "says"),
    [
        (ListingPage(), asked(), False, "no article links; has the listing been redesigned"),
        (ListingPage(pages=9), asked(3), False, "no article links on page 4"),
        (ListingPage(links=ONE, pages=9), asked(3), True, "page 4 shows what an earlier page"),
        (ListingPage(links=ONE, pages=9), asked(), False, None),
        (ListingPage(is_shell=True), asked(), False, None),
        (ListingPage(), asked(3), False, None),  # behind the last page of a feed without a total
        (ListingPage(links=ONE), asked(3), True, None),  # the server repeats its last page
    ],
)
def test_a_page_that_was_announced_must_show_articles(
    page: ListingPage, request_: PageRequest, is_repeat: bool, says: str | None
) -> None:
    failure = _listing_failure(page, request_, is_repeat=is_repeat)
    assert (says in failure) if says and failure else failure == says


def test_an_announced_page_that_is_missing_is_said(tmp_path: Path) -> None:
    with SampleSite(articles=15) as site:
        second = site.listings("zcjd.samples.example")[1]
        site.fail(second, 404)
        url = f"sqlite:///{tmp_path / 'archive.db'}"
        operator = Operator(site=site, archive_url=url, folder=tmp_path)
        crawled = operator.crawl("samples_gov")
        assert crawled.status == 1
        assert f"{second}: HTTP 404" in crawled.output
        pages = [r.path for r in site.requests if "/jiedu/index" in r.path]
        assert pages == ["/jiedu/index.html", "/jiedu/index_1.html"]


def test_listings_are_asked_for_once_and_no_further(tmp_path: Path) -> None:
    with SampleSite(articles=15) as site:
        url = f"sqlite:///{tmp_path / 'archive.db'}"
        operator = Operator(site=site, archive_url=url, folder=tmp_path)
        for portal, host in (
            ("samples_gov", "zcjd.samples.example"),
            ("samples_paper", "paper.samples.example"),
            ("samples_juhe", "juhe.samples.example"),
        ):
            site.requests.clear()
            assert operator.crawl(portal, "-a", "pages=all").status == 0
            listings = [u.partition("://")[2].partition("/")[2] for u in site.listings(host)]
            paths = [r.path.removeprefix("/") for r in site.requests]
            assert [path for path in paths if path in listings] == listings
            assert 404 not in [r.status for r in site.requests if r.path != "/robots.txt"]
