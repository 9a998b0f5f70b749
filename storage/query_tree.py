"""What a query is made of: words and fields, and the tree that joins them.

Made by ``storage.query`` and ``storage.query_text``; ``storage.search`` turns the tree into SQL.
"""

import calendar
import datetime as dt
import re
from dataclasses import dataclass
from typing import get_args

from storage.errors import QueryError
from storage.interpretation import InterpretationType
from storage.tokens import fold

Dates = str | dt.date | tuple[dt.date | None, dt.date | None]

NAMES = ("portal", "source", "channel", "layout", "author")
DATES = ("published", "posted", "captured")
POLICY = ("agency", "document", "official", "region", "type")
TYPES: tuple[str, ...] = get_args(InterpretationType)
_MAX_LENGTH = 500  # characters of a word; a whole paragraph fits
_DATE = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?", re.ASCII)


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
class Changed:
    """Whether the article has more than one version."""

    is_changed: bool


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


Node = Word | Field | Span | Gone | Changed | And | Or | Not
STATES: dict[str, type[Gone] | type[Changed]] = {"gone": Gone, "changed": Changed}


def make_word(written: str, *, in_title: bool = False) -> Word:
    """A word as it is written; ``QueryError`` when it is empty or too long."""
    folded = fold(written).strip()
    if not folded:
        raise QueryError("an empty word finds nothing; leave it out")
    if len(folded) > _MAX_LENGTH:
        raise QueryError(f"a word of more than {_MAX_LENGTH} characters: {folded[:20]}...")
    return Word(folded, in_title)


def make_named(name: str, value: str) -> Node:
    """What ``name:value`` asks for; ``QueryError`` when there is no such field or value."""
    if name == "title":
        return make_word(value, in_title=True)
    if name in DATES:
        return make_span(name, value)
    if name in STATES:
        if value.lower() not in ("yes", "no"):
            raise QueryError(f"{name}:{value}: write {name}:yes or {name}:no")
        return STATES[name](value.lower() == "yes")
    return make_field(name, value)


def make_field(name: str, value: str) -> Field:
    """A field with one of its values, or ``QueryError``."""
    if name not in (*NAMES, *POLICY):
        known = ", ".join(("title", *NAMES, *POLICY, *DATES, *STATES))
        raise QueryError(f"unknown field {name!r} (known: {known}); quote it to search for it")
    if not isinstance(value, str) or not value.strip():
        raise QueryError(f"{name}: the value is missing")
    if name == "type" and value.strip() not in TYPES:
        raise QueryError(f"type:{value}: there is no such type; there are {', '.join(TYPES)}")
    return Field(name, value.strip())


def make_span(name: str, dates: Dates) -> Span:
    """A range of dates, or ``QueryError``."""
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
