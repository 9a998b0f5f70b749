"""Years of a portal in moments: when it published, when the archive read its listing."""

import datetime as dt
import random
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from storage import SHANGHAI
from storage.health.rhythm import Drought, find_drought
from storage.health.workdays import is_working_day


def days(first: dt.date, last: dt.date) -> Iterator[dt.date]:
    """All days from one to another."""
    return (first + dt.timedelta(n) for n in range((last - first).days + 1))


def at(day: dt.date, hour: float) -> dt.datetime:
    """An hour of a day in Shanghai."""
    return dt.datetime.combine(day, dt.time(), SHANGHAI) + dt.timedelta(hours=hour)


def each_working_day(first: dt.date, last: dt.date, hour: float = 15) -> list[dt.datetime]:
    """One article each working day."""
    return [at(day, hour) for day in days(first, last) if is_working_day(day)]


def by_chance(first: dt.date, last: dt.date, rate: float, seed: int) -> list[dt.datetime]:
    """Articles at random times of office hours, so many a working day on the average."""
    chance, published = random.Random(seed), []
    for day in days(first, last):
        hour = 9 + chance.expovariate(rate / 9)
        while is_working_day(day) and hour < 18:
            published.append(at(day, hour))
            hour += chance.expovariate(rate / 9)
    return published


def readings(first: dt.date, last: dt.date, hours: Iterable[float]) -> list[dt.datetime]:
    """The listing is read at these hours of each day."""
    chosen = tuple(hours)
    return [at(day, hour) for day in days(first, last) for hour in chosen]


def droughts(
    published: Sequence[dt.datetime], read: Sequence[dt.datetime], judged_from: dt.date
) -> list[tuple[dt.datetime, Drought]]:
    """The reading at which each alarm began; an article arrives at the reading after it."""
    arrivals: list[dt.datetime] = []
    begun: list[tuple[dt.datetime, Drought]] = []
    done, was_dry = 0, False
    for before, moment in pairwise([read[0] - dt.timedelta(days=1), *read]):
        is_new = done < len(published) and published[done] <= moment
        while done < len(published) and published[done] <= moment:
            done += 1
        if is_new:
            arrivals.append(moment)
        if moment < at(judged_from, 0):
            continue
        found = find_drought(arrivals[-600:], moment, before)
        if found and not was_dry:
            begun.append((moment, found))
        was_dry = found is not None
    return begun
