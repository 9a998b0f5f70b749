"""Which crawls may still be writing, and which files are theirs.

Called by the checks, which must not take a growing file for a damaged one, by repairs, which must
not touch it, and by backups.
"""

import datetime as dt
import os
import re

from sqlalchemy import Connection, Row, select

from storage.leases import LEASED, held_leases, of_run
from storage.schema import CrawlRow

_NAME = re.compile(r"(\d+)-(\d+)-\d+\.warc\.gz")  # of ``storage.warc.WarcWriter``


class Running:
    """The unfinished crawls of an archive, and what is known of their processes."""

    def __init__(self, connection: Connection) -> None:
        query = (
            select(CrawlRow.id, CrawlRow.command, CrawlRow.portal, CrawlRow.started_at)
            .where(CrawlRow.finished_at.is_(None))
            .order_by(CrawlRow.id)
        )
        self.unfinished = connection.execute(query).all()
        self._crawls = {crawl.id: crawl for crawl in self.unfinished}
        self._leased: set[str | None] = {lease.portal for lease in held_leases(connection)}

    def is_leased(self, crawl: Row[int, str, str | None, dt.datetime]) -> bool:
        """Whether a living process holds the lease of its portal, or of the update it is."""
        names = {crawl.portal, f"update {crawl.id}"}
        if crawl.command not in LEASED:  # it works under no portal's lease
            names.add(of_run(crawl.id))
        return bool(self._leased & names)

    def may_write(self, file: str) -> bool:
        """Whether a WARC file can still grow: its crawl runs, or its process is alive here.

        Imports, re-readings and Python sessions hold no lease; their process number is in the name.
        """
        named = _NAME.fullmatch(file)
        crawl = self._crawls.get(int(named[1])) if named else None
        if named is None or crawl is None:
            return False
        return self.is_leased(crawl) or _is_process(int(named[2]))


def _is_process(number: int) -> bool:
    try:
        os.kill(number, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        pass  # somebody else's
    return True
