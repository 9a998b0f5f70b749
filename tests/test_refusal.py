"""Refusals are told from pages: firewalls' answers are, short articles and empty shells are not."""

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest

from crawler.refusal import refusal_of, retry_time
from tests.backends import mostly_in_soak
from tests.crawling import Operator
from tests.firewall_pages import FIREWALL_PAGES, HTML, FirewallPage
from tests.site.server import SampleSite

NOW = dt.datetime(2026, 3, 1, 8, tzinfo=dt.UTC)
GOV, PAPER = "zcjd.samples.example", "paper.samples.example"


@pytest.fixture
def site() -> Iterator[SampleSite]:
    with SampleSite(articles=15) as running:
        yield running


@pytest.fixture
def operator(site: SampleSite, tmp_path: Path) -> Operator:
    return Operator(site=site, archive_url=f"sqlite:///{tmp_path / 'archive.db'}", folder=tmp_path)


def reason(page: FirewallPage) -> str | None:
    headers = {name.lower(): value for name, value in page.headers}
    found = refusal_of(page.status, headers, page.content, NOW)
    return found and found.reason


@pytest.mark.parametrize("name", FIREWALL_PAGES)
def test_a_firewalls_answer_is_a_refusal_with_its_reason(name: str) -> None:
    found = reason(FIREWALL_PAGES[name])
    assert found
    assert FIREWALL_PAGES[name].says in found


NO_REFUSALS = {
    "a short article": "<html><body><h1>公告</h1><p>自2026年3月1日起施行。</p></body></html>",
    "a short article with scripts": (
        "<html><body><h1>关于系统维护的公告</h1><p>因系统维护，三月一日暂停服务。</p>"
        "<script>var _hmt=[];if(screen.width<500){location.href='/m/'}</script></body></html>"
    ),
    "an article about firewalls": (
        "<html><body><h1>一文读懂网站防护</h1><p>"
        + "创宇盾会拦截攻击，加速乐用__jsl_clearance标记浏览器，云锁用yunsuo_session_verify。" * 12
        + "</p><script>location.hash</script></body></html>"
    ),
    "a figure page": (
        "<html><body><script>if(navigator.userAgent.match('Mobile'))location.href='/m/1.html';"
        'document.cookie="read=1"</script><h1>一图读懂</h1><p><img src="a.jpg"><img src="b.jpg">'
        "</p></body></html>"
    ),
    "a page that only moves on": "<script>window.location.href='https://new.example.cn/'</script>",
    "a shell that a script fills": (
        '<html><head><title>政策解读</title><link href="/a.css" rel="stylesheet"></head><body>'
        '<div id="app"></div><script src="/js/app.js"></script></body></html>'
    ),
    "an empty page": "",
    "a json feed": '{"a": "<script>document.cookie=1;location.reload()</script>"}',
    "an error page": "<html><body><h1>500</h1><p>服务器内部错误</p></body></html>",
}


@pytest.mark.parametrize("name", NO_REFUSALS)
def test_what_is_no_refusal_is_let_through(name: str) -> None:
    # portals behind a firewall set its cookie with every page
    cookie = ("Set-Cookie", "__jsluid_s=sample; path=/; HttpOnly")
    body = NO_REFUSALS[name]
    assert reason(FirewallPage(status=200, says="", body=body)) is None
    if name != "a page that only moves on":
        assert reason(FirewallPage(status=200, says="", body=body, headers=(HTML, cookie))) is None


@pytest.mark.parametrize("status", [200, 301, 304, 401, 404, 410, 500, 502, 503])
def test_other_statuses_are_no_refusals(status: int) -> None:
    assert reason(FirewallPage(status=status, says="", body="<p>x</p>")) is None


def test_no_sample_page_is_a_refusal(site: SampleSite) -> None:
    for host in site.hosts:
        for url in (*site.articles(host), *site.listings(host)):
            page = site.page(host, url.partition(host)[2])
            assert refusal_of(200, {}, page.body, NOW) is None, url


@pytest.mark.parametrize(
    ("text", "at"),
    [
        (None, None),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("90", NOW + dt.timedelta(seconds=90)),
        ("Sun, 01 Mar 2026 09:00:00 GMT", NOW + dt.timedelta(hours=1)),
        ("9" * 40, NOW + dt.timedelta(days=366)),
    ],
)
def test_retry_after_is_a_number_of_seconds_or_a_date(
    text: str | None, at: dt.datetime | None
) -> None:
    assert retry_time(text, NOW) == at


# -- while crawling -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name", ["403", *mostly_in_soak("429", "jiasule 200", "wzws", "chuangyudun")]
)
def test_a_refused_article_ends_the_crawl_at_once(operator: Operator, name: str) -> None:
    page, refused = FIREWALL_PAGES[name], operator.site.articles(GOV)[1]
    operator.site.replace_page(refused, page.content, status=page.status, headers=page.headers)
    crawled = operator.crawl("samples_gov")
    assert crawled.status == 1
    assert page.says in crawled.output
    assert "left alone" in crawled.output
    asked = [r.path for r in operator.site.requests]
    place = next(n for n, path in enumerate(asked) if refused.endswith(path))
    assert asked[place + 1 :] == []  # not even what was waiting in the downloader
    with operator.archive() as archive:
        (kept,) = [c for c in archive.captures() if c.url == refused]
        assert page.says in (kept.failure or "")
        assert archive.read_capture(kept.id).body == page.content
        waiting = {listed.url for listed in archive.pending_urls("samples_gov")}
        assert refused in waiting
        (crawl,) = archive.crawls()
        assert len(waiting) + archive.counts()["articles"] == crawl.counts["listed"]
        assert crawl.outcome == "refused"
        assert (crawl.counts["retry_at"] is not None) == (name == "429")
    operator.site.restore(refused)
    assert operator.crawl("samples_gov", "--force").status == 0


@pytest.mark.parametrize("name", mostly_in_soak("412", "jiasule 521", "a script and a cookie"))
def test_a_refused_listing_is_kept_and_said_as_what_it_is(operator: Operator, name: str) -> None:
    page, listing = FIREWALL_PAGES[name], operator.site.listings(GOV)[0]
    operator.site.replace_page(listing, page.content, status=page.status, headers=page.headers)
    crawled = operator.crawl("samples_gov")
    assert crawled.status == 1
    assert page.says in crawled.output
    assert "redesigned" not in crawled.output
    assert [r.path for r in operator.site.requests] == ["/robots.txt", "/jiedu/index.html"]
    with operator.archive() as archive:
        (kept,) = archive.captures()
        assert kept.kind == "listing"
        assert page.says in (kept.failure or "")


def test_a_refused_second_page_keeps_the_first(operator: Operator) -> None:
    site = operator.site
    url = next(u for u in site.articles(GOV) if site.expected(u)["page_count"] > 1)
    second = site.pages(url)[1]
    site.fail(second, 403)
    crawled = operator.crawl("samples_gov")
    assert "HTTP 403" in crawled.output
    with operator.archive() as archive:
        assert [c.page for c in archive.captures() if c.url in (url, second)] == [1, 2]


@pytest.mark.parametrize("name", mostly_in_soak("429", "412", "jiasule 200"))
def test_a_refused_robots_txt_means_that_nothing_is_asked(operator: Operator, name: str) -> None:
    page, robots = FIREWALL_PAGES[name], f"https://{GOV}/robots.txt"
    operator.site.replace_page(robots, page.content, status=page.status, headers=page.headers)
    crawled = operator.crawl("samples_gov")
    assert crawled.status == 1
    assert crawled.output.count("robots.txt of zcjd.samples.example cannot be had") == 1
    assert {request.path for request in operator.site.requests} == {"/robots.txt"}


def test_a_host_that_cannot_be_asked_uses_up_no_tries(operator: Operator) -> None:
    operator.site.fail(operator.site.articles(GOV)[0], 500)
    operator.crawl("samples_gov")
    operator.site.fail(f"https://{GOV}/robots.txt", 503)
    for _ in range(2):
        operator.crawl("samples_gov")
    with operator.archive() as archive:
        (waiting,) = archive.pending_urls("samples_gov")
    assert waiting.url == operator.site.articles(GOV)[0]
