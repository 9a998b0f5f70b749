"""Leases: at most one process works on a portal at a time, and a dead one's place is taken at once.

A process on this machine is asked for by its number and start; one on another machine counts as
dead when it has not renewed its lease for ``LEASE``. Called by ``storage.updating``.
"""

import datetime as dt
import os
import socket
import uuid
from pathlib import Path

from sqlalchemy import Connection, Row, delete, select, update

from storage.clock import now
from storage.record import Lease
from storage.rows import insert_new
from storage.schema import CrawlRow, LeaseRow

LEASE = dt.timedelta(minutes=5)
RENEW_SECONDS = 60
LEASED = ("crawl", "update")  # the commands that work under the lease of a portal
_RUN = "run "  # before the number of a run: no portal's name has a space
_NO_BEGIN = 0.0  # where the system does not tell when a process began


def take(connection: Connection, portal: str, token: uuid.UUID) -> Lease | None:
    """Take the lease of a portal; the lease of whoever holds it when somebody else does.

    With the lease comes the knowledge that every unfinished crawl of the portal was killed.
    """
    at = now()
    row = {
        "portal": portal,
        "token": token,
        "node": _node(),
        "process": os.getpid(),
        "process_began": _began(os.getpid()),
        "taken_at": at,
        "renewed_at": at,
    }
    query = select(LeaseRow.__table__).where(LeaseRow.portal == portal).with_for_update()
    held = None
    while held is None:  # whoever held it may give it back between the two statements
        insert_new(connection, LeaseRow, [row])
        held = connection.execute(query).one_or_none()
    if held.token != token:
        if _is_alive(held):
            return _lease(held)
        connection.execute(update(LeaseRow).where(LeaseRow.portal == portal).values(row))
    connection.execute(
        update(CrawlRow)
        .where(
            CrawlRow.portal == portal,
            CrawlRow.command.in_(LEASED),
            CrawlRow.finished_at.is_(None),
        )
        .values(finished_at=at, outcome="killed")
    )
    return None


def of_run(crawl_id: int) -> str:
    """The lease that every run has, whatever it works on: it tells whether its process lives."""
    return f"{_RUN}{crawl_id}"


def forget_dead_runs(connection: Connection) -> None:
    """Delete the leases of runs whose process is gone; nobody takes them over."""
    dead = [
        row.portal
        for row in connection.execute(select(LeaseRow.__table__))
        if row.portal.startswith(_RUN) and not _is_alive(row)
    ]
    connection.execute(delete(LeaseRow).where(LeaseRow.portal.in_(dead)))


def renew(connection: Connection, token: uuid.UUID) -> set[str]:
    """Renew all leases of a process; the portals it still holds."""
    mine = LeaseRow.token == token
    connection.execute(update(LeaseRow).where(mine).values(renewed_at=now()))
    return set(connection.scalars(select(LeaseRow.portal).where(mine)))


def release(connection: Connection, portal: str, token: uuid.UUID) -> None:
    """Give a lease back."""
    connection.execute(delete(LeaseRow).where(LeaseRow.portal == portal, LeaseRow.token == token))


def held_leases(connection: Connection) -> list[Lease]:
    """The leases of living processes, by portal."""
    return [_lease(row) for row in living(connection)]


def living(connection: Connection) -> list[Row]:  # type: ignore[type-arg]
    """The rows of the leases of living processes."""
    rows = connection.execute(select(LeaseRow.__table__).order_by(LeaseRow.portal))
    return [row for row in rows if _is_alive(row)]


def _is_alive(row: Row) -> bool:  # type: ignore[type-arg]
    if row.node != _node():
        # A renewal far in the future was made before a clock was set back; it says nothing.
        return bool(abs(now() - row.renewed_at) < LEASE)
    try:
        os.kill(row.process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass  # somebody else's process, and alive
    return bool(_began(row.process) == row.process_began)


def _node() -> str:
    """This machine since its last start, and the space its process numbers count in."""
    parts = [socket.gethostname()]
    try:
        parts.append(Path("/proc/sys/kernel/random/boot_id").read_text().strip())
        parts.append(os.readlink("/proc/self/ns/pid"))
    except OSError:
        pass  # no Linux
    return " ".join(parts)


def _began(process: int) -> float:
    """When a process began, in ticks since the machine did: no clock that anybody sets."""
    try:
        stat = Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return _NO_BEGIN
    return float(stat.rpartition(")")[2].split()[19])  # field 22 of proc(5), after the name


def _lease(row: Row) -> Lease:  # type: ignore[type-arg]
    return Lease(
        portal=row.portal,
        node=row.node.partition(" ")[0],
        process=row.process,
        taken_at=row.taken_at,
        renewed_at=row.renewed_at,
    )
