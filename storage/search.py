"""From a query to SQL: which entries it finds, on SQLite FTS5 and on PostgreSQL GIN.

Called by ``storage.results``. A word's tokens are necessary in a text and for most words
sufficient; where they are not, the text itself is compared. What differs between the databases is
in the two classes at the end.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Integer,
    SelectBase,
    and_,
    case,
    cast,
    column,
    exists,
    false,
    func,
    literal,
    not_,
    or_,
    select,
    table,
    text,
    true,
    union_all,
)
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.orm import aliased

from storage.derived import SearchEntryRow
from storage.query import And, Field, Gone, Node, Not, Or, Query, Span, Word
from storage.schema import ArticleRow, AuthorRow, BlockRow, ReadingRow
from storage.tokens import asked_lexemes, fold, fts5_expression, is_run, unfolded_pattern

Condition = ColumnElement[bool]


class Search:
    """A query's conditions on ``SearchEntryRow``, of which each article has one latest."""

    def __init__(self, query: Query, dialect: str) -> None:
        self.query = query
        self._tree = query.tree
        self._all = query.versions == "all"
        self.index: Index = Fts5() if dialect == "sqlite" else Gin()

    @property
    def is_exact(self) -> bool:
        """Whether the tokens alone decide, so that ``possible`` is the answer."""
        return all(self.index.is_exact(word) for word in _words(self._tree))

    @property
    def has_words(self) -> bool:
        return bool(_words(self._tree))

    def found(self) -> Condition:
        """True for the latest entry of exactly the articles that match."""
        return and_(SearchEntryRow.is_latest.is_(True), self._found(self._tree))

    def possible(self) -> Condition:
        """True for those and for some that may not match, quickly."""
        return and_(SearchEntryRow.is_latest.is_(True), self._upper(self._tree))

    def holds(self) -> Condition:
        """Whether an entry that is possible matches, by its text: to be asked of few entries."""
        return self._holds(self._tree)

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
        return SearchEntryRow.article_id.in_(
            select(version.article_id).where(
                self.index.condition(version, words, is_checked=is_checked)
            )
        )

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

    def _field(self, node: Field | Span | Gone) -> Condition:
        if isinstance(node, Gone):
            gone = exists().where(
                ArticleRow.id == SearchEntryRow.article_id, ArticleRow.gone_at.is_not(None)
            )
            return gone if node.is_gone else ~gone
        if not self._all:
            return _has(SearchEntryRow, node)
        version = aliased(SearchEntryRow)
        return SearchEntryRow.article_id.in_(select(version.article_id).where(_has(version, node)))


def _words(node: Node) -> list[Word]:
    match node:
        case Word():
            return [node]
        case And() | Or():
            return [word for part in node.parts for word in _words(part)]
        case Not():
            return _words(node.part)
    return []


def _has(entry: Any, node: Field | Span) -> Condition:
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
    field = getattr(entry, node.name)
    has: Condition = and_(field.is_not(None), field == node.value)
    return has


class Index(ABC):
    """What a database's own index says of words; ``entry`` is ``SearchEntryRow`` or its alias."""

    @abstractmethod
    def prepare(self, connection: Connection) -> None:
        """Make a connection ready to search."""

    def condition(self, entry: Any, words: Sequence[Word], *, is_checked: bool = True) -> Condition:
        """Whether an entry has all the words, or with ``is_checked`` unset their tokens."""
        versions = self._versions(words, [w for w in words if is_checked and not self.is_exact(w)])
        return entry.version_id.in_(versions)  # type: ignore[no-any-return]

    @abstractmethod
    def is_exact(self, word: Word) -> bool:
        """Whether a text with the word's tokens always has the word."""

    @abstractmethod
    def comparison(self, entry: Any, word: Word) -> Condition:
        """Whether the text of an entry has the word, without the index."""

    @abstractmethod
    def _versions(self, words: Sequence[Word], compared: Sequence[Word]) -> SelectBase:
        """The versions with the tokens of ``words`` whose text has the words ``compared``."""


class Fts5(Index):
    """SQLite: tokens with their places, so that most phrases need no comparison."""

    _table = table("search_index", column("rowid", BigInteger), column("search_index"))

    def prepare(self, connection: Connection) -> None:
        driver: Any = connection.connection.dbapi_connection
        driver.create_function("jiedu_holds", 2, _is_in, deterministic=True)

    def is_exact(self, word: Word) -> bool:
        return is_run(word.folded) or len(word.folded) == 1

    def comparison(self, entry: Any, word: Word) -> Condition:
        holds = func.jiedu_holds
        in_title = exists().where(
            ReadingRow.id == entry.reading_id, holds(ReadingRow.title, word.folded) == 1
        )
        if word.in_title:
            return in_title
        in_block = exists().where(
            BlockRow.reading_id == entry.reading_id, holds(BlockRow.text, word.folded) == 1
        )
        return or_(in_title, in_block)

    def _versions(self, words: Sequence[Word], compared: Sequence[Word]) -> SelectBase:
        wanted = " AND ".join(
            ("{title} : " if word.in_title else "") + fts5_expression(word.folded) for word in words
        )
        found = select(self._table.c.rowid).where(self._table.c.search_index.op("MATCH")(wanted))
        if not compared:
            return found
        version = aliased(SearchEntryRow)
        return select(version.version_id).where(
            version.version_id.in_(found), *(self.comparison(version, word) for word in compared)
        )


def _is_in(text: str | None, word: str) -> bool:
    """The SQL function of SQLite: whether a stored text has a folded word."""
    if text is None or word in text:
        return text is not None
    pattern = unfolded_pattern(word)
    return word in fold(text) if pattern is None else pattern.search(text) is not None


class Gin(Index):
    """PostgreSQL: tokens without places; a word of more than two characters is compared."""

    _table = table(
        "search_index", column("version_id", BigInteger), column("title"), column("body"),
        column("tokens"),
    )  # fmt: skip

    def prepare(self, connection: Connection) -> None:
        # Sets of articles are hashed rather than searched again for every row.
        connection.execute(text("SET LOCAL work_mem = '64MB'"))
        # Compiling a plan takes longer than any of these searches.
        connection.execute(text("SET LOCAL jit = off"))

    def is_exact(self, word: Word) -> bool:
        is_pair = len(word.folded) == 2 and is_run(word.folded)
        return (is_pair or len(word.folded) == 1) and not word.in_title

    def comparison(self, entry: Any, word: Word) -> Condition:
        compared = select(self._has(word)).where(self._table.c.version_id == entry.version_id)
        return func.coalesce(compared.scalar_subquery(), false())

    def _versions(self, words: Sequence[Word], compared: Sequence[Word]) -> SelectBase:
        # No list of lexemes is empty: a folded word has a character that is no white space.
        lexemes = sorted({lexeme for word in words for lexeme in asked_lexemes(word.folded)})
        asked = " & ".join(f"'{lexeme}'" for lexeme in lexemes)  # letters, digits and marks only
        tokens = self._table.c.tokens.op("@@")(cast(literal(asked), TSQUERY))
        # Apart, so that the tokens need not be read: the index has already said that they are there
        return union_all(
            select(self._table.c.version_id).where(tokens, *map(self._has, compared)),
            select(self._table.c.version_id).where(
                self._table.c.tokens.is_(None), *map(self._has, words)
            ),
        )

    def _has(self, word: Word) -> Condition:
        def has(part: str) -> Condition:
            return func.strpos(self._table.c[part], word.folded) > 0

        return has("title") if word.in_title else or_(has("title"), has("body"))
