"""The sample portals' switches: every way to change or spoil a page does what it says."""

import http.client
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from tests.crawling import fetch
from tests.site.server import SampleSite

GOV, PAPER, JUHE = "zcjd.samples.example", "paper.samples.example", "juhe.samples.example"
ENCODINGS = {GOV: "utf-8", PAPER: "gb18030", JUHE: "utf-8"}


@pytest.fixture
def site() -> Iterator[SampleSite]:
    with SampleSite(articles=15, rotate=False) as running:
        yield running


def page_of(site: SampleSite, url: str) -> str:
    """All pages of an article as text without white space."""
    encoding = ENCODINGS[urlsplit(url).hostname or ""]
    text = "".join(fetch(site, page).body.decode(encoding) for page in site.pages(url))
    return "".join(text.split())


def text_of(record: dict[str, list[dict[str, str]]]) -> str:
    return "".join("".join(block["text"].split()) for block in record["blocks"])


@pytest.mark.parametrize("host", ENCODINGS)
def test_an_edit_changes_one_word_and_a_revert_takes_it_back(site: SampleSite, host: str) -> None:
    for url in site.articles(host):
        before, shown = site.expected(url), page_of(site, url)
        after = site.edit(url)
        assert after != before
        assert page_of(site, url) != shown
        again = site.edit(url)
        assert text_of(again) + again["title"] != text_of(after) + after["title"]
        site.revert(url)
        assert site.expected(url) == before
        assert page_of(site, url) == shown


def test_an_edit_can_be_told_what_to_replace(site: SampleSite) -> None:
    url = next(u for u in site.articles(PAPER) if "记者" in text_of(site.expected(u)))
    site.edit(url, "记者", "本刊记者")
    assert "本刊记者" in text_of(site.expected(url))
    assert "本刊记者" in page_of(site, url)
    with pytest.raises(ValueError, match="does not stand"):
        site.edit(url, "此语不在文中", "")
    with pytest.raises(KeyError, match="no article"):
        site.edit(f"http://{PAPER}/n1/none.html")


@pytest.mark.parametrize("host", ENCODINGS)
def test_a_moved_article_redirects_and_is_the_same(site: SampleSite, host: str) -> None:
    url = site.articles(host)[0]
    record = site.expected(url)
    new = site.move(url)
    answer = fetch(site, url)
    assert (answer.status, dict(answer.headers)["Location"]) == (301, new)
    assert fetch(site, new).status == 200
    assert site.expected(new) == site.expected(url) == record | {"url": new}
    listing = fetch(site, site.listings(host)[0]).body.decode(ENCODINGS[host])
    assert urlsplit(url).path.rpartition("/")[2] in listing
    newest = site.move(new, relist=True)
    assert dict(fetch(site, url).headers)["Location"] != url
    assert site.expected(url)["url"] == newest


def test_a_deleted_article_is_404_and_still_listed_unless_unlisted(site: SampleSite) -> None:
    first, second, *_ = site.articles(GOV)
    site.delete(first)
    site.delete(second, unlist=True)
    assert fetch(site, first).status == fetch(site, second).status == 404
    assert first in site.articles(GOV)
    assert second not in site.articles(GOV)
    site.restore(first)
    site.restore(second)
    assert fetch(site, first).status == fetch(site, second).status == 200
    assert second in site.articles(GOV)


@pytest.mark.parametrize("host", ENCODINGS)
def test_a_redesign_keeps_every_word(site: SampleSite, host: str) -> None:
    url = site.articles(host)[0]
    record, shown = site.expected(url), page_of(site, url)
    template = site.redesign(host)
    assert page_of(site, url) != shown
    assert text_of(site.expected(url)) == text_of(record)
    for block in record["blocks"]:
        assert "".join(block["text"].split()) in page_of(site, url)
    assert site.expected(url)["layout"] in (template, "generic")
    with pytest.raises(KeyError, match="templates"):
        site.redesign(host, "1998")


@pytest.mark.parametrize("status", [403, 404, 412, 429, 500, 503, 521])
def test_a_failure_lasts_as_often_as_told(site: SampleSite, status: int) -> None:
    once, ever = site.articles(GOV)[:2]
    site.fail(once, status, times=1)
    site.fail(ever, status)
    answer = fetch(site, once)
    assert answer.status == status
    assert ("Retry-After" in dict(answer.headers)) == (status in (429, 503))
    assert fetch(site, once).status == 200
    assert [fetch(site, ever).status for _ in range(3)] == [status] * 3
    site.restore(ever)
    assert fetch(site, ever).status == 200


def test_listings_and_robots_txt_can_fail_too(site: SampleSite) -> None:
    for url in (site.listings(PAPER)[0], f"http://{PAPER}/robots.txt"):
        site.fail(url, 503)
        assert fetch(site, url).status == 503


def test_a_truncated_page_ends_before_its_announced_length(site: SampleSite) -> None:
    url = site.articles(GOV)[0]
    whole = fetch(site, url).body
    site.truncate(url)
    with pytest.raises(http.client.IncompleteRead) as error:
        fetch(site, url)
    assert whole.startswith(error.value.partial)
    assert len(error.value.partial) + (error.value.expected or 0) == len(whole)


def test_an_oversized_page_has_the_size_asked_for(site: SampleSite) -> None:
    url = site.articles(GOV)[0]
    site.oversize(url, 5_000_000)
    assert len(fetch(site, url).body) == 5_000_000


def test_empty_and_binary_bodies_call_themselves_html(site: SampleSite) -> None:
    url = site.articles(GOV)[0]
    site.empty(url)
    assert (fetch(site, url).status, fetch(site, url).body) == (200, b"")
    for kind, magic in (("png", b"\x89PNG"), ("zip", b"PK\x03\x04")):
        site.binary(url, kind)
        answer = fetch(site, url)
        assert answer.body.startswith(magic)
        assert dict(answer.headers)["Content-Type"].startswith("text/html")


@pytest.mark.parametrize(("host", "lie"), [(GOV, "gb2312"), (PAPER, "utf-8")])
def test_a_wrong_charset_is_declared_in_header_and_page(
    site: SampleSite, host: str, lie: str
) -> None:
    url = site.articles(host)[0]
    true = fetch(site, url).body.decode(ENCODINGS[host])
    site.wrong_charset(url)
    answer = fetch(site, url)
    assert dict(answer.headers)["Content-Type"] == f"text/html; charset={lie}"
    head = answer.body[:400].lower()
    assert f"charset={lie}".encode() in head or f'charset="{lie}"'.encode() in head
    assert (
        answer.body.decode(ENCODINGS[host]).partition("</head>")[2] == true.partition("</head>")[2]
    )


def test_a_dropped_page_leaves_the_others(site: SampleSite) -> None:
    url = next(u for u in site.articles(GOV) if site.expected(u)["page_count"] == 3)
    site.drop_page(url, 2)
    assert [fetch(site, page).status for page in site.pages(url)] == [200, 404, 200]
    site.restore(url)
    assert [fetch(site, page).status for page in site.pages(url)] == [200, 200, 200]


def test_a_slow_page_waits_no_longer_than_the_site_stands() -> None:
    with SampleSite(articles=3) as site:
        url = site.articles(GOV)[0]
        site.slow(url, 3600)
        connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=0.2)
        connection.request("GET", urlsplit(url).path, headers={"Host": GOV})
        with pytest.raises(TimeoutError):
            connection.getresponse()
        connection.close()


def test_an_empty_listing_names_no_article(site: SampleSite) -> None:
    site.empty_listing(GOV)
    for listing in site.listings(GOV):
        assert b".html" in fetch(site, listing).body
        assert b"/t20" not in fetch(site, listing).body
    site.empty_listing(GOV, empty=False)
    assert b"/t20" in fetch(site, site.listings(GOV)[0]).body
