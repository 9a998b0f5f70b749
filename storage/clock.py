"""The time, asked in one place: every row, capture and deadline goes by this clock.

Nothing below the commands takes another; tests turn it instead of waiting.
"""

import datetime as dt

_offset = dt.timedelta()


def now() -> dt.datetime:
    """The present moment in UTC."""
    return dt.datetime.now(dt.UTC) + _offset


def turn(moment: dt.datetime | None) -> None:
    """Let the clock stand at ``moment`` and go on from there; ``None`` sets it right again."""
    global _offset
    _offset = dt.timedelta() if moment is None else moment - dt.datetime.now(dt.UTC)
