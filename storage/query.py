"""What is searched for: a `Query`, and the small language its words are written in.

Called by whoever searches; ``storage.search`` turns the tree into SQL.

::

    数据要素 流通            both, anywhere in the article: each in the title or in one block
    "数据 要素"              quoted: a phrase, or a word that looks like syntax (\\" for a quote)
    养老 OR 托育             either
    养老 NOT 社区            without
    (养老 OR 托育) 补贴      grouped; a parenthesis inside a word, 方案(试行), is itself
    title:养老               in the title
    portal:people            fields: portal source channel layout author
    published:2024-06        dates: published posted captured; also 2024, 2024-06-04, 2023..2024-06
    gone:yes                 the page is gone (or gone:no)

Everything else is searched for as it stands: ``*``, ``%``, ``^``, ``NEAR``, ``“城市大脑”``.
"""

import calendar
import datetime as dt
import re
from dataclasses import KW_ONLY, dataclass
from typing import Literal

from storage.errors import QueryError
from storage.tokens import fold

Versions = Literal["latest", "all"]
Sort = Literal["newest", "oldest", "relevance"]
Dates = str | dt.date | tuple[dt.date | None, dt.date | None]
Names = str | tuple[str, ...]

NAMES = ("portal", "source", "channel", "layout", "author")
DATES = ("published", "posted", "captured")
POLICY = ("agency", "document", "official", "region", "type")
_MAX_WORDS = 100  # of a query: each costs a look into the index, and FTS5 nests them
_MAX_LENGTH = 500  # characters of a word; a whole paragraph fits
_MAX_DEPTH = 50  # parentheses within parentheses
_DATE = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?", re.ASCII)
_FIELD = re.compile(r"([A-Za-z_]+):")


@dataclass(frozen=True, slots=True)
class Word:
    """A folded text that the title or one block holds."""

    folded: str
    in_title: bool = False


@dataclass(frozen=True, slots=True)
class Field:
    """A field that has this very value."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Span:
    """A date within these, both included; ``None`` leaves that end open."""

    name: str
    since: dt.date | None
    until: dt.date | None


@dataclass(frozen=True, slots=True)
class Gone:
    """Whether the article's page is gone."""

    is_gone: bool


@dataclass(frozen=True, slots=True)
class And:
    """All of these; of none, everything."""

    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Or:
    """One of these; of none, nothing."""

    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Not:
    """Everything else."""

    part: "Node"


Node = Word | Field | Span | Gone | And | Or | Not


@dataclass(frozen=True, slots=True)
class Query:
    """Which articles to find, and in which order.

    ``text`` is written in the language of this module, ``words`` are taken literally; all of it
    must hold for an article together with the fields, several values of a field being
    alternatives. Dates are calendar dates in Asia/Shanghai: ``2024``, ``2024-06``,
    ``2023..2024-06``, a date, or a pair of dates of which either may be ``None``.

    An article is matched on the current reading of its latest version; with ``versions="all"``
    each word and field may be found in any of its versions. A word is found in a title or block
    that holds it as a substring when width, case and white space between Han characters are left
    out of account. ``newest`` goes by the date published, else posted, else captured, then by
    number; ``relevance`` puts articles first that have more of the words in their title.

    Raises ``QueryError``.
    """

    text: str = ""
    _: KW_ONLY
    words: tuple[str, ...] = ()
    portal: Names | None = None
    source: Names | None = None
    channel: Names | None = None
    layout: Names | None = None
    author: Names | None = None
    agency: Names | None = None
    document: Names | None = None
    official: Names | None = None
    region: Names | None = None
    type: Names | None = None
    published: Dates | None = None
    posted: Dates | None = None
    captured: Dates | None = None
    gone: bool | None = None
    versions: Versions = "latest"
    sort: Sort = "newest"

    def __post_init__(self) -> None:
        if self.versions not in ("latest", "all"):
            raise QueryError(f"versions is {self.versions!r}; it can be latest or all")
        if self.sort not in ("newest", "oldest", "relevance"):
            raise QueryError(f"sort is {self.sort!r}; it can be newest, oldest or relevance")
        if len(self.asked_words) > _MAX_WORDS:
            raise QueryError(f"more than {_MAX_WORDS} words in one query; split it")

    @property
    def tree(self) -> Node:
        """All that must hold."""
        parts: list[Node] = [_word(word) for word in self.words]
        if self.text.strip():
            parts.append(_Parser(self.text).parse())
        for name in (*NAMES, *POLICY):
            value: Names | None = getattr(self, name)
            if value is not None:
                values = (value,) if isinstance(value, str) else value
                parts.append(Or(tuple(_field(name, one) for one in values)))
        for name in DATES:
            dates: Dates | None = getattr(self, name)
            if dates is not None:
                parts.append(_span(name, dates))
        if self.gone is not None:
            parts.append(Gone(self.gone))
        return parts[0] if len(parts) == 1 else And(tuple(parts))

    @property
    def asked_words(self) -> tuple[Word, ...]:
        """The words an article is wanted for, not those it must be without, each once."""
        return tuple(dict.fromkeys(_wanted(self.tree)))


def _wanted(node: Node) -> list[Word]:
    match node:
        case Word():
            return [node]
        case And() | Or():
            return [word for part in node.parts for word in _wanted(part)]
    return []


class _Parser:
    """One pass over the text; NOT binds closest, then AND (also unwritten), then OR."""

    def __init__(self, text: str) -> None:
        self._text, self._at, self._depth, self._words = text, 0, 0, 0

    def parse(self) -> Node:
        node = self._either()
        if self._peek():  # nothing but a parenthesis ends an expression early
            raise QueryError(f"')' at character {self._at + 1} closes nothing; quote it: \")\"")
        return node

    def _either(self) -> Node:
        parts = [self._all()]
        while self._take("OR"):
            parts.append(self._all())
        return parts[0] if len(parts) == 1 else Or(tuple(parts))

    def _all(self) -> Node:
        parts = [self._one()]
        while True:
            if self._take("AND"):
                parts.append(self._one())
            elif self._peek() in ("", ")") or self._is_next("OR"):
                return parts[0] if len(parts) == 1 else And(tuple(parts))
            else:
                parts.append(self._one())

    def _one(self) -> Node:
        is_wanted = True
        while self._take("NOT"):
            is_wanted = not is_wanted
        node = self._group_or_word()
        return node if is_wanted else Not(node)

    def _group_or_word(self) -> Node:
        next_ = self._peek()
        for operator in ("AND", "OR"):
            if self._is_next(operator):
                raise QueryError(
                    f'{operator} needs words on both sides; quote it to search for it: "{operator}"'
                )
        if next_ in ("", ")"):
            raise QueryError(
                "a word is missing at the end of the query"
                if not next_
                else f"a word is missing before ')' at character {self._at + 1}"
            )
        if next_ != "(":
            return self._word()
        opened = self._at + 1
        self._at += 1
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise QueryError(f"parentheses nested deeper than {_MAX_DEPTH}")
        node = self._either()
        if self._peek() != ")":
            raise QueryError(f"'(' at character {opened} is never closed; quote it: \"(\"")
        self._at += 1
        self._depth -= 1
        return node

    def _word(self) -> Node:
        self._words += 1
        if self._words > _MAX_WORDS:
            raise QueryError(f"more than {_MAX_WORDS} words in one query; split it")
        if self._text[self._at] == '"':
            return _word(self._quoted())
        if match := _FIELD.match(self._text, self._at):
            self._at = match.end()
            name = match[1].lower()
            if self._text[self._at : self._at + 1] == '"':
                return _named(name, self._quoted())
            return _named(name, self._bare())
        return _word(self._bare())

    def _quoted(self) -> str:
        r"""A quoted text; ``\"`` and ``\\`` stand for a quote and a backslash."""
        opened = self._at + 1
        found: list[str] = []
        self._at += 1
        while self._at < len(self._text):
            character = self._text[self._at]
            self._at += 1
            if character == '"':
                return "".join(found)
            if character == "\\" and self._text[self._at : self._at + 1] in ('"', "\\"):
                character = self._text[self._at]
                self._at += 1
            found.append(character)
        raise QueryError(
            f'the quote at character {opened} is never closed; for a quote write "\\""'
        )

    def _bare(self) -> str:
        """Characters up to white space, a quote or a parenthesis that was not opened in them."""
        start, opened = self._at, 0
        while self._at < len(self._text):
            character = self._text[self._at]
            if character.isspace() or character == '"':
                break
            if character == "(":
                opened += 1
            elif character == ")":
                if not opened:
                    break
                opened -= 1
            self._at += 1
        return self._text[start : self._at]

    def _peek(self) -> str:
        while self._at < len(self._text) and self._text[self._at].isspace():
            self._at += 1
        return self._text[self._at : self._at + 1]

    def _is_next(self, operator: str) -> bool:
        self._peek()
        end = self._at + len(operator)
        following = self._text[end : end + 1]
        return self._text[self._at : end] == operator and (
            not following or following.isspace() or following in '()"'
        )

    def _take(self, operator: str) -> bool:
        if not self._is_next(operator):
            return False
        self._at += len(operator)
        return True


def _word(written: str, *, in_title: bool = False) -> Word:
    folded = fold(written).strip()
    if not folded:
        raise QueryError("an empty word finds nothing; leave it out")
    if len(folded) > _MAX_LENGTH:
        raise QueryError(f"a word of more than {_MAX_LENGTH} characters: {folded[:20]}...")
    return Word(folded, in_title)


def _named(name: str, value: str) -> Node:
    if name == "title":
        return _word(value, in_title=True)
    if name in DATES:
        return _span(name, value)
    if name == "gone":
        if value.lower() not in ("yes", "no"):
            raise QueryError(f"gone:{value}: write gone:yes or gone:no")
        return Gone(value.lower() == "yes")
    return _field(name, value)


def _field(name: str, value: str) -> Field:
    if name in POLICY:
        raise QueryError(f"{name}: not available in this archive; search for its name as a word")
    if name not in NAMES:
        known = ", ".join(("title", *NAMES, *DATES, "gone"))
        raise QueryError(f"unknown field {name!r} (known: {known}); quote it to search for it")
    if not isinstance(value, str) or not value.strip():
        raise QueryError(f"{name}: the value is missing")
    return Field(name, value.strip())


def _span(name: str, dates: Dates) -> Span:
    if isinstance(dates, dt.datetime):
        raise QueryError(f"{name}: give a date, not a time")
    if isinstance(dates, dt.date):
        return Span(name, dates, dates)
    if isinstance(dates, tuple):
        if len(dates) != 2 or not all(day is None or type(day) is dt.date for day in dates):
            raise QueryError(f"{name}: a range is a pair of dates, either of them None if open")
        since, until = dates
    elif not isinstance(dates, str):
        raise QueryError(f"{name}: {dates!r} is no date")
    else:
        first, dots, last = dates.strip().partition("..")
        since = _first_day(name, first) if first else None
        until = _last_day(name, last if dots else first) if last or not dots else None
        if since is None and until is None:
            raise QueryError(f"{name}: a date is missing; write {name}:2024-06 or 2023..2024-06")
    if since and until and since > until:
        raise QueryError(f"{name}: {since} is after {until}")
    return Span(name, since, until)


def _first_day(name: str, written: str) -> dt.date:
    year, month, day = _parts(name, written)
    return _date(name, written, year, month or 1, day or 1)


def _last_day(name: str, written: str) -> dt.date:
    year, month, day = _parts(name, written)
    first = _date(name, written, year, month or 12, day or 1)
    return first if day else first.replace(day=calendar.monthrange(year, first.month)[1])


def _parts(name: str, written: str) -> tuple[int, int | None, int | None]:
    match = _DATE.fullmatch(written.strip())
    if match is None:
        raise QueryError(
            f"{name}: {written!r} is no date; write 2024, 2024-06, 2024-06-04 or 2023..2024-06"
        )
    year, month, day = (int(part) if part else None for part in match.groups())
    assert year is not None
    return year, month, day


def _date(name: str, written: str, year: int, month: int, day: int) -> dt.date:
    try:
        return dt.date(year, month, day)
    except ValueError:
        raise QueryError(f"{name}: there is no {written}") from None
