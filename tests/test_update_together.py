"""Updates that meet other processes, live or dead: leases taken, kept, left behind and lost."""

import datetime as dt
import os
import random
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from sqlalchemy import select, update

from storage import Archive
from storage.schema import ArticleRow, LeaseRow
from tests.backends import chiefly_sqlite
from tests.commands import ROOT
from tests.site.server import SampleSite
from tests.updating import MONDAY, Updater, asked, end, unsound

HOST, OTHER_HOST = "zcjd.samples.example", "paper.samples.example"
SMALL = pytest.param(15, 2, id="2 kills")
FULL = pytest.param(300, 30, id="30 kills", marks=pytest.mark.soak)
# `scrapy`, but it renews its leases, and so learns of a lost one, five times a second.
EAGER = (
    "import crawler.process as p; p.RENEW_SECONDS = 0.2; import scrapy.cmdline as c; c.execute()"
)


@pytest.fixture
def site() -> Iterator[SampleSite]:
    with SampleSite(articles=15) as running:
        yield running


@pytest.fixture
def updater(site: SampleSite, archive_url: str, tmp_path: Path) -> Updater:
    return Updater(site=site, archive_url=archive_url, folder=tmp_path)


@pytest.fixture
def sqlite_updater(site: SampleSite, tmp_path: Path) -> Updater:
    return Updater(site=site, archive_url=f"sqlite:///{tmp_path / 'archive.db'}", folder=tmp_path)


def wait(condition: Callable[[], object], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it never came to that"
        time.sleep(0.01)


def lease_rows(archive: Archive) -> list[str]:
    """All rows, those of dead processes too."""
    with archive._engine.connect() as connection:
        return list(connection.scalars(select(LeaseRow.portal)))


@pytest.mark.parametrize(("articles", "kills"), [SMALL, FULL])
@chiefly_sqlite
def test_an_update_may_be_killed_at_any_moment_also_while_it_starts(
    unmade_url: str, tmp_path: Path, articles: int, kills: int
) -> None:
    """By the watch, not after so many requests: also while the archive itself is being made."""
    chance, starting, working = random.Random(kills), 0, 0
    with SampleSite(articles=articles) as site:
        updater = Updater(site=site, archive_url=unmade_url, folder=tmp_path)
        for number in range(kills):
            before = len(site.requests)
            process = updater.begin("-s", "DOWNLOAD_DELAY=0.3")
            if number % 2:
                wait(lambda before=before: len(site.requests) > before)
            time.sleep(chance.uniform(0.1, 1.3) if number % 2 else chance.uniform(0.02, 0.4))
            end(process)
            assert process.returncode == -signal.SIGKILL  # it had work left
            starting += len(site.requests) == before
            working += len(site.requests) > before
        last = updater.update()
        assert last.status == 0, last.output + last.errors
        with updater.archive() as archive:
            assert unsound(archive, site) == []
            assert lease_rows(archive) == []
            runs = archive.crawls()
            assert {crawl.outcome for crawl in runs} <= {"killed", "finished"}
            assert all(crawl.finished_at for crawl in runs)
        again = asked(site)
        for host in site.hosts:  # the one article request of a portal that a kill cut off
            assert sum(again[url] - 1 for url in site.articles(host)) <= working
        assert starting
        assert working
        checked = updater.jiedu("check")
        assert checked.status == 0, checked.output + checked.errors


def test_of_updates_and_crawls_begun_in_the_same_instant_one_works(updater: Updater) -> None:
    site = updater.site
    site.slow(f"https://{HOST}/robots.txt", 5)  # the others have asked before one is done
    with ThreadPoolExecutor() as pool:
        begun = [pool.submit(updater.update, "samples_gov") for _ in range(2)]
        begun.append(pool.submit(updater.crawl, "samples_gov"))
    said = [future.result() for future in begun]
    assert sorted(one.status for one in said) == [0, 75, 75], said
    lines = [one.output for one in said if one.status == 75]
    named = [re.search(r"^samples_gov: .*process (\d+) on .* works on it since", t) for t in lines]
    assert len({found and found[1] for found in named}) == 1  # both name the one that works
    assert all(named), lines
    assert set(asked(site).values()) == {1}
    assert len(asked(site)) == len(site.articles(HOST))
    with updater.archive() as archive:
        assert [c.outcome for c in archive.crawls() if c.portal] == ["finished"]
        assert lease_rows(archive) == []


@chiefly_sqlite
@pytest.mark.soak
def test_a_lease_lost_in_mid_run_ends_that_portal_and_no_other(updater: Updater) -> None:
    """As when a machine slept and another one took over: the sleeper must not go on."""
    site = updater.site
    process = spawn(updater, "-c", EAGER, "update", "-s", "DOWNLOAD_DELAY=0.3")
    wait(lambda: any(url.startswith(f"https://{HOST}") for url in asked(site)))
    with Archive.open(updater.archive_url, warc=updater.folder / "warc") as thief:
        stolen = {"token": thief._token, "process": os.getpid(), "node": "elsewhere"}
        stolen["renewed_at"] = MONDAY + dt.timedelta(days=1)
        with thief._engine.begin() as connection:
            here = LeaseRow.portal == "samples_gov"
            connection.execute(update(LeaseRow).where(here).values(stolen))
        output, errors = process.communicate(timeout=60)
        assert process.returncode == 1, output + errors
        assert "look: another process has taken over samples_gov" in output
        assert lease_rows(thief) == ["samples_gov"]  # it is the thief's
        assert thief.renew_leases() == {"samples_gov"}
        outcomes = {crawl.portal: crawl.outcome for crawl in thief.crawls()}
        assert outcomes["samples_gov"] == "lease lost"
        assert outcomes["samples_paper"] == outcomes["samples_juhe"] == "finished"
        got = len(list(thief.articles("samples_gov")))
        assert got < len(site.articles(HOST))
        assert len(list(thief.articles("samples_paper"))) == len(site.articles(OTHER_HOST))
        thief.release_lease("samples_gov")
    assert updater.update().status == 0
    with updater.archive() as archive:
        assert unsound(archive, site) == []
    assert set(asked(site).values()) == {1}


def test_a_portal_somebody_works_on_is_left_out_and_the_others_are_updated(
    sqlite_updater: Updater,
) -> None:
    with Archive.open(sqlite_updater.archive_url, create=True) as holder:
        assert holder.take_lease("samples_gov") is None
        said = sqlite_updater.update("samples_gov", "samples_paper")
        assert said.status == 0
        assert f"samples_gov: busy: process {os.getpid()} on " in said.output
        count = len(sqlite_updater.site.articles(OTHER_HOST))
        assert f"samples_paper: {count} listed, {count} new" in said.output
        assert not [r for r in sqlite_updater.site.requests if r.host == HOST]
        assert lease_rows(holder) == ["samples_gov"]


@pytest.mark.soak
def test_the_most_overdue_are_asked_for_first_and_the_rest_by_the_next_update(
    sqlite_updater: Updater,
) -> None:
    site, urls = sqlite_updater.site, sqlite_updater.site.articles(OTHER_HOST)
    sqlite_updater.update("samples_paper")
    overdue = random.Random(5).sample(urls, len(urls))
    with sqlite_updater.archive() as archive, archive._engine.begin() as connection:
        for hours, url in enumerate(overdue):
            at = MONDAY + dt.timedelta(hours=hours)
            here = ArticleRow.url == url
            connection.execute(update(ArticleRow).where(here).values(recheck_at=at))
    known = {urlsplit(url).path: url for url in urls}
    firsts: list[str] = []
    for arguments in (("--requests", "4"), ()):
        site.requests.clear()
        assert sqlite_updater.update("samples_paper", *arguments, days=1).status == 0
        firsts += [known[r.path] for r in site.requests if r.path in known]
        if arguments:
            assert [r.path for r in site.requests[:2]] == ["/robots.txt", "/GB/1024/index.html"]
            assert len(site.requests) == 4
    assert firsts == overdue  # each once


def spawn(updater: Updater, *arguments: str) -> subprocess.Popen[str]:
    """Python with an operator's environment."""
    environment = updater.environment() | {"JIEDU_CLOCK": MONDAY.isoformat()}
    return subprocess.Popen(
        [sys.executable, *arguments, "--logfile", str(updater.folder / "spawned.log")],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
