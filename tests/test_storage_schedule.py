"""When articles and listings are due again, by hand-reckoned days."""

import datetime as dt

import pytest

from storage.schedule import Schedule, next_try

POSTED = dt.datetime(2026, 3, 1, 9, 0, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


def visits(schedule: Schedule, days: float) -> list[float]:
    """Days after posting on which an article that never changes is visited."""
    at, found = POSTED + dt.timedelta(hours=1), []
    while at < POSTED + days * DAY:
        at = schedule.next_check(POSTED, at)
        found.append(round((at - POSTED) / DAY, 2))
    return found


def test_the_steps_after_posting_then_ever_rarer() -> None:
    assert visits(Schedule(), 1500) == [1, 3, 7, 30, 90, 180, 360, 720, 1085, 1450, 1815]


def test_a_late_visit_does_not_catch_up_step_by_step() -> None:
    at = POSTED + 8 * DAY
    assert Schedule().next_check(POSTED, at) == POSTED + 30 * DAY


def test_a_step_just_after_a_visit_is_passed_over() -> None:
    at = POSTED + dt.timedelta(hours=23)
    assert Schedule().next_check(POSTED, at) == POSTED + 3 * DAY


def test_listings_are_read_more_often_where_there_is_news() -> None:
    schedule = Schedule()
    hours, seen = None, []
    for has_new in (True, True, True, False, False, False, False, False, False, False, False):
        hours = schedule.listing_interval(hours, has_new=has_new)
        seen.append(hours)
    assert seen[:3] == [3, 1.5, 1]
    assert seen[3:6] == [1.5, 2.25, 3.375]
    assert seen[-1] == 24


def test_failures_wait_longer_each_time() -> None:
    hours = [(next_try(n, POSTED) - POSTED).total_seconds() / 3600 for n in range(1, 7)]
    assert hours == [1, 6, 24, 72, 72, 72]


def test_settings_in_plain_terms() -> None:
    schedule = Schedule.parse("2 10", "0.5-12")
    assert visits(schedule, 15) == [2, 10, 20]
    assert schedule.listing_hours == (0.5, 12)
    assert Schedule.parse(None, None) == Schedule()


@pytest.mark.parametrize(
    ("days", "hours"),
    [("soon", None), ("3 1", None), ("0", None), (None, "24-1"), (None, "1"), (None, "a-b")],
)
def test_bad_settings_say_how_to_write_them(days: str | None, hours: str | None) -> None:
    with pytest.raises(ValueError, match=r"ARCHIVE_(RECHECK_DAYS|LISTING_HOURS)=.*: "):
        Schedule.parse(days, hours)
