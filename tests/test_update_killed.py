"""Updates that are killed at any moment, told to end, bounded, or started twice."""

import datetime as dt
import random
import signal
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import insert

from crawler.portal import Listing, Portal
from crawler.update.portals import Chosen, in_rows
from storage.leases import LEASE
from storage.schema import LeaseRow
from tests.backends import chiefly_sqlite
from tests.site.server import SampleSite
from tests.updating import MONDAY, Updater, asked, end, unsound

PORTALS = ("samples_gov", "samples_juhe", "samples_paper")
HOST = "zcjd.samples.example"
IN_FLIGHT = 2  # articles of a portal: one on the wire, one that came and is being kept
SMALL = pytest.param(60, 2, id="60 articles, 2 kills")
FULL = pytest.param(500, 30, id="500 articles, 30 kills", marks=pytest.mark.soak)


@pytest.fixture
def updater(archive_url: str, tmp_path: Path) -> Iterator[Updater]:
    """An operator of thirty sample articles, on each backend."""
    with SampleSite(articles=30) as site:
        yield Updater(site=site, archive_url=archive_url, folder=tmp_path)


@pytest.mark.parametrize(("articles", "kills"), [SMALL, FULL])
@chiefly_sqlite
def test_a_killed_update_loses_nothing_and_fetches_nothing_again(
    archive_url: str, tmp_path: Path, articles: int, kills: int
) -> None:
    chance = random.Random(articles)
    mid_run = 0
    with SampleSite(articles=articles) as site:
        updater = Updater(site=site, archive_url=archive_url, folder=tmp_path)
        done = 0
        for _ in range(kills):
            # A moment in the middle of the work: after some requests more have gone out.
            process = updater.begin("-s", "DOWNLOAD_DELAY=0.03")
            seen, wanted = len(site.requests), chance.randint(1, max(2, 2 * articles // kills))
            deadline = time.monotonic() + 60
            while process.poll() is None and len(site.requests) < seen + wanted:
                assert time.monotonic() < deadline
                time.sleep(0.005)
            time.sleep(chance.uniform(0, 0.05))
            end(process)
            with updater.archive() as archive:
                done = archive.counts()["articles"]
            mid_run += done < articles
        assert mid_run  # at least one of them hit an update that had work left
        last = updater.update()
        assert last.status == 0, last.output + last.errors
        with updater.archive() as archive:
            assert unsound(archive, site) == []
            assert archive.leases() == []
            outcomes = {crawl.outcome for crawl in archive.crawls()}
            assert outcomes <= {"killed", "finished"}
            assert "killed" in outcomes
        again = asked(site)
        assert max(again.values()) <= 1 + mid_run
        twice = sum(count - 1 for count in again.values())
        assert twice <= IN_FLIGHT * len(PORTALS) * mid_run
        checked = updater.jiedu("check")
        assert checked.status == 0, checked.output + checked.errors


@chiefly_sqlite
def test_two_updates_at_once_share_the_portals_and_fetch_nothing_twice(updater: Updater) -> None:
    site = updater.site
    first = updater.begin("samples_gov", "-s", "DOWNLOAD_DELAY=1.5")  # while others begin and end
    while not any(r.path.startswith("/jiedu/") for r in list(site.requests)):
        time.sleep(0.01)
    busy = updater.update("samples_gov")
    assert busy.status == 75
    assert f"samples_gov: busy: process {first.pid} on " in busy.output
    crawled = updater.crawl("samples_gov")
    assert crawled.status == 75
    others = updater.update()
    assert others.status == 0
    assert "samples_gov: busy" in others.output
    assert f"samples_paper: {len(site.articles('paper.samples.example'))} listed" in others.output
    output, errors = first.communicate(timeout=60)
    assert first.returncode == 0, output + errors
    assert set(asked(site).values()) == {1}
    with updater.archive() as archive:
        assert unsound(archive, site) == []


@chiefly_sqlite
def test_a_dead_process_holds_nothing_and_another_machine_holds_for_minutes(
    updater: Updater,
) -> None:
    process = updater.begin("samples_gov", "-s", "DOWNLOAD_DELAY=0.2")
    while not updater.site.requests:
        time.sleep(0.01)
    end(process)
    assert updater.update("samples_gov").status == 0  # at once
    row = {
        "portal": "samples_gov",
        "token": uuid.uuid4(),
        "node": "elsewhere",
        "process": 1,
        "process_began": 1.0,
        "taken_at": MONDAY,
        "renewed_at": MONDAY + dt.timedelta(days=1),
    }
    with updater.archive() as archive, archive._engine.begin() as connection:
        connection.execute(insert(LeaseRow).values(row))
    within = LEASE / dt.timedelta(days=1) / 2
    assert updater.update("samples_gov", days=1 + within).status == 75
    assert updater.update("samples_gov", days=1 + 3 * within).status == 0


@pytest.mark.parametrize("hangs", [False, True])
@chiefly_sqlite
def test_sigterm_ends_an_update_within_ten_seconds(updater: Updater, hangs: bool) -> None:
    site = updater.site
    if hangs:
        site.slow(site.articles(HOST)[2], 15)  # more than the ten that are allowed
    process = updater.begin("samples_gov", "-s", "DOWNLOAD_DELAY=0.1")
    while len(asked(site)) < (2 if hangs else 3) and process.poll() is None:
        time.sleep(0.01)
    time.sleep(0.3)
    began = time.monotonic()
    output, errors = end(process, signal.SIGTERM)
    assert time.monotonic() - began < 10
    assert process.returncode == 0, output + errors
    assert "samples_gov: " in output
    assert "ended early: terminated" in output
    with updater.archive() as archive:
        whole, part = archive.crawls()
        assert (whole.outcome, part.outcome) == ("terminated", "terminated")
        assert part.counts["new"] == archive.counts()["articles"] >= 1
        assert archive.leases() == []
    before = asked(site)
    site.recover(site.articles(HOST)[2])
    assert updater.update().status == 0
    with updater.archive() as archive:
        assert unsound(archive, site) == []
    again = [url for url, count in asked(site).items() if count > 1]
    assert len(again) <= (1 if hangs else 0)
    assert set(again) <= set(before)


@chiefly_sqlite
def test_requests_and_minutes_bound_an_update_and_the_next_goes_on(updater: Updater) -> None:
    site = updater.site
    said = updater.update("--requests", "12")
    assert len(site.requests) == 12
    assert said.status == 0
    assert "12 requests, ended early: its requests are spent" in said.output
    timed = updater.update("--minutes", "0.01", "-s", "DOWNLOAD_DELAY=2")
    assert "time is up" in timed.output
    with updater.archive() as archive:
        row = archive.last_update()
        assert row is not None
        assert row.finished_at is not None
        assert (row.finished_at - row.started_at).total_seconds() < 15  # 18 requests wait 36 s
    assert updater.update().status == 0
    with updater.archive() as archive:
        assert unsound(archive, site) == []


@chiefly_sqlite
@pytest.mark.soak
def test_a_small_budget_reaches_the_articles_all_the_same(updater: Updater) -> None:
    counts = []
    for _ in range(3):
        assert updater.update("samples_juhe", "--requests", "4").status == 0
        with updater.archive() as archive:
            counts.append(archive.counts()["articles"])
    assert 0 < counts[0] < counts[-1]
    assert updater.update("samples_juhe").status == 0
    with updater.archive() as archive:
        known = {article.url for article in archive.articles("samples_juhe")}
    assert known == set(updater.site.articles("juhe.samples.example"))


@chiefly_sqlite
def test_listings_come_first_then_new_articles_doubts_and_rechecks(updater: Updater) -> None:
    site = updater.site
    known = site.articles(HOST)[:4]
    updater.update("samples_gov")
    new = site.articles(HOST)[5]
    with updater.archive() as archive, archive._engine.begin() as connection:
        set_due = "UPDATE articles SET recheck_at = checked_at, is_doubtful = {} WHERE url IN ({})"
        quoted = [f"'{url}'" for url in known]
        connection.exec_driver_sql(set_due.format("false", ", ".join(quoted)))
        connection.exec_driver_sql(set_due.format("true", quoted[2]))
        connection.exec_driver_sql(
            "UPDATE ledger SET state = 'pending', article_id = NULL, done_at = NULL"
            f" WHERE url = '{new}'"
        )
    site.requests.clear()
    assert updater.update("samples_gov", days=1).status == 0
    paths = [request.path for request in site.requests if request.path != "/robots.txt"]
    assert "/jiedu/index" in paths[0]
    order = [url for url in (f"https://{HOST}{path}" for path in paths[1:]) if "/t2" in url]
    firsts = [url for url in order if url in (*known, new)]
    assert firsts[:2] == [new, known[2]]
    assert set(firsts[2:]) == {known[0], known[1], known[3]}


@chiefly_sqlite
@pytest.mark.soak
def test_a_clock_set_back_loses_no_edit_and_is_said(updater: Updater) -> None:
    site = updater.site
    edited = site.articles(HOST)[0]
    updater.update("samples_gov", days=3)
    site.edit(edited)
    with updater.archive() as archive, archive._engine.begin() as connection:
        connection.exec_driver_sql("UPDATE articles SET recheck_at = first_seen_at")
    back = updater.update("samples_gov", days=2, ARCHIVE_RECHECK_DAYS="1")
    assert back.status == 1
    assert "set the clock right" in back.output
    with updater.archive() as archive, archive._engine.begin() as connection:
        connection.exec_driver_sql("UPDATE articles SET recheck_at = '2026-11-03 00:00:00+00:00'")
    back = updater.update("samples_gov", days=2.5)
    assert ", 1 changed" in back.output
    right = updater.update("samples_gov", days=5)
    assert right.status == 0, right.output
    with updater.archive() as archive:
        assert [version.number for version in archive.versions(edited)] == [1, 2]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--minutes", "soon"), "--minutes soon: give a number above 0"),
        (("--requests", "0"), "--requests 0: give a number above 0"),
        (("sample_gov",), "unknown portal 'sample_gov'; did you mean samples_gov"),
        (("trs:www.example.gov.cn",), "has never been crawled"),
    ],
)
def test_wrong_usage_is_one_line_and_status_2(
    updater: Updater, arguments: tuple[str, ...], said: str
) -> None:
    wrong = updater.update(*arguments)
    assert wrong.status == 2
    assert said in wrong.errors


def test_portals_that_share_a_host_take_turns() -> None:
    def chosen(name: str, *hosts: str) -> Chosen:
        listing = Listing(f"http://{hosts[0].lstrip('.')}/")
        portal = Portal(name=name, title=name, hosts=hosts, article_url=".", listings=(listing,))
        return Chosen(portal=portal, spider=name)

    rows = in_rows(
        [
            chosen("a", "www.a.cn"),
            chosen("b", "www.b.cn"),
            chosen("c", ".a.cn"),
            chosen("d", "www.d.cn", "www.b.cn"),
            chosen("e", "www.e.cn"),
        ]
    )
    assert sorted([[one.portal.name for one in row] for row in rows]) == [
        ["a", "c"],
        ["b", "d"],
        ["e"],
    ]
