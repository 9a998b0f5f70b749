"""The ledger: every URL found on a listing, from before its first fetch until it is archived.

Called by ``Archive``; ``storage.writing`` settles an entry in the transaction of its article.
"""

import hashlib
import logging
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Any

from sqlalchemy import Connection, select, update

from storage.aliases import insert_new
from storage.characters import storable_text
from storage.clock import now
from storage.identity import canonical_url, url_key
from storage.record import Listed, ListingVisit
from storage.schema import LedgerRow, ListingItemRow, ListingRow
from storage.tombstones import withdrawn_keys

logger = logging.getLogger(__name__)

MAX_TRIES = 5  # fetches in a row in which nothing was archived, before a URL waits for a person
_BATCH = 500  # a sitemap lists up to 50,000 URLs, a statement takes 32,766 values


def list_urls(
    connection: Connection,
    portal: str,
    page: ListingVisit,
    links: Sequence[Listed],
    left_out: Sequence[Listed] = (),
) -> int:
    """Enter what a listing page shows; how many of the ``links`` were not known to this portal.

    ``left_out`` are items that the operator's selection does not want: they are entered, and wait
    until a crawl lists them among its ``links``. A link that is no http or https URL is left out
    with a warning: one odd link must not cost the listing its others. Of a withdrawn article the
    address is entered, as done with and without its title.
    """
    at = now()
    listing_id = _place_listing(connection, portal, page)
    rows = _ledger_rows(portal, page, links, "pending")
    rows = _ledger_rows(portal, page, left_out, "left_out") | rows
    new = 0
    keys = iter(sorted(rows))  # in one order, so that crawls of one portal do not deadlock
    while batch := list(islice(keys, _BATCH)):
        here = (LedgerRow.portal == portal) & LedgerRow.url_key.in_(batch)
        known = set(connection.scalars(select(LedgerRow.url_key).where(here)))
        withdrawn = withdrawn_keys(connection, batch)
        for key, number in withdrawn.items():
            rows[key] |= {"listed_title": None, "state": "done", "article_id": number}
        fresh = [rows[key] for key in batch if key not in known]
        insert_new(connection, LedgerRow, fresh)
        connection.execute(update(LedgerRow).where(here).values(listed_at=at))
        wanted = [key for key in batch if rows[key]["state"] == "pending"]
        connection.execute(
            update(LedgerRow)
            .where(LedgerRow.portal == portal, LedgerRow.url_key.in_(wanted))
            .where(LedgerRow.state == "left_out")
            .values(state="pending")
        )
        ids = connection.scalars(select(LedgerRow.id).where(here)).all()
        items = [{"listing_id": listing_id, "ledger_id": number} for number in ids]
        insert_new(connection, ListingItemRow, items)
        new += sum(row["state"] == "pending" for row in fresh)
    return new


def _place_listing(connection: Connection, portal: str, page: ListingVisit) -> int:
    """The listing's row, with what the page says of it."""
    at = now()
    named = storable_text(f"{page.listing_url}\n{page.channel or ''}")
    key = hashlib.sha256(named.encode()).hexdigest()  # an index takes no address of any length
    row = {
        "portal": portal,
        "key": key,
        "url": page.listing_url,
        "channel": page.channel,
        "claimed": page.claimed,
        "pages_read": page.page + 1,
        "first_seen_at": at,
        "read_at": at,
    }
    insert_new(connection, ListingRow, [row])
    values: dict[str, Any] = {"read_at": at, "pages_read": page.page + 1}
    if page.claimed is not None:
        values["claimed"] = page.claimed
    here = (ListingRow.portal == portal) & (ListingRow.key == key)
    connection.execute(update(ListingRow).where(here).values(values))
    return connection.execute(select(ListingRow.id).where(here)).scalar_one()


def _ledger_rows(
    portal: str, page: ListingVisit, links: Sequence[Listed], state: str
) -> dict[str, dict[str, Any]]:
    """Rows by the key of their URL; of two links to one URL the later one counts."""
    at = now()
    rows: dict[str, dict[str, Any]] = {}
    for link in links:
        try:
            key, url = url_key(link.url), canonical_url(link.url)
        except ValueError as error:
            logger.warning("%s: a link was left out: %s", page.page_url, error)
            continue
        rows[key] = {
            "portal": portal,
            "url": url,
            "url_key": key,
            "listing_url": page.page_url,
            "channel": link.channel,
            "listed_title": link.title,
            "listed_date": link.date,
            "listed_day": link.day,
            "first_seen_at": at,
            "listed_at": at,
            "state": state,
            "tries": 0,
            "article_id": None,
        }
    return rows


def pending_urls(connection: Connection, portal: str) -> list[Listed]:
    """URLs listed by earlier crawls that are not archived yet, oldest first."""
    rows = connection.execute(
        select(LedgerRow.__table__)
        .where(
            LedgerRow.portal == portal,
            LedgerRow.state.not_in(("done", "left_out")),
            LedgerRow.tries < MAX_TRIES,
        )
        .order_by(LedgerRow.id)
    )
    return [
        Listed(
            url=row.url,
            title=row.listed_title,
            date=row.listed_date,
            channel=row.channel,
            day=row.listed_day,
        )
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
