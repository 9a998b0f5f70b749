"""Points in time as Chinese pages write them, with the precision they state.

Called by ``crawler.extract.metadata`` and ``crawler.extract.origin``. All times are Asia/Shanghai.
Relative times (昨天, 3小时前) are never read: they mean nothing without the time of the fetch.
"""

import datetime as dt
import re
from dataclasses import dataclass

from storage import SHANGHAI
from storage.record import Precision

_EARLIEST_YEAR = 1990  # no page is older than the web; 1949 in a headline is history
_LATEST_YEAR = 2100
_TIME = (
    r"(?P<hour>[01]?\d|2[0-4])\s*[:：时]\s*(?P<minute>[0-5]\d)\s*(?:[:：分]\s*(?P<second>[0-5]\d))?"
)
_YMD = (
    r"(?P<year>(?:19|20)\d{2})\s*(?:[-./年_]|\s)\s*(?P<month>1[0-2]|0?[1-9])\s*[-./月_]\s*"
    r"(?P<day>3[01]|[12]\d|0?[1-9])(?!\d)"
)
_BETWEEN = (
    r"(?:\s*日?\s*(?:[(（]?(?:星期|周)[一二三四五六日天][)）]?)?[\s,，T|-]*"
    r"(?P<half>上午|下午|晚上|AM|PM)?\s*)"
)
_STAMP = re.compile(
    rf"(?<!\d){_YMD}(?:{_BETWEEN}{_TIME})?(?P<zone>\s*(?:Z|[+-]\d\d:?\d\d))?", re.IGNORECASE
)
_COMPACT = re.compile(
    r"(?<!\d)(?P<year>20\d{2})(?P<month>0[1-9]|1[0-2])(?P<day>0[1-9]|[12]\d|3[01])"
    r"(?P<hour>[01]\d|2[0-3])?(?P<minute>[0-5]\d)?(?P<second>[0-5]\d)?(?!\d)"
)
_EPOCH = re.compile(r"\s*(\d{10}|\d{13})\s*\Z")
# Dates in addresses, from the safe to the doubtful; a migrated site keeps the old file name.
_URL_DATES = (
    re.compile(r"/t(?P<year>20\d{2})(?P<month>\d{2})(?P<day>\d{2})_\d+"),
    re.compile(r"/(?P<year>20\d{2})[-/]?(?P<month>\d{2})[-/](?P<day>\d{2})(?=/|_|\D)"),
    re.compile(r"/(?P<year>20\d{2})/(?P<month>\d{1,2})/(?P<day>\d{1,2})/"),
    re.compile(r"/(?P<year>20\d{2})/(?P<month>\d{2})(?P<day>\d{2})/"),
    re.compile(r"/(?P<year>20\d{2})(?P<month>\d{2})(?P<day>\d{2})(?=/|[A-Za-z])"),
    re.compile(r"[_/](?P<year>20\d{2})(?P<month>\d{2})(?P<day>\d{2})[_.-]"),
)


@dataclass(frozen=True, slots=True)
class Moment:
    """An aware time in Asia/Shanghai; at precision ``day`` its time part is midnight."""

    at: dt.datetime
    precision: Precision


def parse_moment(text: str | None) -> Moment | None:
    """The first full date in ``text``, with its time if one follows; ``None`` if there is none."""
    if not text:
        return None
    text = text[:400]
    epoch = _EPOCH.match(text)
    if epoch:
        seconds = int(epoch.group(1)) / (1000 if len(epoch.group(1)) == 13 else 1)
        at = dt.datetime.fromtimestamp(seconds, SHANGHAI).replace(microsecond=0)
        return Moment(at, "second") if _is_plausible(at.year) else None
    for stamp in _STAMP.finditer(text):
        moment = _build(stamp)
        if moment:
            return moment
    compact = _COMPACT.search(text)
    return _build(compact) if compact else None


def parse_url_date(url: str | None) -> Moment | None:
    """The day an address states, ``None`` when it states none."""
    for pattern in _URL_DATES:
        for found in pattern.finditer(url or ""):
            moment = _build(found)
            if moment:
                return Moment(_midnight(moment.at), "day")
    return None


def parse_day(year: str, month: str, day: str) -> dt.date | None:
    """A calendar date from its parts, ``None`` when there is no such day."""
    try:
        return dt.date(int(year), int(month), int(day))
    except ValueError:
        return None


def day_moment(day: dt.date) -> Moment:
    """A day as a moment."""
    return Moment(dt.datetime(day.year, day.month, day.day, tzinfo=SHANGHAI), "day")


def refine(stated: Moment, others: list[Moment]) -> Moment:
    """``stated`` made more precise by another statement of the same day.

    Metadata often gives the day and the page the minute. Some CMS write the hour in twelve-hour
    form (14:30 as 02:30); where another statement differs by exactly twelve hours the later holds.
    """
    order: dict[Precision, int] = {"day": 0, "minute": 1, "second": 2}
    best = stated
    for other in others:
        if other.at.date() != best.at.date() or other.precision == "day":
            continue
        twelve = other.at.replace(second=0) - best.at.replace(second=0) == dt.timedelta(hours=12)
        if (
            best.precision == "day"
            or (twelve and best.at.hour < 12)
            or (
                order[other.precision] > order[best.precision]
                and other.at.replace(second=0) == best.at.replace(second=0)
            )
        ):
            best = other
    return best


def _build(found: re.Match[str]) -> Moment | None:
    parts = found.groupdict()
    day = parse_day(parts["year"], parts["month"], parts["day"])
    if day is None or not _is_plausible(day.year):
        return None
    if not parts.get("hour") or not parts.get("minute"):
        return day_moment(day)
    hour = int(parts["hour"])
    half = (parts.get("half") or "").upper()
    if half in ("下午", "晚上", "PM") and hour < 12:
        hour += 12
    second = int(parts.get("second") or 0)
    start = day_moment(day).at
    moment = start + dt.timedelta(hours=hour, minutes=int(parts["minute"]), seconds=second)
    zone = (parts.get("zone") or "").strip()
    if zone:
        moment = _in_zone(moment, zone)
    if not parts.get("second"):
        return Moment(moment, "minute")
    if (hour, int(parts["minute"]), second) == (0, 0, 0):
        return day_moment(day)  # government CMS write 00:00:00 for a date without time
    return Moment(moment, "second")


def _in_zone(moment: dt.datetime, zone: str) -> dt.datetime:
    offset = dt.timedelta()
    if zone.upper() != "Z":
        digits = zone[1:].replace(":", "")
        offset = dt.timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
        offset = -offset if zone[0] == "-" else offset
    try:
        stated = moment.replace(tzinfo=dt.timezone(offset))
    except ValueError:
        return moment
    return stated.astimezone(SHANGHAI)


def _midnight(moment: dt.datetime) -> dt.datetime:
    return moment.replace(hour=0, minute=0, second=0)


def _is_plausible(year: int) -> bool:
    return _EARLIEST_YEAR <= year <= _LATEST_YEAR
