"""`scrapy crawl` on the sample portals, as an operator runs it."""

import json
import re
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import update

from storage import Archive, ArticleNotFound, Listed
from storage.schema import ReadingRow
from storage.warc_reading import iterate
from tests.backends import chiefly_sqlite
from tests.crawling import Operator
from tests.site.server import SampleSite

PORTALS = {
    "samples_gov": "zcjd.samples.example",
    "samples_paper": "paper.samples.example",
    "samples_juhe": "juhe.samples.example",
}
Compared = Callable[[Archive, SampleSite, str], list[str]]


@pytest.fixture
def site() -> Iterator[SampleSite]:
    with SampleSite(articles=15) as running:
        yield running


@pytest.fixture
def operator(site: SampleSite, archive_url: str, tmp_path: Path) -> Operator:
    return Operator(site=site, archive_url=archive_url, folder=tmp_path)


@pytest.fixture
def sqlite_operator(site: SampleSite, tmp_path: Path) -> Operator:
    return Operator(site=site, archive_url=f"sqlite:///{tmp_path / 'archive.db'}", folder=tmp_path)


@chiefly_sqlite
def test_every_listed_article_is_archived_as_it_stands_on_the_page(operator: Operator) -> None:
    differences = []
    for portal, host in PORTALS.items():
        crawled = operator.crawl(portal)
        assert crawled.status == 0, crawled.output + crawled.errors
        urls = operator.site.articles(host)
        assert f"{len(urls)} listed, {len(urls)} new" in crawled.output
        with operator.archive() as archive:
            for url in urls:
                differences += compare(archive, operator.site, url)
    assert differences == []


@chiefly_sqlite
def test_counts_equal_the_warc_records(operator: Operator) -> None:
    operator.crawl("samples_paper")
    records = [r for p in sorted((operator.folder / "warc").iterdir()) for r in iterate(p)]
    kinds = [record.type for record in records]
    with operator.archive() as archive:
        captures = archive.counts()["captures"]
        assert kinds.count("response") + kinds.count("revisit") == captures
        assert kinds.count("request") == captures
        for capture in archive.captures():
            assert archive.read_capture(capture.id).status == capture.status


@chiefly_sqlite
def test_the_second_crawl_tells_what_happened(operator: Operator) -> None:
    site, host = operator.site, PORTALS["samples_gov"]
    operator.crawl("samples_gov")
    edited, moved, deleted, *_ = site.articles(host)
    count = len(site.articles(host))
    site.edit(edited)
    new_url = site.move(moved)
    site.delete(deleted)
    crawled = operator.crawl("samples_gov", "-a", "recheck=1")
    said = rf"0 new, 1 changed, {count - 2} unchanged, 0 suspect, 1 missing, 0 gone"
    assert re.search(said, crawled.output)
    assert crawled.status == 0
    confirmed = operator.crawl("samples_gov", "-a", "recheck=1")
    assert re.search(rf"{count - 1} unchanged, 0 suspect, 0 missing, 1 gone", confirmed.output)
    with operator.archive() as archive:
        assert len(archive.versions(edited)) == 2
        assert archive.article(moved).id == archive.article(new_url).id
        assert archive.article(deleted).gone_at is not None
        assert len(archive.versions(deleted)) == 1


def test_an_unmodified_page_costs_a_304(sqlite_operator: Operator) -> None:
    operator = sqlite_operator
    operator.site.conditional = True
    operator.crawl("samples_gov")
    operator.site.requests.clear()
    crawled = operator.crawl("samples_gov")
    single = [r for r in operator.site.requests if r.status == 304]
    assert len(single) >= 4
    assert "0 new, 0 changed" in crawled.output
    with operator.archive() as archive:
        last = archive.captures()[-1]
        assert {c.status for c in archive.captures()} >= {200, 304}
        assert last.version_id is not None


def test_an_unmodified_page_is_read_again_by_new_rules(sqlite_operator: Operator) -> None:
    operator = sqlite_operator
    operator.site.conditional = True
    operator.crawl("samples_juhe")
    operator.site.rotate = False
    operator.crawl("samples_juhe")
    with operator.archive() as archive, archive._engine.begin() as connection:
        connection.execute(update(ReadingRow).values(reader="0+older"))
        before = archive.counts()
    operator.site.requests.clear()
    crawled = operator.crawl("samples_juhe")
    unmodified = [r for r in operator.site.requests if r.status == 304]
    assert unmodified
    assert "0 new, 0 changed" in crawled.output
    with operator.archive() as archive:
        assert archive.counts()["versions"] == before["versions"]
        assert archive.counts()["readings"] == 2 * before["readings"]
    operator.crawl("samples_juhe")
    with operator.archive() as archive:
        assert archive.counts()["readings"] == 2 * before["readings"]


def test_robots_rules_and_one_request_at_a_time(sqlite_operator: Operator) -> None:
    site, host = sqlite_operator.site, PORTALS["samples_gov"]
    site.robots(host, "User-agent: *\nDisallow: /jiedu/\n")
    crawled = sqlite_operator.crawl("samples_gov")
    assert crawled.status == 1
    assert "robots.txt" in crawled.output
    assert {request.path for request in site.requests} == {"/robots.txt"}


def test_waiting_requests_are_all_checked_against_robots(sqlite_operator: Operator) -> None:
    site, host = sqlite_operator.site, PORTALS["samples_gov"]
    links = [Listed(url=url) for url in site.articles(host)]
    warc = sqlite_operator.folder / "warc"
    with Archive.open(sqlite_operator.archive_url, create=True, warc=warc) as archive:
        archive.list_urls("samples_gov", site.listings(host)[0], links)
    site.robots(host, "User-agent: *\nDisallow: /jiedu/\n")
    sqlite_operator.crawl("samples_gov")  # listing and pending URLs wait for robots.txt together
    assert {request.path for request in site.requests} == {"/robots.txt"}


def test_the_crawl_delay_of_robots_txt_is_kept(sqlite_operator: Operator) -> None:
    site, host = sqlite_operator.site, PORTALS["samples_gov"]
    site.robots(host, "User-agent: *\nCrawl-delay: 0.2\n")
    assert sqlite_operator.crawl("samples_gov").status == 0
    times = [request.at for request in site.requests if request.path != "/robots.txt"]
    gaps = [later - earlier for earlier, later in pairwise(times)]
    assert len(gaps) >= 5
    assert min(gaps[1:]) > 0.15  # the server's clock starts after the client's


def test_a_host_without_robots_answer_is_left_alone(sqlite_operator: Operator) -> None:
    site, host = sqlite_operator.site, PORTALS["samples_gov"]
    site.fail(f"https://{host}/robots.txt", 503)
    crawled = sqlite_operator.crawl("samples_gov")
    assert crawled.status == 1
    assert {request.path for request in site.requests} == {"/robots.txt"}


def test_a_refusal_stops_the_portal_and_is_said(sqlite_operator: Operator) -> None:
    site, host = sqlite_operator.site, PORTALS["samples_gov"]
    refused = site.articles(host)[1]
    site.fail(refused, 403)
    crawled = sqlite_operator.crawl("samples_gov")
    assert crawled.status == 1
    assert "HTTP 403" in crawled.output
    asked = [request for request in site.requests if request.status == 403]
    assert len(asked) == 1
    with sqlite_operator.archive() as archive:
        assert refused in {listed.url for listed in archive.pending_urls("samples_gov")}


def test_a_failed_page_is_asked_for_again_by_the_next_crawl(sqlite_operator: Operator) -> None:
    site, host = sqlite_operator.site, PORTALS["samples_gov"]
    broken = site.articles(host)[0]
    site.fail(broken, 500)
    crawled = sqlite_operator.crawl("samples_gov")
    assert crawled.status == 1
    assert "1 failed" in crawled.output
    site.restore(broken)
    crawled = sqlite_operator.crawl("samples_gov")
    assert crawled.status == 0
    assert "1 new" in crawled.output


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ("empty", "empty"),
        ("binary", "PNG|binary|zip"),
        ("truncate", "cut short"),
        ("oversize", "larger|size|maxsize|exceed"),
    ],
)
def test_one_bad_page_is_a_reason_and_the_rest_is_archived(
    sqlite_operator: Operator, fault: str, reason: str
) -> None:
    site, host = sqlite_operator.site, PORTALS["samples_gov"]
    bad = site.articles(host)[0]
    if fault == "oversize":
        site.oversize(bad, 50 * 1024 * 1024)
    else:
        getattr(site, fault)(bad)
    crawled = sqlite_operator.crawl("samples_gov")
    assert crawled.status == 1
    (line,) = [line for line in crawled.output.splitlines() if bad in line]
    assert re.search(reason, line, re.IGNORECASE), line
    with sqlite_operator.archive() as archive:
        with pytest.raises(ArticleNotFound):
            archive.versions(bad)
        assert archive.counts()["articles"] == len(site.articles(host)) - 1
        if fault != "oversize":
            assert [c.failure for c in archive.captures() if c.url == bad and c.failure]
        assert bad in {listed.url for listed in archive.pending_urls("samples_gov")}


def test_a_wrong_charset_is_seen_through(sqlite_operator: Operator) -> None:
    site, host = sqlite_operator.site, PORTALS["samples_gov"]
    url = site.articles(host)[0]
    site.wrong_charset(url)
    assert sqlite_operator.crawl("samples_gov").status == 0
    with sqlite_operator.archive() as archive:
        assert compare(archive, site, url) == []


def test_a_missing_page_two_keeps_page_one_and_the_reason(sqlite_operator: Operator) -> None:
    site, host = sqlite_operator.site, PORTALS["samples_gov"]
    url = next(u for u in site.articles(host) if site.expected(u)["page_count"] > 1)
    site.drop_page(url, 2)
    crawled = sqlite_operator.crawl("samples_gov")
    assert crawled.status == 1
    assert "page 2 is missing: HTTP 404" in crawled.output
    with sqlite_operator.archive() as archive:
        kept = [c for c in archive.captures() if c.failure]
        assert [c.page for c in kept] == [1, 2]
        with pytest.raises(ArticleNotFound):
            archive.versions(url)
    site.restore(url)
    sqlite_operator.crawl("samples_gov")
    with sqlite_operator.archive() as archive:
        assert compare(archive, site, url) == []


def test_a_listing_without_links_is_said(sqlite_operator: Operator) -> None:
    sqlite_operator.site.empty_listing(PORTALS["samples_gov"])
    crawled = sqlite_operator.crawl("samples_gov")
    assert crawled.status == 1
    assert "no article links" in crawled.output
    with sqlite_operator.archive() as archive:
        assert archive.counts()["captures"] == 1


def test_pages_limits_how_deep_listings_are_read(sqlite_operator: Operator) -> None:
    site, host = sqlite_operator.site, PORTALS["samples_paper"]
    assert len(site.listings(host)) > 1
    crawled = sqlite_operator.crawl("samples_paper", "-a", "pages=1")
    found = re.search(r"(\d+) listed", crawled.output)
    assert found
    assert 0 < int(found.group(1)) < len(site.articles(host))


@pytest.mark.parametrize(
    ("arguments", "environment", "status", "says"),
    [
        (("crawl", "samples_gof"), {}, 2, "did you mean samples_gov"),
        (("crawl",), {}, 2, "name one portal"),
        (("crawl", "samples_gov"), {"ARCHIVE_URL": "nonsense"}, 1, "not a database URL"),
        (("crawl", "samples_gov"), {"ARCHIVE_URL": "sqlite:////proc/x/a.db"}, 1, "cannot create"),
        (("crawl", "samples_gov"), {"ARCHIVE_WARC": "/proc/x"}, 1, "cannot write WARC"),
        (("crawl", "samples_gov", "-a", "pages=none"), {}, 2, "number of listing pages"),
        (("reextract", "--since", "yesterday"), {}, 2, "YYYY-MM-DD"),
        (("extract", "no-such-file.html"), {}, 1, "No such file"),
    ],
)
def test_bad_input_is_one_line_and_an_exit_status(
    sqlite_operator: Operator,
    arguments: tuple[str, ...],
    environment: dict[str, str],
    status: int,
    says: str,
) -> None:
    crawled = sqlite_operator.scrapy(*arguments, **environment)
    assert crawled.status == status, crawled.errors
    assert says in crawled.errors
    assert "Traceback" not in crawled.errors


def test_reextract_needs_no_network_and_makes_no_version(sqlite_operator: Operator) -> None:
    sqlite_operator.crawl("samples_paper")
    with sqlite_operator.archive() as archive:
        before = archive.counts()
    sqlite_operator.site.requests.clear()
    done = sqlite_operator.scrapy("reextract", "--portal", "samples_paper")
    assert done.status == 0, done.errors
    assert "0 new readings" in done.output
    assert sqlite_operator.site.requests == []
    with sqlite_operator.archive() as archive:
        assert archive.counts() == before


def test_extract_prints_the_record_and_explains(sqlite_operator: Operator, tmp_path: Path) -> None:
    url = sqlite_operator.site.articles(PORTALS["samples_gov"])[0]
    done = sqlite_operator.scrapy("extract", url)
    assert done.status == 0, done.errors
    record = json.loads(done.output)
    assert record["title"] == sqlite_operator.site.expected(url)["title"]
    assert record["layout"] == "2023"
    explained = sqlite_operator.scrapy("extract", "--explain", url)
    assert explained.status == 0
    assert "container" in explained.output


def squash(text: str | None) -> str | None:
    return "".join(text.split()) if text else text


def compare(archive: Archive, site: SampleSite, url: str) -> list[str]:
    """How the archived record differs from what a person reads on the page."""
    expected, article = site.expected(url), archive.version(url).article
    origin, stated = article.origin, expected["origin"]
    found = {
        "title": article.title,
        "title_main": article.title_main,
        "column_tag": article.column_tag,
        "kicker": article.kicker,
        "byline": article.byline,
        "authors": list(article.authors),
        "editors": list(article.editors),
        "source": article.source,
        "uploader": article.uploader,
        "media_kind": article.media_kind,
        "posted_at": article.posted_at and article.posted_at.isoformat(),
        "posted_precision": article.posted_precision,
        "published_at": article.published_at and article.published_at.isoformat(),
        "published_basis": article.published_basis,
        "page_count": article.page_count,
        "origin": origin
        and {"medium": origin.medium, "date": str(origin.date), "page": origin.page},
        "images": [image.url for image in article.images],
        "attachments": [(file.url, squash(file.name)) for file in article.attachments],
    }
    expected |= {
        "origin": stated and {name: stated.get(name) for name in ("medium", "date", "page")},
        "images": [image["url"] for image in expected["images"]],
        "attachments": [(file["url"], squash(file["name"])) for file in expected["attachments"]],
    }
    differences = [
        f"{url} {name}: {value!r}, on the page {expected[name]!r}"
        for name, value in found.items()
        if (squash(value) if isinstance(value, str) else value)
        != (squash(expected[name]) if isinstance(expected[name], str) else expected[name])
    ]
    blocks = [(b.kind, squash(b.text)) for b in article.blocks if b.kind != "caption"]
    wanted = [(b["kind"], squash(b["text"])) for b in expected["blocks"] if b["kind"] != "caption"]
    for block in [b for b in blocks if b not in wanted]:
        differences.append(f"{url} has {block}")
    for block in [b for b in wanted if b not in blocks]:
        differences.append(f"{url} lacks {block}")
    if not differences and blocks != wanted:
        differences.append(f"{url}: blocks out of order")
    text = squash(article.text) or ""
    differences += [f"{url} holds {t!r}" for t in expected["absent"] if squash(t) in text]
    return differences
