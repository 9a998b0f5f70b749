"""Articles that are copies of one another, by the links found between their readings.

Called by ``storage.reprints`` and by exports. An article counts by the current reading of its
latest version; a withdrawn one does not count.
"""

import datetime as dt
from collections.abc import Iterable

from sqlalchemy import ColumnElement, Connection, Select, select
from sqlalchemy.orm import aliased

from storage.errors import QueryError
from storage.reprint_schema import ReprintLinkRow, SignatureRow
from storage.schema import ArticleRow, ReadingRow, VersionRow

_BATCH = 500  # a statement of SQLite takes 32,766 values


def clusters(
    connection: Connection, as_of: dt.datetime | None = None, *, with_withdrawn: bool = False
) -> dict[int, int]:
    """The cluster of each article that has a copy: article number -> smallest number of its copies.

    ``as_of`` gives the clusters by the versions and readings recorded by then, without the
    articles withdrawn today, or with them; ``QueryError`` for a time without a zone. Memory
    grows with the number of articles that have a copy.
    """
    if as_of is not None and as_of.tzinfo is None:
        raise QueryError(f"{as_of.isoformat(' ')} has no time zone; add one, such as +08:00")
    first: dict[int, int] = {}
    pairs = _pairs_now() if as_of is None else _pairs_then(as_of, with_withdrawn)
    for one, other in connection.execute(pairs.execution_options(yield_per=_BATCH)):
        a, b = sorted((_first(first, one), _first(first, other)))
        first[b] = first[a] = a
    return {article_id: _first(first, article_id) for article_id in sorted(first)}


def copies_of(connection: Connection, article_id: int, *, at_any_time: bool = False) -> set[int]:
    """The numbers of the articles in the cluster of an article, its own with them.

    ``at_any_time`` gives all that were ever linked, whatever was edited or withdrawn since.
    """
    pairs = _pairs_ever() if at_any_time else _pairs_now()
    found, last = {article_id}, {article_id}
    while last:
        met: set[int] = set()
        for some in in_batches(sorted(last)):
            for one, other in ((_newer, _older), (_older, _newer)):
                query = pairs.where(one.article_id.in_(some))
                met.update(connection.scalars(query.with_only_columns(other.article_id)))
        last = met - found
        found |= last
    return found


def in_batches(numbers: list[int]) -> Iterable[list[int]]:
    """Some hundreds at a time."""
    return (numbers[start : start + _BATCH] for start in range(0, len(numbers), _BATCH))


_newer, _older = aliased(SignatureRow), aliased(SignatureRow)


def _pairs_ever() -> Select[int, int]:
    """Articles that were ever linked, as two numbers."""
    return (
        select(_newer.article_id, _older.article_id)
        .select_from(ReprintLinkRow)
        .join(_newer, _newer.reading_id == ReprintLinkRow.reading_id)
        .join(_older, _older.reading_id == ReprintLinkRow.other_reading_id)
    )


def _pairs_now() -> Select[int, int]:
    """Articles linked today; only a current reading has hashes."""
    one, other = aliased(ArticleRow), aliased(ArticleRow)
    return (
        _pairs_ever()
        .join(one, one.id == _newer.article_id)
        .join(other, other.id == _older.article_id)
        .where(_newer.hashes.is_not(None), _older.hashes.is_not(None))
        .where(one.withdrawn_at.is_(None), other.withdrawn_at.is_(None))
    )


def _pairs_then(as_of: dt.datetime, with_withdrawn: bool) -> Select[int, int]:
    """Articles linked at a time, as two numbers; the links lead, which are few."""
    newer, older = (_ReadingThen(as_of, with_withdrawn) for _ in range(2))
    return (
        select(newer.version.article_id, older.version.article_id)
        .select_from(ReprintLinkRow)
        .join(newer.reading, newer.reading.id == ReprintLinkRow.reading_id)
        .join(newer.version, newer.version.id == newer.reading.version_id)
        .join(older.reading, older.reading.id == ReprintLinkRow.other_reading_id)
        .join(older.version, older.version.id == older.reading.version_id)
        .where(*newer.is_current(), *older.is_current())
    )


class _ReadingThen:
    """A reading and its version, to be asked whether they were an article's current ones."""

    def __init__(self, as_of: dt.datetime, with_withdrawn: bool) -> None:
        self.reading, self.version = aliased(ReadingRow), aliased(VersionRow)
        self._as_of, self._with_withdrawn = as_of, with_withdrawn

    def is_current(self) -> list[ColumnElement[bool]]:
        reading, version, article = aliased(ReadingRow), aliased(VersionRow), aliased(ArticleRow)
        newer_reading = select(reading.id).where(
            reading.version_id == self.version.id,
            reading.id > self.reading.id,
            reading.recorded_at <= self._as_of,
        )
        newer_version = select(version.id).where(
            version.article_id == self.version.article_id,
            version.number > self.version.number,
            version.recorded_at <= self._as_of,
        )
        withdrawn = select(article.id).where(
            article.id == self.version.article_id, article.withdrawn_at.is_not(None)
        )
        conditions = [
            self.reading.recorded_at <= self._as_of,
            self.version.recorded_at <= self._as_of,
            ~newer_reading.exists(),
            ~newer_version.exists(),
        ]
        return conditions if self._with_withdrawn else [*conditions, ~withdrawn.exists()]


def _first(first: dict[int, int], article_id: int) -> int:
    """The smallest number known to belong together with an article, the ways to it made short."""
    first.setdefault(article_id, article_id)
    end = article_id
    while first[end] != end:
        end = first[end]
    while first[article_id] != end:
        first[article_id], article_id = end, first[article_id]
    return end
