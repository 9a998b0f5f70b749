"""Whether nothing new has come for longer than a portal's own rhythm allows.

Pure functions of the moments at which new articles were first listed; used by
``storage.health.reading``. ``tests/test_storage_health.py`` measures how often it is wrong.
"""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from itertools import pairwise
from statistics import fmean, pstdev

from storage.health.workdays import office_days, working_days_between
from storage.record import SHANGHAI

HISTORY = dt.timedelta(days=90)
FIRST_LOAD = dt.timedelta(days=1)  # what a new archive lists in its first day is no rhythm
LEAST_GAPS = 8
_LONGEST_TIMES = 1.5
# A gap of this many standard deviations above the mean is rarer than one in 10,000 even where
# articles come by pure chance (gaps are exponential then: mean and deviation are equal).
_DEVIATIONS = 9
# In office hours. A portal that never missed a day may miss one: an evening run of a Saturday has
# two working days behind the article of Thursday evening, and only Friday's is missing.
_LEAST = 1.25
_LEAST_FREQUENT = 1.9  # where the listing is read several times a day, a second day is watched too
_DAILY = dt.timedelta(hours=20)


@dataclass(frozen=True, slots=True, kw_only=True)
class Drought:
    """Nothing new since ``since``: ``gap`` working days, where ``longest`` was the longest before.

    ``limit`` is what the gap would have had to stay within, ``gaps`` how many it was learnt from.
    """

    since: dt.datetime
    gap: float
    longest: int
    limit: float
    gaps: int


def find_drought(
    arrivals: Collection[dt.datetime], read_at: dt.datetime, read_before: dt.datetime
) -> Drought | None:
    """Judge the time from the newest arrival to the last reading of the listings.

    ``read_before`` is the reading before that: a daily one has no more chances to wait for.
    ``arrivals`` are those after the first load. Rhythm is counted in days, not hours, so that it
    does not depend on the hour cron runs at: a gap is the number of working days from the day of
    one arrival on and before that of the next, and what came on the days off belongs together.
    """
    if not arrivals:
        return None
    last = max(arrivals)
    days = sorted({_day(moment) for moment in arrivals if moment >= last - HISTORY})
    gaps = [gap for a, b in pairwise(days) if (gap := working_days_between(a, b))]
    if len(gaps) < LEAST_GAPS:
        return None
    limit = max(_LONGEST_TIMES * max(gaps), fmean(gaps) + _DEVIATIONS * pstdev(gaps))
    gap = working_days_between(days[-1], _day(read_at))
    elapsed = office_days(last, read_at)
    least = _LEAST if read_at - read_before >= _DAILY else _LEAST_FREQUENT
    if gap <= limit or elapsed < least:
        return None
    return Drought(
        since=last,
        gap=round(elapsed, 1),
        longest=max(gaps),
        limit=round(limit, 1),
        gaps=len(gaps),
    )


def _day(moment: dt.datetime) -> dt.date:
    return moment.astimezone(SHANGHAI).date()
