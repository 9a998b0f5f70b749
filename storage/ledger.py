"""The ledger: every URL found on a listing, from before its first fetch until it is archived.

Called by ``Archive``; ``storage.writing`` settles an entry in the transaction of its article.
"""

import logging
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any

from sqlalchemy import Connection, select, update

from storage.aliases import insert_new
from storage.identity import canonical_url, url_key
from storage.record import Listed
from storage.schema import LedgerRow
from storage.transaction import now

logger = logging.getLogger(__name__)

MAX_TRIES = 5  # fetches in a row in which nothing was archived, before a URL waits for a person
_BATCH = 500  # a sitemap lists up to 50,000 URLs, a statement takes 32,766 values


def list_urls(
    connection: Connection, portal: str, listing_url: str, links: Sequence[Listed]
) -> int:
    """Enter the links of a listing page; how many of them were not known to this portal.

    A link that is no http or https URL is left out with a warning: one odd link must not cost
    the listing its others.
    """
    at = now()
    rows: dict[str, dict[str, Any]] = {}
    for link in links:
        try:
            key, url = url_key(link.url), canonical_url(link.url)
        except ValueError as error:
            logger.warning("%s: a link was left out: %s", listing_url, error)
            continue
        rows[key] = {
            "portal": portal,
            "url": url,
            "url_key": key,
            "listing_url": listing_url,
            "channel": link.channel,
            "listed_title": link.title,
            "listed_date": link.date,
            "first_seen_at": at,
            "listed_at": at,
            "state": "pending",
            "tries": 0,
        }
    new = 0
    keys = iter(sorted(rows))  # in one order, so that crawls of one portal do not deadlock
    while batch := list(islice(keys, _BATCH)):
        here = (LedgerRow.portal == portal) & LedgerRow.url_key.in_(batch)
        known = set(connection.scalars(select(LedgerRow.url_key).where(here)))
        insert_new(connection, LedgerRow, [rows[key] for key in batch if key not in known])
        connection.execute(update(LedgerRow).where(here).values(listed_at=at))
        new += len(batch) - len(known)
    return new


def pending_urls(connection: Connection, portal: str) -> list[Listed]:
    """URLs listed by earlier crawls that are not archived yet, oldest first."""
    rows = connection.execute(
        select(LedgerRow.url, LedgerRow.listed_title, LedgerRow.listed_date, LedgerRow.channel)
        .where(
            LedgerRow.portal == portal,
            LedgerRow.state != "done",
            LedgerRow.tries < MAX_TRIES,
        )
        .order_by(LedgerRow.id)
    )
    return [
        Listed(url=row.url, title=row.listed_title, date=row.listed_date, channel=row.channel)
        for row in rows
    ]


def fail_url(connection: Connection, portal: str, url: str, reason: str) -> None:
    """Note a fetch that gave no response at all, or one too large to keep."""
    connection.execute(
        update(LedgerRow)
        .where(LedgerRow.portal == portal, LedgerRow.url_key == url_key(url))
        .values(state="failed", tries=LedgerRow.tries + 1, tried_at=now(), failure=reason)
    )


def settle(
    connection: Connection,
    urls: Iterable[str],
    status: int,
    failure: str | None,
    article_id: int | None,
    *,
    is_fetch: bool = True,
) -> None:
    """Say what became of the listed URLs of a visit, in the ledgers of all portals.

    Without ``is_fetch`` a visit of earlier was read at last: no request was made.
    """
    at = now()
    values: dict[str, Any] = {"last_status": status, "failure": failure}
    if is_fetch:
        values["tried_at"] = at
    if article_id is not None:
        values["article_id"] = article_id
    if failure is None:
        values |= {"state": "done", "done_at": at, "tries": 0}
    else:
        values |= {"state": "failed", "tries": LedgerRow.tries + 1}
    keys = {url_key(url) for url in urls}
    connection.execute(update(LedgerRow).where(LedgerRow.url_key.in_(keys)).values(values))
