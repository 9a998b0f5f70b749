"""Which of several copies of a text is the earliest, by what they say of one another and by date.

Called by ``storage.reprints``. A copy that credits another one (a link in its 来源, its name as
source, print origin or hop) came later, whatever the dates say: portals give a reprint the date of
the original, or none.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from storage.outlets import credited_names, outlet_names


@dataclass(frozen=True, slots=True, kw_only=True)
class Copy:
    """What is known of a copy: its addresses (keys), whom it credits, its dates.

    ``credits`` are outlets as the page names them; ``date`` is the original's calendar date as
    this page states it, else the portal's own.
    """

    article_id: int
    url: str
    keys: frozenset[str]
    source_key: str | None
    credits: tuple[str, ...]
    date: dt.date | None
    posted_date: dt.date | None
    posted_at: dt.datetime | None  # None at precision day
    first_seen_at: dt.datetime


def order_copies(copies: Sequence[Copy]) -> tuple[list[int], str]:
    """The numbers of the articles, the earliest first, the rest by date; and why it is that one."""
    by_date = sorted(copies, key=_moment)
    if len(copies) < 2:
        return [copy.article_id for copy in copies], "no copy of it is known"
    credited = _credited(copies)
    named = {other for others in credited.values() for other in others}
    first = next((c for c in by_date if c.article_id in named - _crediting(credited)), None)
    if first is None:
        first = by_date[0]
        why = _why_by_date(by_date)
    else:
        count = sum(first.article_id in others for others in credited.values())
        why = f"credited as the source by {count} of {len(copies) - 1} others"
        if (earliest := by_date[0]).date and _day(earliest) < _day(first):
            why += f", although article {earliest.article_id} bears the date {earliest.date}"
    rest = [copy.article_id for copy in by_date if copy is not first]
    return [first.article_id, *rest], why


def _credited(copies: Sequence[Copy]) -> dict[int, set[int]]:
    """For each copy the others that it credits."""
    names = {copy.article_id: outlet_names(copy.url) for copy in copies}
    found: dict[int, set[int]] = {}
    for copy in copies:
        own = names[copy.article_id]
        told = frozenset(name for credit in copy.credits for name in credited_names(credit)) - own
        found[copy.article_id] = {
            other.article_id
            for other in copies
            if other is not copy
            and (copy.source_key in other.keys or told & (names[other.article_id] - own))
        }
    return found


def _crediting(credited: dict[int, set[int]]) -> set[int]:
    return {article_id for article_id, others in credited.items() if others}


def _day(copy: Copy) -> dt.date:
    return copy.date or dt.date.max


def _moment(copy: Copy) -> tuple[dt.date, dt.date, bool, float, dt.datetime, int]:
    """Date of the original, date and time on the portal where stated, then when it was seen."""
    posted = copy.posted_at
    return (
        _day(copy),
        copy.posted_date or dt.date.max,
        posted is None,
        posted.timestamp() if posted else 0.0,
        copy.first_seen_at,
        copy.article_id,
    )


def _why_by_date(by_date: Sequence[Copy]) -> str:
    first, second = by_date[:2]
    if first.date is None:
        return "no copy states a date; it was seen first"
    if _day(first) < _day(second):
        return f"it bears the earliest date, {first.date}"
    if _moment(first)[:4] < _moment(second)[:4]:
        return f"of those dated {first.date} it was posted first"
    return f"of those dated {first.date} it was seen first"
