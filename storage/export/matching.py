"""Which articles a query found at a moment.

What has not changed since is asked of the search itself, so that an export counts as every other
reader of the archive does; the few articles that have are looked at one by one, as they were.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, select

from storage.derived import SearchEntryRow
from storage.export.state import gone_then, unsettled_since, versions_then
from storage.id_list import id_list
from storage.policy_search import readings_with
from storage.query import Query
from storage.query_tree import POLICY, And, Changed, Field, Gone, Node, Not, Or, Span, Word
from storage.record import calendar_date
from storage.schema import ArticleRow, AuthorRow, BlockRow, ReadingRow
from storage.search import Search
from storage.tokens import fold

_BATCH = 200  # articles whose texts are in memory at once


def matching_articles(connection: Connection, query: Query, as_of: dt.datetime) -> set[int] | None:
    """The numbers of the articles that the query would have found then; ``None`` for all."""
    tree = query.tree
    if tree == And(()):
        return None
    search = Search(query, connection.dialect.name, as_of=as_of)
    search.index.prepare(connection)
    unsettled = unsettled_since(connection, as_of)
    today = connection.scalars(select(SearchEntryRow.article_id).where(search.found()))
    found = {number for number in today if number not in unsettled}
    ids = sorted(unsettled)
    for start in range(0, len(ids), _BATCH):
        articles = _articles_then(connection, ids[start : start + _BATCH], query, as_of)
        found.update(article.id for article in articles if article.matches(tree))
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class _Entry:
    """A version as search looks at it."""

    row: Row[Any]
    title: str
    blocks: Sequence[str]
    authors: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Article:
    """An article at the moment, with the versions on which it is matched."""

    id: int
    portal: str | None
    number: int
    is_gone: bool
    entries: Sequence[_Entry]
    named: Callable[[Field], set[int]]  # readings of the batch that name a policy entity

    def matches(self, node: Node) -> bool:
        match node:
            case And():
                return all(map(self.matches, node.parts))
            case Or():
                return any(map(self.matches, node.parts))
            case Not():
                return not self.matches(node.part)
            case Gone():
                return self.is_gone == node.is_gone
            case Changed():
                return (self.number > 1) == node.is_changed
            case Word():
                return any(_holds(entry, node) for entry in self.entries)
            case Span():
                return any(_is_within(_day(entry, node.name), node) for entry in self.entries)
        return any(self._has(entry, node) for entry in self.entries)

    def _has(self, entry: _Entry, node: Field) -> bool:
        if node.name == "author":
            return node.value in entry.authors
        if node.name == "portal":
            return self.portal == node.value
        if node.name == "type":
            return bool(entry.row.interpretation_type == node.value)
        if node.name in POLICY:
            return entry.row.id in self.named(node)
        return bool(getattr(entry.row, node.name) == node.value)


def _holds(entry: _Entry, word: Word) -> bool:
    if word.folded in entry.title:
        return True
    return not word.in_title and any(word.folded in block for block in entry.blocks)


def _day(entry: _Entry, name: str) -> dt.date | None:
    if name == "captured":
        return calendar_date(entry.row.captured_at)
    day: dt.date | None = getattr(entry.row, f"{name}_date")
    return day


def _is_within(day: dt.date | None, span: Span) -> bool:
    if day is None:
        return False
    return (span.since is None or day >= span.since) and (span.until is None or day <= span.until)


def _articles_then(
    connection: Connection, ids: Sequence[int], query: Query, as_of: dt.datetime
) -> Iterable[_Article]:
    versions = versions_then(connection, ids, as_of)
    asked = {
        number: rows if query.versions == "all" else rows[-1:] for number, rows in versions.items()
    }
    readings = [row.id for rows in asked.values() for row in rows]
    blocks = _by_reading(connection, select(BlockRow.reading_id, BlockRow.text), readings)
    of_author = select(AuthorRow.reading_id, AuthorRow.name).where(AuthorRow.role == "author")
    authors = _by_reading(connection, of_author, readings)
    gone = gone_then(connection, ids, as_of)
    portals = {
        row.id: row.portal
        for row in connection.execute(
            select(ArticleRow.id, ArticleRow.portal).where(
                ArticleRow.id.in_(id_list(connection, ids))
            )
        )
    }
    known: dict[Field, set[int]] = {}

    def named(field: Field) -> set[int]:
        if field not in known:
            which = readings_with(field.name, field.value, as_of)
            among = select(ReadingRow.id).where(
                ReadingRow.id.in_(id_list(connection, readings)), ReadingRow.id.in_(which)
            )
            known[field] = set(connection.scalars(among))
        return known[field]

    for number, rows in asked.items():
        yield _Article(
            id=number,
            portal=portals[number],
            number=rows[-1].number,
            is_gone=number in gone,
            entries=[
                _Entry(
                    row=row,
                    title=fold(row.title or ""),
                    blocks=[fold(text) for text in blocks.get(row.id, ())],
                    authors=authors.get(row.id, ()),
                )
                for row in rows
            ],
            named=named,
        )


def _by_reading(
    connection: Connection, query: Any, readings: Sequence[int]
) -> dict[int, list[str]]:
    column = query.selected_columns.reading_id
    found: dict[int, list[str]] = {}
    listed = id_list(connection, readings)
    for reading_id, value in connection.execute(query.where(column.in_(listed))):
        found.setdefault(reading_id, []).append(value)
    return found
