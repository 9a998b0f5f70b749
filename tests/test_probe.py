"""`scrapy probe`: what fits is said to fit, and each kind of drift by its own check."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from crawler.discovery import ListingPage, PageRequest
from crawler.portal import Layout, Listing, Portal
from crawler.probe import Seen, SeenPage, check_portal, find_seen
from crawler.probe.spider import choose
from storage import Listed
from tests.commands import ROOT
from tests.crawling import Crawled, Operator
from tests.firewall_pages import FIREWALL_PAGES
from tests.records import article
from tests.site.server import SampleSite

GOV, PAPER, JUHE = "zcjd.samples.example", "paper.samples.example", "juhe.samples.example"


@pytest.fixture
def site() -> Iterator[SampleSite]:
    with SampleSite(articles=30) as running:
        yield running


@pytest.fixture
def operator(site: SampleSite, tmp_path: Path) -> Operator:
    return Operator(site=site, archive_url=f"sqlite:///{tmp_path / 'archive.db'}", folder=tmp_path)


def probe(operator: Operator, *arguments: str) -> Crawled:
    folder = operator.folder
    return operator.scrapy(
        "probe", "--logfile", str(folder / "log"), "--folder", str(folder / "seen"), *arguments
    )


def drifted(probed: Crawled) -> list[str]:
    return re.findall(r"DRIFTED (.*)", probed.output)


def test_portals_that_fit_pass_and_are_looked_at_only_a_little(operator: Operator) -> None:
    operator.site.crawl_delay = 0.1
    probed = probe(operator)
    assert probed.status == 0, probed.output + probed.errors
    assert drifted(probed) == []
    assert probed.output.count("the rules fit") == 3
    for host in (GOV, PAPER, JUHE):
        asked = [r.path for r in operator.site.requests if r.host == host]
        assert asked[0] == "/robots.txt"
        assert len(asked) == 5  # robots.txt, one listing page, three articles
    for line in ("answers HTTP 200, one request in 0.1 s", "page 2 is https", "3 fetched and read",
                 "layout: 2023", "encoding: gb18030", "posted_at: "):  # fmt: skip
        assert line in probed.output
    with operator.archive() as archive:
        found = archive.probes()
        assert [p.portal for p in found] == ["samples_gov", "samples_juhe", "samples_paper"]
        assert all(p.is_passed and p.checks for p in found)
        assert not any(p.is_real for p in found)  # a host map is not the portal
        assert archive.counts()["captures"] == 0
    assert "stays unprobed" in probed.output


def test_what_was_seen_is_kept_for_savepage(operator: Operator) -> None:
    probe(operator, "samples_paper")
    (manifest,) = (operator.folder / "seen").glob("samples_paper/*/seen.json")
    entries = json.loads(manifest.read_text())
    assert [entry["kind"] for entry in entries] == ["listing", *["article"] * 3, "robots"]
    url = entries[1]["url"]
    found = find_seen(operator.folder / "seen", url)
    assert found
    assert found[1] == operator.site.page(PAPER, url.partition(PAPER)[2]).body
    assert find_seen(operator.folder / "seen", "http://paper.samples.example/none") is None


@pytest.mark.parametrize(
    ("disturb", "says"),
    [
        ("redesign", ["layout: 3 of 3 articles fit none of 2023, 2019 -> add a layout"]),
        ("home", ["listing 政策解读: .* led to the home page -> new address"]),
        ("challenge", ["refusal: .*加速乐 -> do not work around it"]),
        ("forbidden", ["robots.txt: .*Forbidden -> switch the portal off"]),
        ("robots", ["robots.txt: .*cannot be had -> leave it alone"]),
        ("empty", ["links: no link inside 'ul.u-list' matches -> correct `links`"]),
        ("moved", ["listing 政策解读: .*HTTP 404 -> new address"]),
        ("gone", ["articles: 0 of 3 read"]),
        ("emptied", ["articles: 0 of 3 read .*empty"]),
    ],
)
def test_each_drift_is_named_with_what_to_do(
    operator: Operator, disturb: str, says: list[str]
) -> None:
    site = operator.site
    listing, page = site.listings(GOV)[0], FIREWALL_PAGES["jiasule 200"]
    match disturb:
        case "redesign":
            site.redesign(GOV, "2026")
        case "home":
            home = (("Location", f"https://{GOV}/"),)
            site.replace_page(listing, b"", status=302, headers=home)
        case "challenge":
            site.replace_page(listing, page.content, headers=page.headers)
        case "forbidden":
            site.robots(GOV, "User-agent: *\nDisallow: /\n")
        case "robots":
            site.fail(f"https://{GOV}/robots.txt", 503)
        case "empty":
            site.empty_listing(GOV)
        case "moved":
            site.fail(listing, 404)
        case "gone":
            for url in site.articles(GOV):
                site.delete(url)
        case "emptied":
            for url in site.articles(GOV):
                site.empty(url)
    probed = probe(operator, "samples_gov")
    assert probed.status == 1
    text = " ".join(probed.output.split())
    for line in says:
        found, _, advice = line.partition(" -> ")
        assert re.search(found, text), probed.output
        assert advice in text, probed.output
    with operator.archive() as archive:
        (kept,) = archive.probes("samples_gov")
        assert not kept.is_passed
        assert [c["name"] for c in kept.checks if c["verdict"] == "drifted"]


@pytest.mark.parametrize(
    ("arguments", "status", "says"),
    [
        (("samples_gof",), 2, "did you mean samples_gov"),
        (("samples_gov", "-a", "list"), 2, "NAME=VALUE"),
    ],
)
def test_wrong_usage_is_one_line(
    operator: Operator, arguments: tuple[str, ...], status: int, says: str
) -> None:
    probed = probe(operator, *arguments)
    assert (probed.status, operator.site.requests) == (status, [])
    assert says in probed.errors
    assert "Traceback" not in probed.errors


def test_every_shipped_portal_passes_on_its_own_pages() -> None:
    """Pages of our own writing in each portal's structure are no drift."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.probing"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert (done.returncode, done.stdout) == (0, ""), done.stdout + done.stderr


# -- the checks alone -----------------------------------------------------------------------------

LISTING = Listing("http://news.example.cn/jiedu/", channel="解读", pages=5)
PORTAL = Portal(
    name="example",
    title="示例网",
    hosts=("news.example.cn",),
    listings=(LISTING,),
    article_url=r"\d+\.html",
    layouts=(Layout("2023", content=".a", source=".from"),),
)
HEAD = "<html><head><title>政策解读_示例网</title></head><body></body></html>"


def seen(
    links: list[Listed], *, html: str = HEAD, following: bool = True, pages: int | None = None
) -> Seen:
    """A portal whose listing shows ``links`` and whose articles are all the same."""
    more = (PageRequest(url="http://news.example.cn/jiedu/index_2.html", page=1),)
    url = LISTING.url
    listing = SeenPage(
        kind="listing", asked=url, url=url, status=200, body=html.encode(), listing=LISTING,
        page=ListingPage(links=tuple(links), pages=pages, following=more if following else ()),
    )  # fmt: skip
    whole = article("近日，示例省印发措施。" * 20, layout="2023")
    listed = Listed(url=url, title="数据要素怎样流通（政…", date="2026-03-01")
    first = SeenPage(kind="article", asked=url, url=url, status=200, article=whole, body=b"<p>",
                     listed=listed)  # fmt: skip
    robots_url = "http://news.example.cn/robots.txt"
    robots = SeenPage(kind="robots", asked=robots_url, url=robots_url, status=404)
    return Seen(PORTAL, [listing, first, robots])


def verdicts(of: Seen) -> dict[str, str]:
    return {check.name.removeprefix("listing 解读: "): check.verdict for check in check_portal(of)}


def links(dated: int, undated: int) -> list[Listed]:
    dates = ["2026-03-01"] * dated + [None] * undated
    return [Listed(url=f"http://news.example.cn/{n}.html", date=d) for n, d in enumerate(dates)]


def test_a_portal_that_fits_has_no_verdict_but_fits() -> None:
    assert set(verdicts(seen(links(10, 0))).values()) == {"fits"}


@pytest.mark.parametrize(
    ("dated", "undated", "html", "verdict"),
    [
        (10, 10, HEAD, "fits"),
        (9, 11, HEAD, "drifted"),
        (0, 10, HEAD, "note"),  # a listing of that name which shows no dates
        (0, 10, "<html><title>示例网首页</title></html>", "drifted"),
    ],
)
def test_a_home_page_is_known_by_its_undated_links(
    dated: int, undated: int, html: str, verdict: str
) -> None:
    assert verdicts(seen(links(dated, undated), html=html))["dates"] == verdict


@pytest.mark.parametrize(
    ("following", "pages", "verdict"),
    [(True, None, "fits"), (True, 9, "fits"), (False, None, "drifted"), (False, 1, "fits")],
)
def test_paging_the_rules_expect_must_be_found(
    following: bool, pages: int | None, verdict: str
) -> None:
    found = verdicts(seen(links(10, 0), following=following, pages=pages))
    assert found["paging"] == verdict


def test_a_short_listing_may_be_all_there_is() -> None:
    assert verdicts(seen(links(9, 0), following=False))["paging"] == "note"


def test_another_sites_name_is_worth_a_note() -> None:
    html = '<html><head><title>x</title><meta name="sitename" content="别的网"></head></html>'
    assert verdicts(seen(links(5, 0), html=html))["name"] == "note"


@pytest.mark.parametrize(
    ("changes", "name", "verdict"),
    [
        ({"layout": "generic"}, "layout", "drifted"),
        ({"title": None}, "title", "drifted"),
        ({"title": "网站导航"}, "title as listed", "drifted"),
        ({"posted_at": None}, "posted_at", "drifted"),
        ({"source": None}, "source", "drifted"),
        ({"source": None, "layout": "generic"}, "source", "note"),
        ({"blocks": ()}, "text", "drifted"),
        ({"decode_errors": 3}, "encoding", "drifted"),
        ({"encoding": "gb18030"}, "encoding", "fits"),
    ],
)
def test_a_field_that_cannot_be_read_is_a_drift(
    changes: dict[str, object], name: str, verdict: str
) -> None:
    of = seen(links(5, 0))
    page = of.of_kind("article")[0]
    assert page.article
    page.article = replace(page.article, **changes)  # type: ignore[arg-type]
    assert verdicts(of)[name] == verdict


def test_what_every_page_adds_to_its_listed_title_is_worth_a_note() -> None:
    of = seen(links(5, 0))
    for page in of.of_kind("article"):
        assert page.article
        page.listed = Listed(url=page.url or "", title="数据要素怎样流通")
        page.article = replace(page.article, title="数据要素怎样流通（2024年06月04日）")
    assert verdicts(of)["title as listed"] == "note"


def test_articles_are_chosen_from_all_listings_and_all_ages() -> None:
    first, second = links(9, 0), [Listed(url="http://news.example.cn/x.html")]
    chosen = [link.url.rpartition("/")[2] for link in choose([first, [], second], 3)]
    assert chosen == ["0.html", "x.html", "8.html"]
    assert [link.url for link in choose([second], 3)] == [second[0].url]
    assert choose([], 3) == []
