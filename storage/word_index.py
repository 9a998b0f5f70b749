"""What each database's own index says of words; the only place where their dialects differ.

Called by ``storage.search``. A word's tokens are necessary in a text; where they are not
sufficient, the text itself is compared.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    SelectBase,
    and_,
    any_,
    cast,
    column,
    exists,
    false,
    func,
    literal,
    or_,
    select,
    table,
    text,
    true,
    union_all,
)
from sqlalchemy.dialects.postgresql import TSQUERY

from storage.query_tree import Word
from storage.schema import BlockRow, ReadingRow
from storage.tokens import asked_tokens, finder, title_tokens

Condition = ColumnElement[bool]
_LITERAL = str.maketrans({"%": r"\%", "_": r"\_", "\\": r"\\"})  # in a pattern of LIKE
_MAPPED_BYTES = 1 << 31  # of an SQLite file; more would need SQLite to be compiled for it


class Index(ABC):
    """Words of entries; ``entry`` is ``SearchEntryRow`` or its alias."""

    @abstractmethod
    def prepare(self, connection: Connection) -> None:
        """Make a connection ready to search."""

    def is_latest(self, entry: Any) -> Condition:
        """Whether an entry is an article's latest, beside conditions on its words."""
        return entry.is_latest.is_(True)  # type: ignore[no-any-return]

    def condition(
        self, entry: Any, words: Sequence[Word], *, is_checked: bool = True, in_all: bool = False
    ) -> Condition:
        """Whether an entry has all the words, or with ``is_checked`` unset their tokens.

        Without ``in_all`` the entry must be an article's latest.
        """
        compared = [word for word in words if is_checked and not self.is_exact(word)]
        return entry.version_id.in_(self._versions(words, compared, in_all))  # type: ignore[no-any-return]

    @abstractmethod
    def is_exact(self, word: Word) -> bool:
        """Whether a text with the word's tokens always has the word."""

    @abstractmethod
    def comparison(self, entry: Any, word: Word) -> Condition:
        """Whether the text of an entry has the word, without the index."""

    @abstractmethod
    def _versions(
        self, words: Sequence[Word], compared: Sequence[Word], in_all: bool
    ) -> SelectBase:
        """The versions with the tokens of ``words`` whose text has the words ``compared``."""


class Fts5(Index):
    """SQLite: pairs with their places, so that every word is exact.

    The row of a version that is not the latest has its number negated: latest ones are counted
    without a look at anything else.
    """

    _pairs = table("search_index", column("rowid", BigInteger), column("search_index"))
    _characters = table(
        "search_index_characters", column("rowid", BigInteger), column("search_index_characters")
    )

    def prepare(self, connection: Connection) -> None:
        driver: Any = connection.connection.dbapi_connection
        driver.create_function("jiedu_holds", 2, _is_in, deterministic=True)
        # A search reads thousands of small pages, each a call to the system unless they are mapped.
        # Not in `storage.opening`: a crawl had better get an error of its disk than a signal.
        driver.execute(f"PRAGMA mmap_size = {_MAPPED_BYTES}")

    def is_latest(self, entry: Any) -> Condition:
        # Not as the index of entries has it: SQLite would walk through all of them by that.
        return func.coalesce(entry.is_latest, false())

    def is_exact(self, word: Word) -> bool:
        return True

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

    def _versions(
        self, words: Sequence[Word], compared: Sequence[Word], in_all: bool
    ) -> SelectBase:
        by_table: dict[Any, list[str]] = {}
        for word in words:
            tokens = asked_tokens(word.folded)
            if len(word.folded) == 1:
                tokens = title_tokens(tokens) if word.in_title else tokens
                by_table.setdefault(self._characters, []).append(f'"{tokens[0]}"')
            else:
                where = "{title} : " if word.in_title else ""
                by_table.setdefault(self._pairs, []).append(f'{where}"{" ".join(tokens)}"')
        (index, wanted), *others = by_table.items()
        found = select(func.abs(index.c.rowid) if in_all else index.c.rowid)
        found = found.where(_matches(index, wanted))
        if not in_all:
            found = found.where(index.c.rowid > 0)
        for other, more in others:
            found = found.where(
                index.c.rowid.in_(select(other.c.rowid).where(_matches(other, more)))
            )
        return found


def _matches(index: Any, wanted: Sequence[str]) -> Condition:
    return index.c[index.name].op("MATCH")(" AND ".join(wanted))  # type: ignore[no-any-return]


def _is_in(text: str | None, word: str) -> bool:
    """The SQL function of SQLite: whether a stored text has a folded word."""
    return text is not None and finder(word)(text)


class Gin(Index):
    """PostgreSQL: tokens without places; a word of more than two characters is compared."""

    _tokens = table("search_index", column("version_id", BigInteger), column("tokens"))
    _texts = table(
        "search_index_texts", column("version_id", BigInteger), column("title"), column("body")
    )

    def __init__(self) -> None:
        self._has_too_long = True

    def prepare(self, connection: Connection) -> None:
        # Sets of articles are hashed rather than searched again for every row.
        connection.execute(text("SET LOCAL work_mem = '64MB'"))
        # Compiling a plan takes longer than any of these searches.
        connection.execute(text("SET LOCAL jit = off"))
        # Looking for a frequent token in the stored tokens of all texts seems cheap to the
        # planner, which does not count that each has to be fetched from elsewhere.
        connection.execute(text("SET LOCAL enable_seqscan = off"))
        # Texts too long for a list of their tokens are rare. Where there are none, the planner is
        # not asked for them either: it has no idea of how many rows a union gives.
        too_long = select(self._tokens.c.version_id).where(self._tokens.c.tokens.is_(None))
        self._has_too_long = bool(connection.scalar(select(too_long.exists())))

    def is_exact(self, word: Word) -> bool:
        return len(word.folded) <= 2

    def comparison(self, entry: Any, word: Word) -> Condition:
        compared = select(self._has(word)).where(self._texts.c.version_id == entry.version_id)
        return func.coalesce(compared.scalar_subquery(), false())

    def _versions(
        self, words: Sequence[Word], compared: Sequence[Word], in_all: bool
    ) -> SelectBase:
        lexemes = set()
        for word in words:
            tokens = asked_tokens(word.folded)
            lexemes.update(title_tokens(tokens) if word.in_title else tokens)
        asked = " & ".join(f"'{lexeme}'" for lexeme in sorted(lexemes))  # no syntax in tokens
        number, stored = self._tokens.c.version_id, self._tokens.c.tokens
        found = select(number).where(stored.op("@@")(cast(literal(asked), TSQUERY)))
        if compared:
            # As one list, by which the texts are read in the order in which they are stored.
            candidates = any_(func.array(found.scalar_subquery()))
            found = select(self._texts.c.version_id).where(
                self._texts.c.version_id == candidates, *map(self._has, compared)
            )
        if not self._has_too_long:
            return found
        # Apart, so that the tokens need not be read: the index has already said that they are there
        return union_all(found, select(number).where(stored.is_(None), self._have(words)))

    def _have(self, words: Sequence[Word]) -> Condition:
        """Whether the text of a row of tokens has all the words.

        Asked of each row by itself: joined, the planner would rather look through all texts.
        """
        text_of_row = self._texts.c.version_id == self._tokens.c.version_id
        query = select(and_(true(), *map(self._has, words))).where(text_of_row)
        return query.correlate(self._tokens).scalar_subquery()

    def _has(self, word: Word) -> Condition:
        # LIKE passes over Han characters sooner than strpos when it looks for one of ASCII. When
        # it looks for one of Han it stops at each, for they begin with the same bytes.
        pattern = f"%{word.folded.translate(_LITERAL)}%"

        def has(part: str) -> Condition:
            column = self._texts.c[part]
            is_quick = word.folded[0].isascii()
            return column.like(pattern) if is_quick else func.strpos(column, word.folded) > 0

        return has("title") if word.in_title else or_(has("title"), has("body"))
