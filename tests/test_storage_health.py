"""Health: alarms come soon when something broke, and not when nothing did."""

import datetime as dt
import json
import random
import sys
from dataclasses import replace

import pytest
from sqlalchemy import insert, update

from storage import SHANGHAI, Archive, HealthWarning, Listed
from storage.cli.app import main
from storage.health.drift import find_jump, find_shrink
from storage.health.reading import backlog_warning
from storage.health.workdays import is_working_day, office_days, working_days_between
from storage.schema import CrawlRow, LedgerRow
from tests.portal_histories import at, by_chance, days, droughts, each_working_day, readings
from tests.records import article, capture

DAY, HOUR = dt.timedelta(days=1), dt.timedelta(hours=1)
SPRING, AUTUMN = dt.date(2026, 1, 5), dt.date(2026, 8, 3)
DAILY_HOURS = [(2,), (8,), (12,), (20,)]
HOURLY = tuple(range(24))


# -- working days ---------------------------------------------------------------------------------


def test_working_days_are_those_of_the_state_council() -> None:
    free = ["2026-01-02", "2026-02-23", "2026-10-01", "2026-10-07", "2026-10-11"]
    worked = ["2026-02-14", "2026-02-28", "2026-10-08", "2026-10-10"]  # 调休: three are Saturdays
    assert not any(is_working_day(dt.date.fromisoformat(day)) for day in free)
    assert all(is_working_day(dt.date.fromisoformat(day)) for day in worked)


def test_a_year_the_library_does_not_know_has_its_long_weeks() -> None:
    assert not any(is_working_day(day) for day in days(dt.date(2032, 10, 1), dt.date(2032, 10, 7)))
    assert is_working_day(dt.date(2032, 10, 8))
    eve = dt.date(2032, 2, 10)
    assert not any(is_working_day(day) for day in days(eve, eve + 6 * DAY))
    assert is_working_day(eve - DAY)


def test_time_counts_in_office_hours_only() -> None:
    friday, monday = dt.date(2026, 3, 6), dt.date(2026, 3, 9)
    assert office_days(at(friday, 13), at(monday, 9)) == pytest.approx(0.6)
    assert office_days(at(friday, 20), at(monday, 8)) == 0
    assert office_days(at(friday, 8), at(monday, 8)) == 1
    assert office_days(at(monday, 6), at(friday, 18)) == 0


def test_days_off_do_not_count() -> None:
    assert working_days_between(dt.date(2026, 3, 6), dt.date(2026, 3, 9)) == 1
    assert working_days_between(dt.date(2026, 9, 30), dt.date(2026, 10, 9)) == 2


# -- nothing new ----------------------------------------------------------------------------------


@pytest.mark.parametrize("hours", [*DAILY_HOURS, HOURLY])
@pytest.mark.parametrize("published_at", [10, 15])
def test_a_portal_that_publishes_each_working_day_never_alarms_on_days_off(
    hours: tuple[float, ...], published_at: float
) -> None:
    first, last = dt.date(2025, 11, 3), dt.date(2026, 10, 31)  # Spring Festival, National Day
    published = each_working_day(first, last, published_at)
    read = readings(first, last, hours if len(hours) < 24 else (0, 6, 9, 12, 16, 20))
    assert droughts(published, read, first) == []


@pytest.mark.parametrize("hours", DAILY_HOURS)
@pytest.mark.parametrize("published_at", [10, 15])
def test_its_drying_up_is_told_by_the_second_run_that_should_have_brought_something(
    hours: tuple[float, ...], published_at: float
) -> None:
    first = dt.date(2026, 3, 2)
    for dry_from in days(dt.date(2026, 4, 13), dt.date(2026, 4, 17)):
        published = [
            moment
            for moment in each_working_day(first, dt.date(2026, 6, 1), published_at)
            if moment.date() < dry_from
        ]
        expected = [
            moment for moment in each_working_day(dry_from, dt.date(2026, 5, 1), published_at)
        ]
        read = readings(first, dt.date(2026, 5, 1), hours)
        missed = [next(m for m in read if m >= moment) for moment in expected[:2]]
        (begun, drought), *more = droughts(published, read, first)
        assert missed[0] < begun <= missed[1]
        assert not more
        assert drought.since == next(moment for moment in read if moment >= published[-1])
        assert 1.25 <= drought.gap < 2.5


def test_hourly_runs_tell_it_on_the_second_working_day_without_news() -> None:
    first, dry_from = dt.date(2026, 3, 2), dt.date(2026, 4, 15)  # a Wednesday
    published = each_working_day(first, dry_from - DAY)
    ((begun, _),) = droughts(published, readings(first, dry_from + 9 * DAY, HOURLY), first)
    assert at(dry_from + DAY, 12) <= begun <= at(dry_from + DAY, 18)


def test_a_run_that_comes_a_little_early_tells_it_too() -> None:
    first, last = dt.date(2026, 3, 2), dt.date(2026, 4, 14)
    read = [*readings(first, last, (8.6,)), *readings(last + DAY, last + 3 * DAY, (8,))]
    ((begun, _),) = droughts(each_working_day(first, last - DAY), read, first)
    assert begun.date() == last + 2 * DAY


def test_a_portal_that_publishes_twice_a_week_is_given_its_time() -> None:
    first, dry_from = dt.date(2026, 3, 2), dt.date(2026, 6, 29)
    published = [
        moment
        for moment in each_working_day(first, dt.date(2026, 8, 1))
        if moment.weekday() in (1, 3)
    ]
    whole = readings(first, dt.date(2026, 8, 1), (20,))
    assert droughts(published, whole, first) == []
    before = [moment for moment in published if moment.date() < dry_from]
    ((begun, drought),) = droughts(before, whole, first)
    assert dt.date(2026, 7, 3) < begun.date() <= dt.date(2026, 7, 10)
    assert drought.longest >= 3


def test_a_portal_that_publishes_on_weekends_too_is_no_exception() -> None:
    first, dry_from = dt.date(2026, 3, 2), dt.date(2026, 6, 1)  # a Monday
    published = [at(day, 7) for day in days(first, dry_from - DAY)]
    ((begun, _),) = droughts(published, readings(first, dry_from + 9 * DAY, (8,)), first)
    assert begun.date() <= dry_from + 2 * DAY


def test_too_little_history_says_nothing() -> None:
    first = dt.date(2026, 3, 2)
    for count, is_told in ((8, False), (9, True)):  # eight gaps have nine ends
        published = each_working_day(first, dt.date(2026, 4, 30))[:count]
        found = droughts(published, readings(first, dt.date(2026, 4, 30), (20,)), first)
        assert bool(found) is is_told


@pytest.mark.parametrize("rate", [0.3, 0.6, 1, 2, 3, 5, 8])
def test_articles_that_come_by_chance_hardly_ever_alarm(rate: float) -> None:
    """Over 150 simulated years a rate and rhythm of runs: CONTRIBUTING states the figures."""
    first = dt.date(2025, 1, 1)
    alarms = 0
    for seed in range(4):
        published = by_chance(first, dt.date(2026, 5, 31), rate, seed)
        read = readings(first, dt.date(2026, 5, 31), (8,))
        alarms += len(droughts(published, read, dt.date(2025, 6, 1)))
    assert alarms <= 1


# -- shares, lengths, backlog ---------------------------------------------------------------------


def test_a_redesign_is_told_at_two_pages() -> None:
    usual = [(0, 2)] * 20
    assert find_jump([*usual, (1, 1)], 2) is None
    jump = find_jump([*usual, (1, 1), (1, 1)], 2)
    assert jump
    assert (jump.first, jump.part, jump.whole, jump.now, jump.usual) == (20, 2, 2, 1, 0)
    assert find_jump([*usual, (3, 3)], 2)
    assert find_jump([*usual, (3, 3), (0, 0), (0, 0)], 2)  # no page says that it is over
    assert find_jump([*usual, (3, 3), (0, 2)], 2) is None  # these do
    assert find_jump([*usual, (3, 3), *[(2, 2)] * 15, (9, 10)], 2)


def test_a_share_needs_eight_earlier_runs_and_half_of_the_pages() -> None:
    assert find_jump([*[(0, 9)] * 7, (9, 9)], 2) is None
    assert find_jump([*[(0, 9)] * 8, (9, 9)], 2)
    assert find_jump([*[(0, 9)] * 20, (4, 9)], 2) is None


def test_a_share_that_was_always_high_or_drifts_slowly_is_none() -> None:
    assert find_jump([(9, 10)] * 30, 2) is None
    assert find_jump([(n // 4, 10) for n in range(41)], 2) is None


def test_a_first_load_of_old_templates_hides_no_redesign() -> None:
    assert find_jump([(300, 1000), *[(0, 3)] * 12, (4, 4)], 2)


@pytest.mark.parametrize("rate", [0.01, 0.05, 0.2, 0.4])
def test_pages_that_lack_something_by_chance_hardly_ever_alarm(rate: float) -> None:
    alarms, was_bad, years = 0, False, 10
    for seed in range(years):
        chance, runs = random.Random(seed), []
        for _ in range(250):
            pages = chance.choice((0, 1, 1, 2, 4))
            runs.append((sum(chance.random() < rate for _ in range(pages)), pages))
            is_bad = find_jump(runs[-200:], 3) is not None
            alarms += is_bad and not was_bad
            was_bad = is_bad
    assert alarms <= years * 0.3


def test_texts_that_shrink_are_told() -> None:
    chance = random.Random(1)
    usual = [(4, chance.lognormvariate(7.3, 0.3)) for _ in range(20)]
    jump = find_shrink([*usual, (3, 90.0)])
    assert jump
    assert (jump.first, jump.whole, jump.now) == (20, 3, 90)
    assert 1000 < jump.usual < 2200
    assert find_shrink([*usual, (1, 90.0), (1, 95.0)]) is None  # with one of before: no three
    assert find_shrink([*usual, (1, 90.0), (1, 95.0), (1, 80.0)])
    assert find_shrink([*usual, (3, 0.0)])
    assert find_shrink([*usual, (3, 1000.0)]) is None
    assert find_shrink([*usual[:7], (3, 90.0)]) is None
    assert find_shrink([(4, 1500 * 0.97**n) for n in range(60)]) is None  # slowly, to a sixth


@pytest.mark.parametrize("spread", [0.3, 0.8, 1.2])
def test_lengths_of_all_kinds_hardly_ever_alarm(spread: float) -> None:
    alarms, years = 0, 4
    for seed in range(years):
        chance = random.Random(seed)
        runs = [(1, chance.lognormvariate(7, spread)) for _ in range(350)]
        alarms += sum(find_shrink(runs[n - 100 : n]) is not None for n in range(100, 350))
    assert alarms <= years


def test_a_backlog_that_grows_for_eight_runs_is_told(archive: Archive) -> None:
    def told(*backlog: float | None) -> HealthWarning | None:
        fill(archive, [{"backlog_days": value} for value in backlog])
        return backlog_warning("example", archive.health("example").runs)

    assert told(*range(9))
    assert told(*range(8), 7) is None
    assert told(*range(4), None, *range(5, 10)) is None
    warning = told(*range(20))
    assert warning
    assert warning.figures == {"before": 11, "now": 19}


# -- in the archive -------------------------------------------------------------------------------

NOON = dt.datetime(2026, 3, 2, 12, tzinfo=SHANGHAI)
Counts = dict[str, object]


def fill(archive: Archive, runs: list[Counts], begin: dt.datetime = NOON) -> list[int]:
    """One finished run a day with these counts; their numbers."""
    ids = []
    for number, counts in enumerate(runs):
        moment = begin + number * DAY
        with archive._engine.begin() as connection:
            query = insert(CrawlRow).returning(CrawlRow.id)
            values = {
                "command": "crawl", "portal": "example", "release": "1", "started_at": moment,
                "finished_at": moment + HOUR, "outcome": "finished", "counts": counts,
            }  # fmt: skip
            ids.append(connection.execute(query.values(values)).scalar_one())
    return ids


def pages(read: int, **of_these: object) -> Counts:
    counts = {"pages": read, "generic": 0, "without_date": 0, "without_source": 0}
    return {"listed": 9, "listings_read": 1, "fresh": counts | of_these}


def only(archive: Archive) -> HealthWarning:
    (warning,) = archive.health("example").warnings
    return warning


def test_an_archive_without_history_is_well(archive: Archive) -> None:
    assert archive.health("example").runs == ()
    assert archive.health("example").warnings == ()
    assert archive.crawled_portals() == []
    fill(archive, [{}, {"pages_read": 3, "generic": 3}])  # what earlier releases counted
    archive.begin_crawl("crawl", "example")
    health = archive.health("example")
    assert [run.pages.generic for run in health.runs] == [0, 3]  # unfinished runs say nothing
    assert health.warnings == ()
    assert archive.crawled_portals() == ["example"]


def test_runs_are_found_by_portal_and_number(archive: Archive) -> None:
    ids = fill(archive, [{"new": n} for n in range(4)])
    archive.begin_crawl("crawl", "another")
    assert [crawl.id for crawl in archive.crawls("example")] == ids
    assert [crawl.counts["new"] for crawl in archive.crawls("example", limit=2)] == [2, 3]
    assert len(archive.crawls()) == 5


def url(number: int) -> str:
    return f"http://news.example.cn/jiedu/{number}.html"


def test_a_warning_shows_the_last_page_that_fitted_and_the_first_that_did_not(
    archive: Archive,
) -> None:
    fill(archive, [pages(5) for _ in range(12)])
    archive.begin_crawl("crawl", "example")  # long ago, one page was odd
    archive.add([capture(b"odd", url=url(9))], article("怪。", url=url(9), layout="generic"))
    archive.finish_crawl("finished", pages(5, generic=1))
    archive.begin_crawl("crawl", "example")
    kinds = ["2023", "2023", "generic", "generic", "generic", "generic", "2023"]
    for number, layout in enumerate(kinds):
        found = article(f"第{number}篇。", url=url(number), layout=layout)
        archive.add([capture(str(number).encode(), url=url(number), minute=number)], found)
    archive.finish_crawl("finished", pages(7, generic=4))
    with archive._engine.begin() as connection:
        connection.execute(update(CrawlRow).values(finished_at=NOON, started_at=NOON))
    warning = only(archive)
    assert warning.kind == "generic"
    assert warning.figures == {"now": 0.571, "usual": 0, "part": 4, "whole": 7}
    assert "4 of 7 articles fit none of the layouts" in warning.text
    assert "scrapy probe example" in warning.text
    assert warning.fitted
    assert (warning.fitted.url, warning.fitted.layout) == (url(1), "2023")
    assert warning.unfit
    assert (warning.unfit.url, warning.unfit.layout) == (url(2), "generic")
    shown = archive.captures()[3]
    assert (warning.unfit.capture_id, warning.unfit.captured_at) == (shown.id, shown.captured_at)


@pytest.mark.parametrize(
    ("kind", "counts"),
    [
        ("no date", {"without_date": 4}),
        ("no source", {"without_source": 4}),
        ("text shrank", {"text_length": 20}),
    ],
)
def test_what_readings_lack_is_shown_by_its_page(
    archive: Archive, kind: str, counts: Counts
) -> None:
    fill(archive, [pages(5, text_length=900 + n) for n in range(12)])
    archive.begin_crawl("crawl", "example")
    good = article("很长的正文。" * 99, url=url(1))
    bad = replace(article("短。", url=url(2)), posted_at=None, posted_precision=None, source=None)
    for number, found in ((1, good), (2, bad)):
        archive.add([capture(str(number).encode(), url=url(number), minute=number)], found)
    archive.finish_crawl("finished", pages(4, **{"text_length": 900} | counts))
    warning = only(archive)
    assert warning.kind == kind
    assert warning.fitted
    assert warning.unfit
    assert (warning.fitted.url, warning.unfit.url) == (url(1), url(2))


def test_failures_show_the_reason(archive: Archive) -> None:
    fill(archive, [{"listings_read": 1, "unchanged": 9} for _ in range(12)])
    archive.begin_crawl("crawl", "example")
    archive.add([capture()], article())
    archive.add([capture(b"busy", status=500, minute=1)], None, failure="HTTP 500")
    archive.finish_crawl("finished", {"failed": 8})
    warning = only(archive)
    assert (warning.kind, warning.figures["whole"]) == ("failures", 8)
    assert warning.unfit
    assert warning.unfit.failure == "HTTP 500"
    assert warning.fitted


def listed(archive: Archive, moments: list[dt.datetime]) -> None:
    """One new item of the listing at each moment."""
    known = len(archive.pending_urls("example"))
    for number, moment in enumerate(moments, known):
        archive.list_urls("example", "http://news.example.cn/jiedu/", [Listed(url=url(number))])
        with archive._engine.begin() as connection:
            here = LedgerRow.url == url(number)
            connection.execute(update(LedgerRow).where(here).values(first_seen_at=moment))


def test_a_dry_portal_shows_its_last_article_unless_it_cannot_be_reached(archive: Archive) -> None:
    first = NOON.date()
    moments = each_working_day(first, first + 18 * DAY, 12)
    assert len(moments) == 15
    fill(archive, [pages(1) for _ in range(20)])
    listed(archive, moments)
    assert archive.health("example").warnings == ()  # Friday's; it is Saturday
    # three days on which it could not be reached tell nothing of what it published
    fill(archive, [{"failed": 1, "listed": 0, "listings_read": 0}] * 3, NOON + 20 * DAY)
    assert not [w for w in archive.health("example").warnings if w.kind == "dried up"]
    fill(archive, [pages(0)], NOON + 23 * DAY)
    warning = next(w for w in archive.health("example").warnings if w.kind == "dried up")
    assert warning.since == moments[-1]
    assert warning.fitted
    assert (warning.fitted.url, warning.fitted.captured_at) == (url(14), moments[-1])
    assert "nothing new for" in warning.text
    assert warning.as_record()["since"] == "2026-03-20T04:00:00+00:00"


def test_the_first_load_is_no_rhythm(archive: Archive) -> None:
    moments = each_working_day(NOON.date(), NOON.date() + 9 * DAY, 12)  # eight: seven gaps
    listed(archive, [NOON - 3 * DAY, *moments])
    fill(archive, [pages(0)] * 2, NOON + 39 * DAY)
    assert archive.health("example").warnings == ()


def test_the_command_prints_runs_and_warnings(
    archive: Archive,
    archive_url: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def jiedu(*arguments: str) -> str:
        monkeypatch.setattr(sys, "argv", ["jiedu", "--archive", archive_url, *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        assert not ended.value.code
        return capsys.readouterr().out

    monkeypatch.setenv("COLUMNS", "80")
    assert "nothing has been crawled yet" in jiedu("health")
    listed(archive, each_working_day(NOON.date(), NOON.date() + 18 * DAY, 12))
    measured = {"pages_read": 4, "generic": 1, "text_length": 812.5, "response_seconds_p95": 2.25}
    fill(archive, [pages(4) | measured | {"new": n} for n in range(24)])
    shown = jiedu("health", "--runs", "2")
    rows = [line.split() for line in shown.splitlines() if "%" in line]
    assert rows == [
        [f"03-{day}", "12:00", "9", str(day - 2), "0", "0", "25%", "0%", "0%", "812", "2.2"]
        for day in (24, 25)
    ]
    assert all(len(line) <= 80 for line in shown.partition("dried up")[0].splitlines())
    assert "dried up: nothing new for" in shown
    assert f"last new article: {url(14)} (2026-03-20 12:00)" in shown
    assert "another has not been crawled yet" in jiedu("health", "another")
    (line,) = jiedu("health", "example", "--json", "--runs", "3").splitlines()
    entry = json.loads(line)
    assert [run["new"] for run in entry["runs"]] == [21, 22, 23]
    (warning,) = entry["warnings"]
    assert (warning["kind"], warning["fitted"]["url"]) == ("dried up", url(14))
