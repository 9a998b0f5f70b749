"""The sample portals publish by the day, and miss pages in the ways portals do."""

import datetime as dt
from collections.abc import Iterator

import pytest

from storage import SHANGHAI
from tests.crawling import fetch
from tests.site.losses import LOSSES, Loss
from tests.site.server import SampleSite

GOV, PAPER, JUHE = HOSTS = ("zcjd.samples.example", "paper.samples.example", "juhe.samples.example")
NOON = dt.datetime(2026, 11, 5, 12, 34, tzinfo=SHANGHAI)
SHOWN: dict[Loss, tuple[int, str | None]] = {
    "HTTP 404": (404, None),
    "HTTP 410": (410, None),
    "home page": (302, "/"),
    "error page": (200, None),
    "error address": (302, "/404.html"),
    "emptied": (200, None),
}


@pytest.fixture(scope="module")
def site() -> Iterator[SampleSite]:
    with SampleSite(articles=24, rotate=False) as running:
        yield running


@pytest.mark.parametrize("host", HOSTS)
def test_what_is_published_is_listed_first_and_served(site: SampleSite, host: str) -> None:
    before = site.articles(host)
    url = site.publish(host, NOON)
    assert site.articles(host) == [url, *before]
    expected = site.expected(url)
    assert expected["posted_at"][:10] == "2026-11-05"
    assert expected["title"] not in [site.expected(old)["title"] for old in before]
    charset = "gb18030" if host == PAPER else "utf-8"
    assert expected["title"] in fetch(site, url).body.decode(charset)


@pytest.mark.parametrize("how", LOSSES)
@pytest.mark.parametrize("host", HOSTS)
def test_a_page_is_missing_until_it_returns(site: SampleSite, host: str, how: Loss) -> None:
    url = site.articles(host)[-1]
    whole = fetch(site, url)
    site.lose(url, how)
    assert site.loss_of(url) == how
    assert url in site.articles(host)
    seen = fetch(site, url)
    location = dict(seen.headers).get("Location")
    assert (seen.status, location) == SHOWN[how]
    text = site.expected(url)["blocks"][-1]["text"][:20]
    assert text.encode("gb18030" if host == PAPER else "utf-8") not in seen.body
    site.restore(url)
    assert fetch(site, url).body == whole.body


def test_a_shortened_article_keeps_its_first_paragraph(site: SampleSite) -> None:
    url = site.articles(GOV)[0]
    before = site.expected(url)
    after = site.shorten(url)
    assert after["blocks"] == [next(b for b in before["blocks"] if b["kind"] == "paragraph")]
    assert site.revert(url) is None
    assert site.expected(url) == before
