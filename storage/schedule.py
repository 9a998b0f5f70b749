"""When an article or a listing is to be visited again: plain arithmetic, no database.

Used by ``storage.writing`` at every visit and by ``storage.listings``; the figures come from the
settings.
"""

import datetime as dt
from dataclasses import dataclass

RETRY_HOURS = (1, 6, 24, 72)  # after the first, second, ... failure in a row
MAX_TRIES = len(RETRY_HOURS) + 1  # then a URL is given up until a person asks for it again
CLOSE_ENOUGH = dt.timedelta(minutes=10)  # due within this time is due: cron does not come earlier
_FIRST_INTERVAL_HOURS = 6.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """How often things are looked at.

    ``recheck_days`` are days after an article was posted, or last changed; after the last of them
    the time between two visits doubles while nothing changes, up to ``rarest_days``.
    ``confirm_hours`` pass before a disappearance or a doubtful content is looked at again.
    ``listing_hours`` are the shortest and longest time between two readings of a listing.
    """

    recheck_days: tuple[float, ...] = (1, 3, 7, 30, 90, 180)
    rarest_days: float = 365
    confirm_hours: float = 6
    listing_hours: tuple[float, float] = (1, 24)

    @classmethod
    def parse(cls, recheck_days: str | None, listing_hours: str | None) -> "Schedule":
        """From settings like ``1 3 7 30 90 180`` and ``1-24``; ``ValueError`` saying how."""
        values: dict[str, tuple[float, ...]] = {}
        if recheck_days:
            days = _numbers("ARCHIVE_RECHECK_DAYS", recheck_days, "1 3 7 30 90 180")
            if list(days) != sorted(set(days)):
                raise ValueError(f"ARCHIVE_RECHECK_DAYS={recheck_days}: days must rise")
            values["recheck_days"] = days
        if listing_hours:
            hours = _numbers("ARCHIVE_LISTING_HOURS", listing_hours.replace("-", " "), "1-24")
            if len(hours) != 2 or hours[0] > hours[1]:
                raise ValueError(
                    f"ARCHIVE_LISTING_HOURS={listing_hours}: give the shortest and the longest"
                    " time between two readings, as 1-24"
                )
            values["listing_hours"] = hours
        return cls(**values)  # type: ignore[arg-type]

    def next_check(self, since: dt.datetime, checked_at: dt.datetime) -> dt.datetime:
        """After a visit at ``checked_at`` to what was posted, or last changed, at ``since``.

        A step that comes so soon after the visit that it would tell nothing is passed over.
        """
        for days in self.recheck_days:
            step = dt.timedelta(days=days)
            if since + step > checked_at + step / 4:
                return since + step
        age = (checked_at - since).total_seconds() / 86400
        days = min(max(age, self.recheck_days[-1]), self.rarest_days)
        return checked_at + dt.timedelta(days=days)

    def next_confirmation(self, at: dt.datetime) -> dt.datetime:
        """When a page that was missing or doubtful at ``at`` is looked at again."""
        return at + dt.timedelta(hours=self.confirm_hours)

    def listing_interval(self, hours: float | None, *, has_new: bool) -> float:
        """Hours to the next reading: fewer where there was something new, more where not."""
        shortest, longest = self.listing_hours
        hours = _FIRST_INTERVAL_HOURS if hours is None else hours
        return min(max(hours / 2 if has_new else hours * 1.5, shortest), longest)


def next_try(failures: int, at: dt.datetime) -> dt.datetime:
    """When what failed ``failures`` times in a row (1 or more) is tried again."""
    return at + dt.timedelta(hours=RETRY_HOURS[min(failures, len(RETRY_HOURS)) - 1])


def _numbers(name: str, text: str, example: str) -> tuple[float, ...]:
    try:
        numbers = tuple(float(word) for word in text.replace(",", " ").split())
    except ValueError:
        numbers = ()
    if not numbers or any(not 0 < number < 10_000 for number in numbers):
        raise ValueError(f"{name}={text}: give numbers above 0, as {example}")
    return numbers
