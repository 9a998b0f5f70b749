"""What a search gives: hits in order, their number, facets, pages, a data frame.

Made by ``Archive.search``; command line, Python and export take their counts from here. Each
method reads the archive as it is when called, in a transaction of its own.
"""

import base64
import binascii
import datetime as dt
import json
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    Select,
    func,
    or_,
    select,
    true,
)

from storage.derived import SearchEntryRow
from storage.errors import ArchiveError, QueryError
from storage.indexing import article_of
from storage.policy_search import count_agencies, count_regions
from storage.query import Query
from storage.rows import MOST_ROWS
from storage.schema import ArticleRow, AuthorRow, BlockRow, ReadingRow, VersionRow
from storage.search import Search
from storage.snippets import Snippet, Spans, find_spans, make_snippet
from storage.transaction import reading

if TYPE_CHECKING:
    import pandas

FACETS = ("portal", "source", "channel", "layout", "type", "year", "month")
# Several of each in an article, which takes longer: counted when named.
MORE_FACETS = ("agency", "region")
_BATCH = 500  # hits read at once while iterating
# Entries at the beginning whose text is looked at before the index is asked, so many at a time and
# only while they promise to fill the page: a word that stands in every fifteenth article fills one
# with them, and the index need not give thousands of others.
_FIRST_LOOKED_AT = (20, 80, 200)
_FEW_WORDS = 4  # of a query for which that is quick
_FIRST_CANDIDATES = 960  # asked for at first, rather than tens of thousands
_FIRST_COMPARED = 64  # of them compared at first for a page; each further time twice as many


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """An article that was found, as its latest version's current reading has it.

    ``version`` is that version's number. ``day`` is what ``newest`` goes by. ``title_marks`` are
    the spans of the words in the title, ``snippet`` shows them in a block; it is ``None`` when no
    block of this version holds any.
    """

    article_id: int
    version: int
    url: str
    title: str | None
    portal: str | None
    source: str | None
    channel: str | None
    layout: str
    type: str | None
    authors: tuple[str, ...]
    published_date: dt.date | None
    posted_date: dt.date | None
    captured_at: dt.datetime
    day: dt.date
    digest: str
    gone_at: dt.datetime | None
    title_marks: Spans = ()
    snippet: Snippet | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Some hits in order, and the cursor that gives those after them (``None`` at the end)."""

    hits: tuple[Hit, ...]
    cursor: str | None


Key = tuple[int, int]  # score (0 unless sorted by relevance), position


class Results:
    """The articles that match a query; nothing is read before it is asked for."""

    def __init__(self, engine: Engine, query: Query) -> None:
        self._engine, self.query = engine, query
        self._search = Search(query, engine.dialect.name)
        self._words = [word.folded for word in query.asked_words]

    def __iter__(self) -> Iterator[Hit]:
        """All hits in order; those that match now, each read when its turn comes."""
        ids = [version_id for version_id, _ in self._entries()]
        for start in range(0, len(ids), _BATCH):
            with self._reading() as connection:
                hits = self._hits(connection, ids[start : start + _BATCH])
            yield from hits

    def article_ids(self) -> list[int]:
        """The numbers of all articles that match, in order, without reading more of them."""
        return [article_of(place) for _, place in self._entries()]

    def count(self) -> int:
        """How many articles match, exactly."""
        with self._reading() as connection:
            query = select(func.count()).select_from(SearchEntryRow).where(self._search.found())
            return connection.scalar(query) or 0

    def facets(self, *names: str) -> dict[str, dict[str | None, int]]:
        """For each facet named (default: ``FACETS``), how many articles have each value.

        The most frequent value comes first, years and months in order; ``None`` counts the
        articles that do not say. ``agency`` and ``region`` can be named too: an article counts
        once for each agency it names, and for each region that it names or names a part of
        (上海市 and 上海市/普陀区). Raises ``QueryError`` for another name.
        """
        known = (*FACETS, *MORE_FACETS)
        if unknown := [name for name in names if name not in known]:
            raise QueryError(f"no facet {unknown[0]!r}; there are {', '.join(known)}")
        names = names or FACETS
        counts: dict[str, Counter[Any]] = {}
        with self._reading() as connection:
            counts |= self._tally(connection, names)
            found = select(SearchEntryRow.reading_id).where(self._search.found())
            if "agency" in names:
                counts["agency"] = count_agencies(connection, found)
            if "region" in names:
                counts["region"] = count_regions(connection, found)
        return {name: _in_order(name, counts[name]) for name in names}

    def page(self, limit: int = 20, cursor: str | None = None) -> Page:
        """At most ``limit`` hits, the first ones or those after the ``cursor`` of a page.

        Articles added meanwhile neither repeat nor hide others. Raises ``QueryError`` for a cursor
        of another query.
        """
        if limit < 1:
            raise QueryError(f"a page has at least one hit, not {limit}")
        limit = min(limit, MOST_ROWS - 1)
        after = self._key(cursor) if cursor is not None else None
        with self._reading() as connection:
            rows = list(self._first(connection, limit + 1, after))
            hits = self._hits(connection, [row.version_id for row in rows[:limit]])
        is_last = len(rows) <= limit
        return Page(hits=tuple(hits), cursor=None if is_last else self._cursor(rows[limit - 1]))

    def to_pandas(self) -> "pandas.DataFrame":
        """One row a hit, without highlights; raises ``ArchiveError`` when pandas is missing."""
        try:
            import pandas
        except ImportError:
            raise ArchiveError("to_pandas needs pandas; run pip install 'jiedu[pandas]'") from None
        names = [f.name for f in fields(Hit) if f.name not in ("title_marks", "snippet")]
        rows = [[getattr(hit, name) for name in names] for hit in self]
        frame = pandas.DataFrame(rows, columns=names)
        for name in ("published_date", "posted_date", "day"):
            frame[name] = pandas.to_datetime(frame[name])
        for name in ("captured_at", "gone_at"):
            frame[name] = pandas.to_datetime(frame[name], utc=True)
        return frame

    # -- inside ---------------------------------------------------------------------------------

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        with reading(self._engine) as connection:
            self._search.index.prepare(connection)
            yield connection

    def _entries(self) -> list[tuple[int, int]]:
        """(version id, position) of all that match, in order."""
        with self._reading() as connection:
            found = connection.execute(self._ordered(self._search.found(), None))
            return [(row.version_id, row.position) for row in found]

    def _ordered(self, condition: ColumnElement[bool], after: Key | None) -> Select[Any]:
        """Entries under a condition in the order asked for, after a key."""
        columns: list[Any] = [SearchEntryRow.version_id, SearchEntryRow.position]
        place: ColumnElement[int] = SearchEntryRow.position.expression
        score = self._search.score().label("score")
        if self.query.sort == "relevance":
            columns.append(score)
        found = select(*columns).where(condition)
        if self._search.word_count:
            # A sum stands in no index: by that of the positions the database would walk through
            # all articles in search of a rare word.
            place = place + 0
        if self.query.sort == "oldest":
            found = found.order_by(place)
            return found.where(place > after[1]) if after else found
        if self.query.sort == "relevance":
            if after:
                earlier = (score == after[0]) & (place < after[1])
                found = found.where(or_(score < after[0], earlier))
            return found.order_by(score.desc(), place.desc())
        found = found.order_by(place.desc())
        return found.where(place < after[1]) if after else found

    def _first(self, connection: Connection, limit: int, after: Key | None) -> Iterator[Any]:
        """The first ``limit`` entries after a key.

        Those at the very beginning are looked at themselves. Else the index names candidates, which
        are compared with their text in order and only until the page is full.
        """
        near = self._nearest(connection, limit, after)
        if len(near) == limit:
            yield from near
            return
        candidates = self._ordered(self._search.possible(), after)
        if self._search.is_exact:
            yield from connection.execute(candidates.limit(limit))
            return
        rows = list(connection.execute(candidates.limit(_FIRST_CANDIDATES)))
        is_all = len(rows) < _FIRST_CANDIDATES
        holds = self._search.holds(is_possible=True)
        start, size = 0, _FIRST_COMPARED
        while limit > 0:
            if start >= len(rows) and not is_all:
                last = (getattr(rows[-1], "score", 0), rows[-1].position)
                rows += connection.execute(self._ordered(self._search.possible(), last))
                is_all = True
            if start >= len(rows):
                return
            some = rows[start : start + size]
            query = select(SearchEntryRow.version_id).where(
                SearchEntryRow.version_id.in_([row.version_id for row in some]), holds
            )
            matching = set(connection.scalars(query))
            chosen = [row for row in some if row.version_id in matching][:limit]
            yield from chosen
            limit -= len(chosen)
            start, size = start + size, size * 2

    def _nearest(self, connection: Connection, limit: int, after: Key | None) -> Sequence[Any]:
        """The first ``limit`` entries after a key if they are among the nearest, else fewer."""
        if self.query.sort == "relevance" or not 0 < self._search.word_count <= _FEW_WORDS:
            return ()
        place, found, looked_at = SearchEntryRow.position, [], 0
        holds = self._search.holds(is_possible=False)
        for size in _FIRST_LOOKED_AT:
            order, is_after = place.desc(), place < after[1] if after else true()
            if self.query.sort == "oldest":
                order, is_after = place.asc(), place > after[1] if after else true()
            near = select(SearchEntryRow.version_id, place).order_by(order).limit(size)
            rows = connection.execute(
                near.where(SearchEntryRow.is_latest.is_(True), is_after)
            ).all()
            ids = [row.version_id for row in rows]
            holding = select(SearchEntryRow.version_id).where(
                SearchEntryRow.version_id.in_(ids), holds
            )
            matching = set(connection.scalars(holding))
            found += [row for row in rows if row.version_id in matching]
            looked_at += size
            if len(found) >= limit:
                return found[:limit]
            if len(rows) < size or len(found) * sum(_FIRST_LOOKED_AT) < limit * looked_at:
                break
            after = (0, rows[-1].position)
        return ()

    def _tally(self, connection: Connection, names: Collection[str]) -> dict[str, Counter[Any]]:
        """How many articles have each value, by combination, so that one look counts all."""
        wanted = [name for name in FACETS if name in names and name not in ("year", "month")]
        if "year" in names or "month" in names:
            wanted.insert(0, "month")  # first: SQLite sorts by these, and months differ the most
        if not wanted:
            return {}
        columns = [getattr(SearchEntryRow, name) for name in wanted]
        counted = select(*columns, func.count()).where(self._search.found()).group_by(*columns)
        counts: dict[str, Counter[Any]] = {name: Counter() for name in wanted}
        for *values, number in connection.execute(counted):
            for count, value in zip(counts.values(), values, strict=True):
                count[value] += number
        if "month" in counts:
            months, years = counts["month"], Counter[str]()
            for month, number in months.items():
                years[f"{month // 12:04}"] += number
            by_name = {f"{n // 12:04}-{n % 12 + 1:02}": number for n, number in months.items()}
            counts |= {"month": Counter(by_name), "year": years}
        return counts

    def _hits(self, connection: Connection, version_ids: Sequence[int]) -> list[Hit]:
        """The hits of entries in the given order."""
        if not version_ids:
            return []
        query = (
            select(
                SearchEntryRow.__table__,
                VersionRow.digest,
                VersionRow.captured_at,
                ReadingRow.title,
                ArticleRow.url,
                ArticleRow.gone_at,
            )
            .join(VersionRow, VersionRow.id == SearchEntryRow.version_id)
            .join(ReadingRow, ReadingRow.id == SearchEntryRow.reading_id)
            .join(ArticleRow, ArticleRow.id == SearchEntryRow.article_id)
            .where(SearchEntryRow.version_id.in_(version_ids))
        )
        rows = {row.version_id: row for row in connection.execute(query)}
        reading_ids = [row.reading_id for row in rows.values()]
        authors = _texts(connection, AuthorRow, reading_ids)
        blocks = _texts(connection, BlockRow, reading_ids) if self._words else {}
        return [
            self._hit(row, authors.get(row.reading_id, ()), blocks.get(row.reading_id, ()))
            for number in version_ids
            if (row := rows.get(number))  # withdrawn while the hits before it were looked at
        ]

    def _hit(self, row: Any, authors: Sequence[str], blocks: Sequence[str]) -> Hit:
        return Hit(
            article_id=row.article_id,
            version=row.number,
            url=row.url,
            title=row.title,
            portal=row.portal,
            source=row.source,
            channel=row.channel,
            layout=row.layout,
            type=row.type,
            authors=tuple(authors),
            published_date=row.published_date,
            posted_date=row.posted_date,
            captured_at=row.captured_at,
            day=row.published_date or row.posted_date or row.captured_date,
            digest=row.digest,
            gone_at=row.gone_at,
            title_marks=find_spans(row.title or "", self._words),
            snippet=make_snippet(blocks, self._words) if blocks else None,
        )

    def _cursor(self, row: Any) -> str:
        key = [self._mark(), getattr(row, "score", 0), row.position]
        return base64.urlsafe_b64encode(json.dumps(key).encode()).decode().rstrip("=")

    def _key(self, cursor: str) -> Key:
        try:
            padded = cursor + "=" * (-len(cursor) % 4)
            mark, score, place = json.loads(base64.urlsafe_b64decode(padded.encode("ascii")))
            if isinstance(score, int) and isinstance(place, int) and 0 <= place < 2**63:
                if mark != self._mark():
                    raise QueryError("this cursor belongs to another query; start without it")
                return score, place
        except (ValueError, TypeError, binascii.Error, RecursionError):
            pass
        raise QueryError(f"{cursor[:40]!r} is no cursor; start without it")

    def _mark(self) -> str:
        """What a cursor and its query have in common."""
        return sha256(repr(self.query).encode("utf-8", "replace")).hexdigest()[:12]


def _in_order(name: str, counts: Counter[Any]) -> dict[str | None, int]:
    if name in ("year", "month"):
        return dict(sorted(counts.items()))
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0] or "")))


def _texts(
    connection: Connection, table: type[AuthorRow] | type[BlockRow], reading_ids: Sequence[int]
) -> dict[int, list[str]]:
    """Names of authors or texts of blocks by reading, in order."""
    if issubclass(table, AuthorRow):
        query = select(AuthorRow.reading_id, AuthorRow.name).where(AuthorRow.role == "author")
    else:
        query = select(BlockRow.reading_id, BlockRow.text)
    found: dict[int, list[str]] = {}
    query = query.where(table.reading_id.in_(reading_ids))
    for reading_id, value in connection.execute(query.order_by(table.reading_id, table.ordinal)):
        found.setdefault(reading_id, []).append(value)
    return found
