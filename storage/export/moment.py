"""The moment a dataset is of: what was recorded later has no part in it.

Called by ``storage.export.making`` before it reads anything.
"""

import datetime as dt
import uuid

from sqlalchemy import Connection, Engine, select

from storage.clock import now
from storage.errors import QueryError
from storage.leases import LEASED, living, of_run
from storage.record import SHANGHAI
from storage.schema import CrawlRow
from storage.transaction import read

_TICK = dt.timedelta(microseconds=1)


def resolve_moment(engine: Engine, as_of: dt.datetime | None, token: uuid.UUID) -> dt.datetime:
    """The moment asked for, or the latest one that no running crawl can still write into.

    Rows get their time in the transaction that writes them, so that a run may commit later what
    bears an earlier time: nothing after the start of the oldest run that is alive can be told yet.
    The runs of ``token`` are the caller's own, which writes nothing meanwhile. Raises
    ``QueryError`` for a time without a zone, in the future, or after that start.
    """
    present = now()
    if as_of is not None:
        if as_of.tzinfo is None:
            raise QueryError(f"{as_of.isoformat(' ')} has no time zone; add one, such as +08:00")
        try:
            as_of = as_of.astimezone(dt.UTC)
            shown = _shown(as_of)
        except OverflowError:
            raise QueryError(f"{as_of.isoformat(' ')} is no time that UTC can express") from None
        if as_of > present:
            raise QueryError(f"{shown} is still to come; give a time up to now")
    oldest = read(engine, lambda c: _oldest_run(c, token))
    if oldest is None:
        return present if as_of is None else as_of
    number, what, began = oldest
    if as_of is None:
        return min(present, began - _TICK)
    if as_of >= began:
        raise QueryError(
            f"run {number} ({what}) has been writing since {_shown(began)}: what was known after"
            " that cannot be told before it ends; give an earlier time, or wait"
        )
    return as_of


def _oldest_run(connection: Connection, token: uuid.UUID) -> tuple[int, str, dt.datetime] | None:
    """Number, command and start of the run of another that is alive and began first."""
    held = {row.portal for row in living(connection) if row.token != token}
    query = (
        select(CrawlRow.id, CrawlRow.command, CrawlRow.portal, CrawlRow.started_at)
        .where(CrawlRow.finished_at.is_(None))
        .order_by(CrawlRow.started_at, CrawlRow.id)
    )
    for row in connection.execute(query):
        names = {of_run(row.id)}
        if row.command in LEASED:  # their portal's lease is renewed by whoever started them
            names.add(row.portal)
        if held & names:
            what = f"{row.command} {row.portal}" if row.portal else row.command
            return row.id, what, row.started_at
    return None


def _shown(moment: dt.datetime) -> str:
    return moment.astimezone(SHANGHAI).isoformat(" ", timespec="seconds")
