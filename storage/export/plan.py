"""In which order and in which portions a dataset is read: by year, portal, then number.

Called by ``storage.export.making``. What is kept in memory of an article is some twenty bytes.
"""

import datetime as dt
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy import Connection, Select, func, select

from storage.export.state import readings_then
from storage.record import calendar_date
from storage.schema import ArticleRow, CaptureRow, ReadingRow, VersionRow

_ROWS = 2000  # articles listed at once
_ARTICLES = 1000  # of a portion at most
_WEIGHT = 4_000_000  # of a portion at most: characters of its texts, and its captures
_CAPTURE = 100  # what a capture weighs


@dataclass(frozen=True, slots=True, kw_only=True)
class Portion:
    """Some articles of one year and portal."""

    year: int
    portal: str | None
    article_ids: list[int]


class Plan:
    """All articles of a dataset in order."""

    def __init__(
        self,
        connection: Connection,
        as_of: dt.datetime,
        wanted: set[int] | None,
        *,
        every_version: bool = False,
    ) -> None:
        ids, years, portals, weights = array("q"), array("h"), array("i"), array("q")
        names: dict[str | None, int] = {}
        current = readings_then(as_of).subquery()
        query = (
            select(
                current.c.article_id,
                ArticleRow.portal,
                ReadingRow.published_date,
                ReadingRow.posted_date,
                ReadingRow.text_length,
                VersionRow.captured_at,
            )
            .join(ReadingRow, ReadingRow.id == current.c.reading_id)
            .join(VersionRow, VersionRow.id == current.c.version_id)
            .join(ArticleRow, ArticleRow.id == current.c.article_id)
            .execution_options(yield_per=_ROWS)
        )
        for number, portal, published, posted, length, captured_at in connection.execute(query):
            if wanted is not None and number not in wanted:
                continue
            day = published or posted or calendar_date(captured_at)
            assert day is not None
            ids.append(number)
            years.append(day.year)
            portals.append(names.setdefault(portal, len(names)))
            weights.append(length)
        self._names = list(names)
        rank = {name: n for n, name in enumerate(sorted(names, key=lambda name: name or ""))}
        ranks = np.array([rank[name] for name in names], dtype=np.int32)
        self._portals = np.array(portals, dtype=np.int32)
        self._ids, self._years = np.array(ids), np.array(years)
        by_portal = ranks[self._portals] if len(ids) else self._portals
        self._order = np.lexsort((self._ids, by_portal, self._years))
        captures = select(CaptureRow.article_id, func.count()).where(
            CaptureRow.article_id.is_not(None)
        )
        self._weights = np.array(weights) + _CAPTURE * self._of_each(
            connection, captures.group_by(CaptureRow.article_id)
        )
        if every_version:
            texts = select(VersionRow.article_id, func.sum(ReadingRow.text_length))
            texts = texts.join(ReadingRow, ReadingRow.version_id == VersionRow.id)
            self._weights += self._of_each(connection, texts.group_by(VersionRow.article_id))

    def article_ids(self) -> list[int]:
        """The numbers of all articles, in no order."""
        return [int(number) for number in self._ids]

    def __len__(self) -> int:
        return len(self._ids)

    def __iter__(self) -> Iterator[Portion]:
        key: tuple[int, int] | None = None
        ids: list[int] = []
        weight = 0
        for place in self._order:
            here = int(self._years[place]), int(self._portals[place])
            own = int(self._weights[place])
            if ids and (here != key or len(ids) == _ARTICLES or weight + own > _WEIGHT):
                assert key is not None
                yield Portion(year=key[0], portal=self._names[key[1]], article_ids=ids)
                ids, weight = [], 0
            key = here
            ids.append(int(self._ids[place]))
            weight += own
        if ids and key is not None:
            yield Portion(year=key[0], portal=self._names[key[1]], article_ids=ids)

    def _of_each(self, connection: Connection, query: Select[Any, Any]) -> np.ndarray:
        """A number of each article, by a query for both, in the order of ``_ids``."""
        counts = np.zeros(len(self._ids), dtype=np.int64)
        by_id = np.argsort(self._ids)
        sorted_ids = self._ids[by_id]
        rows = connection.execute(query.execution_options(yield_per=_ROWS))
        for some in rows.partitions(_ROWS):
            numbers = np.array([row[0] for row in some], dtype=np.int64)
            places = np.searchsorted(sorted_ids, numbers)
            for place, (number, count) in zip(places, some, strict=True):
                if place < len(sorted_ids) and sorted_ids[place] == number:
                    counts[by_id[place]] = count
        return counts
