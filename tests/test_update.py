"""`scrapy update` as an operator sees it: what is due is done, said and entered."""

import datetime as dt
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from scrapy.settings import Settings

from crawler.rules import Rules
from crawler.update.portals import choose
from tests.backends import chiefly_sqlite
from tests.crawling import Crawled, Operator
from tests.site.server import SampleSite

MONDAY = dt.datetime(2026, 11, 2, 1, 0, tzinfo=dt.UTC)
HOST = "zcjd.samples.example"


@pytest.fixture
def operator(archive_url: str, tmp_path: Path) -> Iterator[Operator]:
    """An operator of twenty sample articles, on each backend."""
    with SampleSite(articles=20) as site:
        yield Operator(site=site, archive_url=archive_url, folder=tmp_path)


def update(operator: Operator, *arguments: str, days: float = 0, **environment: str) -> Crawled:
    """One update, some days after the first Monday."""
    clock = (MONDAY + dt.timedelta(days=days)).isoformat()
    log = str(operator.folder / "update.log")
    return operator.scrapy("update", "--logfile", log, *arguments, JIEDU_CLOCK=clock, **environment)


def test_the_first_update_archives_all_and_the_next_asks_for_nothing_known(
    operator: Operator,
) -> None:
    site = operator.site
    first = update(operator)
    assert (first.status, first.errors) == (0, "")
    for host in site.hosts:
        assert f"{len(site.articles(host))} new" in first.output
    site.requests.clear()
    second = update(operator, days=1)
    assert second.status == 0
    articles = {url.partition("://")[2] for host in site.hosts for url in site.articles(host)}
    assert not [r for r in site.requests if r.host + r.path in articles]
    assert len([r for r in site.requests if r.path != "/robots.txt"]) == 3  # a page a listing
    with operator.archive() as archive:
        assert archive.counts()["articles"] == 20
        rows = [crawl for crawl in archive.crawls() if crawl.command == "update"]
        whole = [row for row in rows if row.portal is None]
        assert [row.outcome for row in whole] == ["finished", "finished"]
        assert whole[0].counts["exit_status"] == 0
        assert {row.update_id for row in rows if row.portal} == {row.id for row in whole}
        assert archive.leases() == []


@chiefly_sqlite
def test_unprobed_portals_are_probed_first_and_drifted_ones_left_alone(
    operator: Operator,
) -> None:
    operator.site.empty_listing(HOST)
    unprobed = ("-s", "SPIDER_MODULES=tests.unprobed")
    said = update(operator, *unprobed)
    assert said.status == 1
    assert "samples_gov: not probed: its rules were never seen to fit" in said.output
    assert "look: " in said.output
    with operator.archive() as archive:
        assert [probe.is_passed for probe in archive.probes("samples_gov")] == [False]
        assert list(archive.articles("samples_gov")) == []
        assert len(list(archive.articles("samples_paper"))) > 0
    operator.site.empty_listing(HOST, empty=False)
    said = update(operator, *unprobed, days=1)
    assert said.status == 0
    assert f"samples_gov: {len(operator.site.articles(HOST))} listed" in said.output


@chiefly_sqlite
def test_what_disappears_is_confirmed_listed_as_gone_and_may_return(operator: Operator) -> None:
    site = operator.site
    update(operator, "samples_gov")
    deleted = site.articles(HOST)[0]
    site.delete(deleted)
    due = {"ARCHIVE_RECHECK_DAYS": "1", "ARCHIVE_LISTING_HOURS": "1-24"}
    with operator.archive() as archive, archive._engine.begin() as connection:
        connection.exec_driver_sql("UPDATE articles SET recheck_at = checked_at")
    missed = update(operator, "samples_gov", days=1, **due)
    assert ", 1 missing" in missed.output
    assert operator.jiedu("gone").output.strip() == "no article is gone"
    confirmed = update(operator, "samples_gov", days=2, **due)
    assert ", 1 gone" in confirmed.output
    assert confirmed.status == 0
    (line,) = operator.jiedu("gone", "--json").output.splitlines()
    gone = json.loads(line)
    assert (gone["url"], gone["kind"]) == (deleted, "HTTP 404")
    assert gone["missed_at"][:10] == "2026-11-03"
    assert gone["confirmed_at"][:10] == "2026-11-04"
    site.restore(deleted)
    back = update(operator, "samples_gov", days=9, **due)
    assert ", 1 returned" in back.output
    assert operator.jiedu("gone").output.strip() == "no article is gone"
    assert "2026-11-11" in operator.jiedu("gone", "--all").output


@chiefly_sqlite
@pytest.mark.soak
def test_the_ledger_tells_what_became_of_each_url(operator: Operator) -> None:
    site = operator.site
    broken = site.articles(HOST)[0]
    update(operator, "samples_gov", "--requests", "2")  # robots.txt, a page of the listing
    site.fail(broken, 500)
    update(operator, "samples_gov", days=1)
    failed = operator.jiedu("ledger", "--portal", "samples_gov", "--state", "failed", "--json")
    (entry,) = [json.loads(line) for line in failed.output.splitlines()]
    assert (entry["url"], entry["tries"], entry["last_status"]) == (broken, 1, 500)
    assert entry["listed_title"]
    shown = operator.jiedu("ledger", "--state", "done").output
    assert site.articles(HOST)[1] in shown
    wrong = operator.jiedu("ledger", "--state", "lost")
    assert wrong.status == 2
    assert "lost is none of pending" in " ".join(wrong.errors.replace("│", "").split())


@chiefly_sqlite
def test_sites_of_a_family_are_updated_by_the_lists_they_were_crawled_with(
    operator: Operator,
) -> None:

    with operator.archive() as archive:
        for number in (1, 2):
            archive.list_urls("trs:www.example.gov.cn", f"https://www.example.gov.cn/{number}/", [])
        settings = Settings({"SPIDER_MODULES": ["spiders"]})
        chosen = choose(settings, archive, ["trs:www.example.gov.cn"])
        (site,) = chosen
        assert site.spider == "trs"
        spider = Rules(settings)._loader.load("trs")(**site.arguments)
        assert [n.url for n in spider.portal.listings] == [
            "https://www.example.gov.cn/1/",
            "https://www.example.gov.cn/2/",
        ]
        everything = {one.portal.name for one in choose(settings, archive, [])}
        assert {"people", "gov_cn", "trs:www.example.gov.cn"} <= everything
        assert not {"pbc", "nhc", "trs"} & everything
