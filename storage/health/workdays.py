"""Working days in China: offices that publish rest on weekends and public holidays.

``holidays`` knows the State Council's yearly arrangement (放假安排) with its compensated working
weekends (调休); it is released some weeks after each. For years it does not know yet it gives the
statutory days only, and the long weeks around them are added here: an archive nobody upgrades
must raise no alarm in a National Day week. Used by ``storage.health.rhythm``.
"""

import datetime as dt
from functools import lru_cache
from typing import TYPE_CHECKING

from storage.record import SHANGHAI

if TYPE_CHECKING:
    import holidays

_OPENS, _HOURS = 8, 10  # office hours: what is listed at night was published by day
# Days that every arrangement since 2024 has made free, counted from the first day of that name.
_LONG_WEEKS = {"Chinese New Year's Eve": 8, "National Day": 7, "Labor Day": 5}


@lru_cache(maxsize=4096)
def is_working_day(day: dt.date) -> bool:
    """Whether offices in China work on a calendar day."""
    known = _calendar(day.year)
    if not known.is_working_day(day):
        return False
    if any(worked.year == day.year for worked in known.weekend_workdays):
        return True  # the year's arrangement is known: each has some compensated weekend
    return not any(
        0 <= (day - first).days < length
        for name, length in _LONG_WEEKS.items()
        if (first := min(known.get_named(name), default=None))
    )


@lru_cache(maxsize=64)
def _calendar(year: int) -> "holidays.HolidayBase":
    import holidays  # with the calendars of all countries it takes a while, and few commands ask

    return holidays.country_holidays("CN", years=year, expand=False, language="en_US")


def working_days_between(begin: dt.date, end: dt.date) -> int:
    """Working days from ``begin`` on and before ``end``."""
    return sum(is_working_day(begin + dt.timedelta(n)) for n in range((end - begin).days))


def office_days(begin: dt.datetime, end: dt.datetime) -> float:
    """Office hours between two moments, in working days; 0 when the end comes first."""
    first, last = begin.astimezone(SHANGHAI), end.astimezone(SHANGHAI)
    if last <= first:
        return 0.0
    whole = working_days_between(first.date(), last.date())
    return whole - _part_of_day(first) + _part_of_day(last)


def _part_of_day(moment: dt.datetime) -> float:
    """The part of a day's office hours that is over; a day off has none."""
    if not is_working_day(moment.date()):
        return 0.0
    hour = moment.hour + moment.minute / 60
    return min(max((hour - _OPENS) / _HOURS, 0.0), 1.0)
