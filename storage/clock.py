"""The time, asked in one place: every row, capture and deadline goes by this clock.

Nothing below the commands takes another; tests turn it instead of waiting.
"""

import datetime as dt

from sqlalchemy import Connection

_offset = dt.timedelta()


def now() -> dt.datetime:
    """The present moment in UTC."""
    return dt.datetime.now(dt.UTC) + _offset


def recording_time(connection: Connection) -> dt.datetime:
    """The one time that all rows of a transaction are recorded at: when it was first asked for.

    So the archive as of any moment holds a transaction whole or not at all.
    """
    return connection.info.setdefault("recording_time", now())  # type: ignore[no-any-return]


def begin_recording(connection: Connection) -> None:
    """Another transaction begins: ``storage.opening`` has each of them say so."""
    connection.info.pop("recording_time", None)


def turn(moment: dt.datetime | None) -> None:
    """Let the clock stand at ``moment`` and go on from there; ``None`` sets it right again."""
    global _offset
    _offset = dt.timedelta() if moment is None else moment - dt.datetime.now(dt.UTC)
