"""The sample pages: what the record says stands on them, and how they are made."""

import re
from collections.abc import Iterator
from urllib.parse import urljoin, urlsplit

import pytest
from parsel import Selector

from crawler.portal import Portal
from tests.crawling import fetch
from tests.site.newsroom import FAMILIES
from tests.site.portals.samples_gov import SamplesGov
from tests.site.portals.samples_juhe import SamplesJuhe
from tests.site.portals.samples_paper import SamplesPaper
from tests.site.server import SampleSite

GOV, PAPER, JUHE = "zcjd.samples.example", "paper.samples.example", "juhe.samples.example"
PORTALS: tuple[Portal, ...] = (SamplesGov.portal, SamplesPaper.portal, SamplesJuhe.portal)
ENCODINGS = {family.host: family.encoding for family in FAMILIES}
TEMPLATES = [(family.host, template) for family in FAMILIES for template in family.templates]


@pytest.fixture(scope="module")
def site() -> Iterator[SampleSite]:
    with SampleSite(articles=60) as running:
        yield running


def squash(text: str) -> str:
    return "".join(text.split())


def shown_text(site: SampleSite, url: str) -> str:
    """The characters of all pages of an article, without tags, scripts and white space."""
    text = ""
    for page in site.pages(url):
        html = fetch(site, page).body.decode(ENCODINGS[urlsplit(url).hostname or ""])
        text += "".join(Selector(text=html).xpath("//text()[not(parent::script)]").getall())
    return squash(text)


@pytest.mark.parametrize(("host", "template"), TEMPLATES)
def test_what_must_be_read_stands_on_the_page(site: SampleSite, host: str, template: str) -> None:
    site.redesign(host, template)
    for url in site.articles(host):
        record, shown = site.expected(url), shown_text(site, url)
        read = [block["text"] for block in record["blocks"]]
        read += [record[name] or "" for name in ("title", "kicker", "byline", "source", "uploader")]
        read += [*record["authors"], *record["editors"]]
        read += [file["name"] for file in record["attachments"]]
        for text in read:
            assert squash(text) in shown, (url, text)
        assert f"{int(record['posted_at'][:4])}" in shown


@pytest.mark.parametrize(("host", "template"), TEMPLATES)
def test_pages_have_no_template_marks_left(site: SampleSite, host: str, template: str) -> None:
    site.redesign(host, template)
    pages = [page for url in site.articles(host) for page in site.pages(url)]
    for page in [*pages, *site.listings(host)]:
        html = fetch(site, page).body.decode(ENCODINGS[host])
        assert not re.search(r"\$\{?[a-z_]+|\{[a-z_]*\}|None", html), page
        assert "虚构" in html


def test_no_content_is_among_what_must_be_absent(site: SampleSite) -> None:
    for host in site.hosts:
        for url in site.articles(host):
            record = site.expected(url)
            text = squash("".join(block["text"] for block in record["blocks"]))
            assert record["absent"]
            for noise in record["absent"]:
                assert squash(noise) not in text, (url, noise)


def test_absent_strings_stand_on_the_article_pages(site: SampleSite) -> None:
    """Most of them: a pager or an editors' line is not on every page."""
    site.redesign(GOV, "2023")
    url = site.articles(GOV)[0]
    record, shown = site.expected(url), shown_text(site, url)
    on_page = [noise for noise in record["absent"] if squash(noise) in shown]
    assert len(on_page) >= len(record["absent"]) - 2


@pytest.mark.parametrize("template", ["2020", "2026"])
def test_the_newspaper_sends_gb18030_and_says_gb2312(site: SampleSite, template: str) -> None:
    site.redesign(PAPER, template)
    for url in [*site.articles(PAPER), *site.listings(PAPER)]:
        answer = fetch(site, url)
        assert dict(answer.headers)["Content-Type"] == "text/html; charset=gb2312"
        assert re.search(rb"charset=gb2312", answer.body, re.IGNORECASE)
        answer.body.decode("gb18030")
        with pytest.raises(UnicodeDecodeError):
            answer.body.decode("utf-8")


def test_the_newspaper_has_characters_gb2312_lacks(site: SampleSite) -> None:
    site.redesign(PAPER, "2020")
    body = fetch(site, site.articles(PAPER)[0]).body
    body.decode("gb18030")
    with pytest.raises(UnicodeDecodeError):
        body.decode("gb2312")


@pytest.mark.parametrize("portal", PORTALS, ids=lambda portal: portal.name)
def test_the_portals_rules_lead_to_every_article(site: SampleSite, portal: Portal) -> None:
    (host,), (listing,) = portal.hosts, portal.listings
    pages = site.listings(host)
    assert [listing.page_url(number) for number in range(len(pages))] == pages
    assert fetch(site, listing.page_url(len(pages))).status == 404
    found = []
    for page in pages:
        html = Selector(text=fetch(site, page).body.decode(ENCODINGS[host]))
        links = html.css(f"{listing.links} a::attr(href)").getall()
        found += [urljoin(page, link) for link in links]
    assert [url for url in found if portal.is_article_url(url)] == site.articles(host)


@pytest.mark.parametrize(("host", "template"), TEMPLATES)
def test_the_layout_expected_is_the_one_that_matches(
    site: SampleSite, host: str, template: str
) -> None:
    site.redesign(host, template)
    portal = next(portal for portal in PORTALS if host in portal.hosts)
    url = site.articles(host)[0]
    page = Selector(text=fetch(site, url).body.decode(ENCODINGS[host]))
    matching = [layout.name for layout in portal.layouts if page.css(layout.content)]
    assert (matching or ["generic"]) == [site.expected(url)["layout"]]


def test_a_multi_page_article_says_how_many_pages_it_has(site: SampleSite) -> None:
    site.redesign(GOV, "2023")
    url = next(u for u in site.articles(GOV) if site.expected(u)["page_count"] == 3)
    pages = [fetch(site, page).body.decode() for page in site.pages(url)]
    assert all("countPage = 3" in page for page in pages)
    assert ["下一页" in page for page in pages] == [True, True, False]
    following = Selector(text=pages[0]).xpath("//a[text()='下一页']/@href").get()
    assert urljoin(url, following or "") == site.pages(url)[1]


def test_the_aggregator_cuts_its_teasers(site: SampleSite) -> None:
    site.redesign(JUHE, "a")
    page = Selector(text=fetch(site, site.articles(JUHE)[0]).body.decode())
    for item in page.css(".sidebar li"):
        title, blurb = item.css("a::text").get() or "", item.css("p::text").get() or ""
        assert len(title) <= 18
        assert re.fullmatch(r"(?s).{50}\.\.\.|.{1,50}", blurb)
    assert page.css(".related li").getall() == []
