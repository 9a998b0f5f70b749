"""Politeness as the portal sees it: every assertion is on what its server recorded."""

import datetime as dt
import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from crawler.quiet_hours import QuietHours
from crawler.settings import EXTENSIONS
from storage import SHANGHAI, Archive
from tests.crawling import Operator
from tests.site.server import Answer, SampleSite

GOV = "zcjd.samples.example"
DELAY = 0.4
TOLERANCE = 0.15  # between the client's clock and the time a loaded server takes to notice
WINDOW = 5  # requests over which that tolerance is small beside the delays between them


class WatchfulSite(SampleSite):
    """Records when each answer is begun, and how many are being given at once on each host."""

    def __init__(self) -> None:
        super().__init__(articles=15, conditional=True)
        self.began: list[tuple[float, str]] = []
        self.most_at_once: Counter[str] = Counter()
        self._now: Counter[str] = Counter()
        self._watch = threading.Lock()

    def answer(self, host: str, path: str, headers: dict[str, str]) -> Answer:
        with self._watch:
            self.began.append((time.monotonic(), path))
            self._now[host] += 1
            self.most_at_once[host] = max(self.most_at_once[host], self._now[host])
        time.sleep(0.03)  # long enough for a second request to be noticed
        try:
            return super().answer(host, path, headers)
        finally:
            with self._watch:
                self._now[host] -= 1

    def gaps(self) -> list[float]:
        return [after - before for (before, _), (after, _) in pairwise(self.began)]

    def keeps(self, delay: float) -> bool:
        """Whether no two requests in a row, and no few, came faster than with this delay."""
        times = [began for began, _ in self.began]
        spans = [
            (times[end] - times[start], (end - start) * delay)
            for start in range(len(times))
            for end in range(start + 1, min(start + WINDOW, len(times)))
        ]
        return bool(spans) and all(span > least - TOLERANCE for span, least in spans)


@pytest.fixture
def site() -> Iterator[WatchfulSite]:
    with WatchfulSite() as running:
        yield running


@pytest.fixture
def operator(site: WatchfulSite, tmp_path: Path) -> Operator:
    return Operator(site=site, archive_url=f"sqlite:///{tmp_path / 'archive.db'}", folder=tmp_path)


def test_the_portals_own_record_shows_a_polite_crawler(
    operator: Operator, site: WatchfulSite
) -> None:
    forbidden = site.articles(GOV)[-1]
    folder = forbidden.partition(GOV)[2].rpartition("/")[0]
    site.robots(GOV, f"User-agent: *\nDisallow: {folder}/\nCrawl-delay: {DELAY}\n")
    single = [u for u in site.articles(GOV) if u != forbidden and len(site.pages(u)) == 1]
    failing, moving, *_ = single
    site.fail(failing, 500, times=2)
    site.move(moving)
    impatient = ("-s", "AUTOTHROTTLE_ENABLED=1", "-s", "AUTOTHROTTLE_START_DELAY=0.01")
    crawled = operator.crawl("samples_gov", *impatient)
    assert "Forbidden by robots.txt" in crawled.output
    first = list(site.requests)
    assert Counter(r.status for r in first) >= Counter({500: 2, 301: 1, 200: 6})
    operator.crawl("samples_gov", *impatient)
    second = site.requests[len(first) :]

    # one at a time, never faster than the declared delay: retries, redirects, page 2 and all
    assert site.most_at_once == Counter({GOV: 1})
    assert site.keeps(DELAY), site.gaps()
    # robots.txt first and once a crawl; what it forbids is never asked for
    assert [r.path for r in (first[0], second[0])] == ["/robots.txt"] * 2
    assert Counter(r.path for r in site.requests)["/robots.txt"] == 2
    assert not [r.path for r in site.requests if r.path.startswith(folder)]
    # who is asking, in every request
    agents = {r.header("User-Agent") for r in site.requests}
    assert len(agents) == 1
    assert "jiedu/" in str(agents)
    assert "webmaster@samples.example" in str(agents)
    # no address twice in a crawl, but for what failed; known articles conditionally
    asked = Counter(r.path for r in second)
    assert max(asked.values()) == 1
    known = [r for r in second if any(u.endswith(r.path) for u in single)]
    assert known
    assert all(r.header("If-None-Match") for r in known if r.status != 301)
    assert {r.status for r in known} <= {304, 301}


@pytest.mark.parametrize(
    ("rules", "least"),
    [
        ("User-agent: *\nCrawl-delay: 30\n\nUser-agent: jiedu\nCrawl-delay: 0.3\n", 0.3),
        ("User-agent: *\nRequest-rate: 2/1\n", 0.5),
        ("User-agent: archive\nCrawl-delay: 30\n\nUser-agent: *\nCrawl-delay: 0.3\n", 0.3),
    ],
)
def test_the_group_for_this_crawler_decides(
    operator: Operator, site: WatchfulSite, rules: str, least: float
) -> None:
    site.robots(GOV, rules)
    crawled = operator.crawl("samples_gov", "-a", "pages=1")
    assert crawled.status == 0, crawled.output + crawled.errors
    assert site.keeps(least), site.gaps()
    assert max(site.gaps()) < 5


# -- quiet hours ----------------------------------------------------------------------------------


def at(clock: str) -> dt.datetime:
    return dt.datetime.fromisoformat(f"2026-03-02T{clock}+08:00")


def test_quiet_hours_are_read_by_the_clock_in_shanghai() -> None:
    hours = QuietHours.parse("08:00-12:00, 22:30-06:00")
    quiet = ["08:00:00", "11:59:59", "22:30:00", "23:59:59", "00:00:00", "05:59:59"]
    busy = ["07:59:59", "12:00:00", "22:29:59", "06:00:00"]
    assert [hours.covers(at(clock)) for clock in quiet] == [True] * len(quiet)
    assert [hours.covers(at(clock)) for clock in busy] == [False] * len(busy)
    assert hours.covers(at("08:00:00").astimezone(dt.UTC))
    assert hours.seconds_until(at("07:59:00")) == 60
    assert hours.seconds_until(at("09:00:00")) == 0
    assert hours.seconds_until(at("12:00:00")) == 10.5 * 3600
    assert QuietHours.parse("").seconds_until(at("09:00:00")) is None
    assert QuietHours.parse("18:00-24:00").covers(at("23:59:59"))


@pytest.mark.parametrize("text", ["8", "08:00", "08:00-25:00", "24:30-08:00", "08:00-08:00", "x-y"])
def test_wrong_quiet_hours_are_one_line(operator: Operator, text: str) -> None:
    with pytest.raises(ValueError, match="ARCHIVE_QUIET_HOURS"):
        QuietHours.parse(text)
    if text == "8":
        crawled = operator.scrapy("crawl", "samples_gov", ARCHIVE_QUIET_HOURS=text)
        assert crawled.status == 2
        assert "write 08:00-18:00" in crawled.errors


def test_no_crawl_starts_in_quiet_hours_unless_forced(
    operator: Operator, site: WatchfulSite
) -> None:
    log = ("--logfile", str(operator.folder / "log"), "-a", "pages=1")
    always = {"ARCHIVE_QUIET_HOURS": "00:00-24:00"}
    crawled = operator.scrapy("crawl", "samples_gov", *log, **always)
    assert crawled.status == 75
    assert "quiet hours" in crawled.output
    assert site.requests == []
    crawled = operator.scrapy("crawl", "samples_gov", "--force", *log, **always)
    assert crawled.status == 0
    assert site.requests


@pytest.mark.soak
def test_a_running_crawl_stops_when_quiet_hours_begin(
    operator: Operator, site: WatchfulSite
) -> None:
    site.robots(GOV, "User-agent: *\nCrawl-delay: 0.6\n")
    shipped = {name: order for name, order in EXTENSIONS.items() if "quiet" not in name}
    extensions = json.dumps(shipped | {"tests.quiet_clock.NearlyQuiet": 0})
    later = dt.datetime.now(SHANGHAI) + dt.timedelta(hours=6)
    hours = f"{later:%H:%M}-{later + dt.timedelta(hours=1):%H:%M}"
    crawled = operator.scrapy(
        "crawl", "samples_gov", "-s", f"EXTENSIONS={extensions}",
        "--logfile", str(operator.folder / "log"), ARCHIVE_QUIET_HOURS=hours,
    )  # fmt: skip
    assert crawled.status == 0, crawled.output + crawled.errors
    assert "quiet hours have begun" in crawled.output
    count = len(site.requests)
    assert 2 <= count <= 6  # two seconds at 0.6 s each, and no other was sent
    with operator.archive() as archive:
        (crawl,) = archive.crawls()
        assert crawl.outcome == "quiet hours"
        assert crawl.finished_at is not None
        assert crawl.counts["listed"] == len(archive.pending_urls("samples_gov")) + done(archive)
    crawled = operator.crawl("samples_gov")
    assert crawled.status == 0
    with operator.archive() as archive:
        assert done(archive) == len(site.articles(GOV))


def done(archive: Archive) -> int:
    return archive.counts()["articles"]


def test_a_portal_that_named_a_time_is_not_asked_before(
    operator: Operator, site: WatchfulSite
) -> None:
    site.fail(site.listings(GOV)[0], 429, retry_after=3600)
    assert operator.crawl("samples_gov").status == 1
    count = len(site.requests)
    site.recover(site.listings(GOV)[0])
    crawled = operator.crawl("samples_gov")
    assert crawled.status == 75
    assert "asked not to be asked before" in crawled.output
    assert len(site.requests) == count
    assert operator.crawl("samples_gov", "--force", "-a", "pages=1").status == 0
