"""Reprints (转载): the same text on other portals, its earliest copy, and what the others changed.

``Archive`` inherits the methods; `jiedu reprints` prints them. Texts are compared by
``storage.reprint_links`` when they are archived; one shorter than some hundred characters (a 图解
without text, a notice of one sentence) has no part in it.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, Engine, Row, select

from storage.aliases import named_article
from storage.chain import latest_version
from storage.derived import SearchEntryRow
from storage.errors import VersionNotFound
from storage.identity import url_key
from storage.policy_schema import HopRow
from storage.reprint_changes import Comparison, compare_texts
from storage.reprint_clusters import clusters, copies_of, in_batches
from storage.reprint_origin import Copy, order_copies
from storage.schema import AliasRow, ArticleRow, BlockRow, ReadingRow, VersionRow
from storage.tombstones import require_open
from storage.transaction import snapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class Reprint:
    """An article of a cluster, by the current reading of its latest version.

    ``outlet`` is the print origin's medium, else the credited source; ``date`` the original's
    calendar date as this page states it, else the portal's. ``comparison`` is with the earliest
    copy: ``None`` for that one itself, and in lists of clusters.
    """

    article_id: int
    version: int
    url: str
    portal: str | None
    title: str | None
    outlet: str | None
    date: dt.date | None
    first_seen_at: dt.datetime
    comparison: Comparison | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReprintCluster:
    """Copies of one text: the earliest first, the others by date; ``basis`` says why that one is.

    ``id`` is the smallest number of an article in it; it may change when an article is added or
    edited that connects two clusters.
    """

    id: int
    basis: str
    members: tuple[Reprint, ...]

    @property
    def origin(self) -> Reprint:
        """The earliest copy in the archive."""
        return self.members[0]


class Reprints:
    """What an archive knows of copies."""

    _engine: Engine

    def reprints(self, which: str | int) -> ReprintCluster:
        """The copies of an article, itself among them, compared with the earliest one.

        An article without a copy is alone in its cluster. Raises ``ArticleNotFound``,
        ``ArticleWithdrawn`` or ``VersionNotFound`` (nothing of it could be read yet).
        """
        with snapshot(self._engine) as connection:
            return _reprints(connection, which)

    def reprint_clusters(
        self, *, portal: str | None = None, limit: int | None = None
    ) -> list[ReprintCluster]:
        """Clusters of two articles or more, the largest first; those with an article of a portal.

        Their members are not compared: ``reprints`` does that.
        """
        with snapshot(self._engine) as connection:
            return _clusters(connection, portal, limit)


def _reprints(connection: Connection, which: str | int) -> ReprintCluster:
    article_id = named_article(connection, which)
    require_open(connection, article_id)
    if latest_version(connection, article_id) is None:
        raise VersionNotFound(f"{which}: no version; none could be read yet")
    cluster = _cluster(connection, copies_of(connection, article_id))
    texts = _texts(connection, [member.article_id for member in cluster.members])
    original = texts.get(cluster.origin.article_id, [])
    compared = (
        replace(member, comparison=compare_texts(original, texts.get(member.article_id, [])))
        for member in cluster.members[1:]
    )
    return replace(cluster, members=(cluster.origin, *compared))


def _clusters(
    connection: Connection, portal: str | None, limit: int | None
) -> list[ReprintCluster]:
    members: dict[int, set[int]] = {}
    for article_id, cluster_id in clusters(connection).items():
        members.setdefault(cluster_id, set()).add(article_id)
    if portal is not None:
        query = select(ArticleRow.id).where(ArticleRow.portal == portal)
        own = set(connection.scalars(query))
        members = {number: found for number, found in members.items() if found & own}
    largest = sorted(members.values(), key=lambda found: (-len(found), min(found)))
    return [_cluster(connection, found) for found in largest[:limit]]


def _cluster(connection: Connection, article_ids: set[int]) -> ReprintCluster:
    rows: list[Row[Any]] = []
    for some in in_batches(sorted(article_ids)):
        rows += connection.execute(_current().where(ArticleRow.id.in_(some)))
    order, basis = order_copies(_copies(connection, rows))
    by_id = {row.article_id: _member(row) for row in rows}
    return ReprintCluster(
        id=min(by_id), basis=basis, members=tuple(by_id[article_id] for article_id in order)
    )


def _current() -> Any:
    """The current reading of articles' latest versions; a withdrawn article has none."""
    return (
        select(
            ReadingRow.__table__,
            ArticleRow.id.label("article_id"),
            ArticleRow.url.label("address"),
            ArticleRow.url_key,
            ArticleRow.portal.label("of_article"),
            ArticleRow.first_seen_at,
            VersionRow.number,
        )
        .join(SearchEntryRow, SearchEntryRow.reading_id == ReadingRow.id)
        .join(ArticleRow, ArticleRow.id == SearchEntryRow.article_id)
        .join(VersionRow, VersionRow.id == SearchEntryRow.version_id)
        .where(SearchEntryRow.is_latest.is_(True), ArticleRow.withdrawn_at.is_(None))
        .order_by(ArticleRow.id)
    )


def _member(row: Row[Any]) -> Reprint:
    return Reprint(
        article_id=row.article_id,
        version=row.number,
        url=row.address,
        portal=row.of_article,
        title=row.title,
        outlet=row.origin_medium or row.source,
        date=row.published_date or row.posted_date,
        first_seen_at=row.first_seen_at,
    )


def _copies(connection: Connection, rows: Sequence[Row[Any]]) -> list[Copy]:
    hops: dict[int, list[str]] = {}
    keys: dict[int, set[str]] = {row.article_id: {row.url_key} for row in rows}
    for some in in_batches([row.id for row in rows]):
        query = select(HopRow.reading_id, HopRow.outlet).where(HopRow.reading_id.in_(some))
        for reading_id, outlet in connection.execute(query):
            hops.setdefault(reading_id, []).append(outlet)
    for some in in_batches(list(keys)):
        aliases = select(AliasRow.article_id, AliasRow.url_key)
        for article_id, key in connection.execute(aliases.where(AliasRow.article_id.in_(some))):
            keys[article_id].add(key)
    return [
        Copy(
            article_id=row.article_id,
            url=row.address,
            keys=frozenset(keys[row.article_id]),
            source_key=_key(row.source_url),
            credits=tuple(
                name for name in (row.origin_medium, row.source, *hops.get(row.id, ())) if name
            ),
            date=row.published_date or row.posted_date,
            posted_date=row.posted_date,
            posted_at=None if row.posted_precision == "day" else row.posted_at,
            first_seen_at=row.first_seen_at,
        )
        for row in rows
    ]


def _key(url: str | None) -> str | None:
    """The key of an address a page links to, if it is one."""
    try:
        return url_key(url) if url else None
    except ValueError:
        return None


def _texts(connection: Connection, article_ids: Sequence[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    for some in in_batches(list(article_ids)):
        query = (
            select(SearchEntryRow.article_id, BlockRow.text)
            .join(BlockRow, BlockRow.reading_id == SearchEntryRow.reading_id)
            .where(SearchEntryRow.article_id.in_(some), SearchEntryRow.is_latest.is_(True))
            .where(BlockRow.kind != "caption")
            .order_by(BlockRow.reading_id, BlockRow.ordinal)
        )
        for article_id, text in connection.execute(query):
            found.setdefault(article_id, []).append(text)
    return found
