"""Hours of the day in which portals are not to be disturbed, by the clock in Shanghai.

Read from ``ARCHIVE_QUIET_HOURS`` by ``scrapy crawl`` (none starts then) and by
``crawler.extensions.quiet_hours`` (a running one stops).
"""

import datetime as dt
import re
from dataclasses import dataclass

from storage import SHANGHAI

_SPAN = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)\s*-\s*([01]?\d|2[0-3]|24):([0-5]\d)")
_DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class QuietHours:
    """Spans of the day as (begin, end) since midnight; one whose end comes first runs overnight."""

    spans: tuple[tuple[dt.timedelta, dt.timedelta], ...]

    @classmethod
    def parse(cls, text: str | None) -> "QuietHours":
        """Hours written ``08:00-18:00`` or ``08:00-12:00, 22:00-06:00``; ``ValueError`` if not."""
        spans = []
        for part in filter(None, (part.strip() for part in re.split("[,，;；]", text or ""))):
            found = _SPAN.fullmatch(part)
            if found is None:
                raise ValueError(
                    f"ARCHIVE_QUIET_HOURS: {part!r} is no span of hours; write 08:00-18:00, several"
                    " with commas"
                )
            first, first_minute, last, last_minute = map(int, found.groups())
            begin = dt.timedelta(hours=first, minutes=first_minute)
            end = dt.timedelta(hours=last, minutes=last_minute)
            if begin == end or end > _DAY:
                raise ValueError(f"ARCHIVE_QUIET_HOURS: {part!r} begins where it ends")
            spans.append((begin, end))
        return cls(tuple(spans))

    def covers(self, moment: dt.datetime) -> bool:
        """Whether ``moment`` is in quiet hours."""
        clock = _clock(moment)
        return any(
            begin <= clock < end if begin < end else clock >= begin or clock < end
            for begin, end in self.spans
        )

    def seconds_until(self, moment: dt.datetime) -> float | None:
        """From ``moment`` to the next quiet hours, 0 within them, ``None`` without any."""
        if not self.spans:
            return None
        if self.covers(moment):
            return 0.0
        clock = _clock(moment)
        return min((begin - clock) % _DAY for begin, _ in self.spans).total_seconds()


def _clock(moment: dt.datetime) -> dt.timedelta:
    local = moment.astimezone(SHANGHAI)
    return local - local.replace(hour=0, minute=0, second=0, microsecond=0)
