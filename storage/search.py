"""From a query to SQL: which entries it finds.

Called by ``storage.results``; what words there are is asked of ``storage.word_index``.
"""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    and_,
    case,
    exists,
    false,
    literal,
    not_,
    or_,
    select,
    true,
)
from sqlalchemy.orm import aliased

from storage.derived import SearchEntryRow
from storage.policy_search import readings_with
from storage.query import Query
from storage.query_tree import NAMES, And, Changed, Field, Gone, Node, Not, Or, Span, Word
from storage.schema import ArticleRow, AuthorRow
from storage.word_index import Condition, Fts5, Gin, Index


class Search:
    """A query's conditions on ``SearchEntryRow``, of which each article has one latest.

    Documents and regions go by what was known ``as_of`` a moment, if one is given: which titles
    and numbers are one document, and which code a name stands for.
    """

    def __init__(self, query: Query, dialect: str, as_of: dt.datetime | None = None) -> None:
        self.query, self._as_of = query, as_of
        self._tree = query.tree
        self._all = query.versions == "all"
        self.index: Index = Fts5() if dialect == "sqlite" else Gin()

    @property
    def is_exact(self) -> bool:
        """Whether the tokens alone decide, so that ``possible`` is the answer."""
        return all(self.index.is_exact(word) for word in _words(self._tree))

    @property
    def word_count(self) -> int:
        """How many words are looked for, also those an article must be without."""
        return len(_words(self._tree))

    def found(self) -> Condition:
        """True for the latest entry of exactly the articles that match."""
        return and_(self._is_latest(), self._found(self._tree))

    def possible(self) -> Condition:
        """True for those and for some that may not match, quickly."""
        return and_(self._is_latest(), self._upper(self._tree))

    def holds(self, *, is_possible: bool) -> Condition:
        """Whether an entry matches, by its text: to be asked of few entries.

        ``is_possible``: nothing is asked again that the index has decided for it.
        """
        return (self._holds if is_possible else self._holds_alone)(self._tree)

    def _is_latest(self) -> Condition:
        if self.word_count:
            return self.index.is_latest(SearchEntryRow)
        return SearchEntryRow.is_latest.is_(True)

    def score(self) -> ColumnElement[int]:
        """How many of the wanted words are in the title of an entry."""
        words = dict.fromkeys(Word(word.folded, True) for word in self.query.asked_words)
        total: ColumnElement[int] = literal(0, Integer)
        for word in words:
            total = total + case((self.index.condition(SearchEntryRow, [word]), 1), else_=0)
        return total

    def _found(self, node: Node) -> Condition:
        match node:
            case And():
                return self._conjunction(node, self._found, is_checked=True)
            case Or():
                return or_(false(), *map(self._found, node.parts))
            case Not():
                return not_(self._found(node.part))
            case Word():
                return self._indexed([node], is_checked=True)
        return self._field(node)

    def _upper(self, node: Node) -> Condition:
        """A condition that everything which matches ``node`` fulfils."""
        match node:
            case And():
                return self._conjunction(node, self._upper, is_checked=False)
            case Or():
                return or_(false(), *map(self._upper, node.parts))
            case Not():
                return not_(self._lower(node.part))
            case Word():
                return self._indexed([node], is_checked=False)
        return self._field(node)

    def _lower(self, node: Node) -> Condition:
        """A condition that only what matches ``node`` fulfils."""
        match node:
            case And():
                return and_(true(), *map(self._lower, node.parts))
            case Or():
                return or_(false(), *map(self._lower, node.parts))
            case Not():
                return not_(self._upper(node.part))
            case Word():
                if not self.index.is_exact(node):
                    return false()
                return self._indexed([node], is_checked=False)
        return self._field(node)

    def _conjunction(self, node: And, condition: Any, *, is_checked: bool) -> Condition:
        """Words that are in one entry are looked up together; each may be in another version."""
        words = [part for part in node.parts if isinstance(part, Word)]
        others = [condition(part) for part in node.parts if not isinstance(part, Word)]
        if self._all:
            others += [self._indexed([word], is_checked=is_checked) for word in words]
        elif words:
            others.insert(0, self._indexed(words, is_checked=is_checked))
        return and_(true(), *others)

    def _indexed(self, words: Sequence[Word], *, is_checked: bool) -> Condition:
        if not self._all:
            return self.index.condition(SearchEntryRow, words, is_checked=is_checked)
        version = aliased(SearchEntryRow)
        has = self.index.condition(version, words, is_checked=is_checked, in_all=True)
        return SearchEntryRow.article_id.in_(select(version.article_id).where(has))

    def _holds(self, node: Node) -> Condition:
        match node:
            case And():
                unsure = [p for p in node.parts if not all(map(self.index.is_exact, _words(p)))]
                return and_(true(), *map(self._holds, unsure))
            case Or():
                return or_(false(), *map(self._holds_alone, node.parts))
        return self._holds_alone(node)

    def _holds_alone(self, node: Node) -> Condition:
        """As ``_holds``, where the index has promised nothing of ``node`` by itself."""
        match node:
            case And():
                return and_(true(), *map(self._holds_alone, node.parts))
            case Or():
                return or_(false(), *map(self._holds_alone, node.parts))
            case Not():
                return not_(self._holds_alone(node.part))
            case Word():
                if not self._all:
                    return self.index.comparison(SearchEntryRow, node)
                version = aliased(SearchEntryRow)
                return exists().where(
                    version.article_id == SearchEntryRow.article_id,
                    self.index.comparison(version, node),
                )
        return self._field(node)

    def _field(self, node: Field | Span | Gone | Changed) -> Condition:
        match node:
            case Gone():
                is_gone = ArticleRow.gone_at.is_not(None)
                gone = exists().where(ArticleRow.id == SearchEntryRow.article_id, is_gone)
                return gone if node.is_gone else ~gone
            case Changed():
                return SearchEntryRow.number > 1 if node.is_changed else SearchEntryRow.number == 1
        if not self._all:
            return self._has(SearchEntryRow, node)
        version = aliased(SearchEntryRow)
        has = self._has(version, node)
        return SearchEntryRow.article_id.in_(select(version.article_id).where(has))

    def _has(self, entry: Any, node: Field | Span) -> Condition:
        """Whether an entry has the field; a missing one is unlike any value, also under NOT."""
        if isinstance(node, Span):
            day = getattr(entry, f"{node.name}_date")
            ends = [day.is_not(None)]
            if node.since:
                ends.append(day >= node.since)
            if node.until:
                ends.append(day <= node.until)
            return and_(*ends)
        if node.name == "author":
            by_author: Condition = entry.reading_id.in_(
                select(AuthorRow.reading_id).where(
                    AuthorRow.name == node.value, AuthorRow.role == "author"
                )
            )
            return by_author
        if node.name in (*NAMES, "type"):
            field = getattr(entry, node.name)
            has: Condition = and_(field.is_not(None), field == node.value)
            return has
        named: Condition = entry.reading_id.in_(readings_with(node.name, node.value, self._as_of))
        return named


def _words(node: Node) -> list[Word]:
    match node:
        case Word():
            return [node]
        case And() | Or():
            return [word for part in node.parts for word in _words(part)]
        case Not():
            return _words(node.part)
    return []
