"""Who said what: direct quotes and reported speech, with the speaker resolved on later mentions.

Called by ``crawler.extract.policy``.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from crawler.extract.policy.officials import organisation_start
from crawler.extract.policy.people_words import ANONYMOUS, GAP, SPEECH
from crawler.extract.policy.view import Part, trim
from storage.entities import Official, Statement, StatementKind

_CLAUSE_REACH = 70  # characters before a verb in which its speaker stands
_QUOTE_REACH = 60  # from the end of a quote to the verb
_ENDS = "。!?…;"
_PUNCTUATION = re.compile(r"\s*[,:]?\s*")
_GAP_AFTER_QUOTE = re.compile(r"[\s,]*")
_STOP = re.compile(r"[。!?;\n”》]")
_REPORTER = re.compile(r"(?<=[。!?;])\s*(?:本报)?记者(?!问)")  # from here on the reporter speaks
_SHORTEST_QUOTE = 8  # characters; “城市大脑” is a term


@dataclass(frozen=True, slots=True)
class _Act:
    """A verb of speech with its speaker: where the phrase starts, where the verb is."""

    start: int
    verb_start: int
    verb_end: int
    verb: str
    speaker: str
    official: int | None


def find_statements(
    parts: Sequence[Part],
    officials: Sequence[Official],
    short_names: Mapping[str, str],
    text: str,
) -> tuple[Statement, ...]:
    """Everything said by a known official or by 某局有关负责人, in the order of the text."""
    numbers = {official.name: number for number, official in enumerate(officials)}
    firsts = {official.end: official.start for official in officials}
    found = []
    for part in parts:
        acts = list(_acts(part, numbers, firsts, short_names))
        quotes = list(_quotes(part.view)) if acts else []
        used: set[int] = set()
        for number, act in enumerate(acts):
            following = acts[number + 1] if number + 1 < len(acts) else None
            for statement in _said(part, act, following, quotes, used):
                found.append(replace(statement, text=_words(statement, text)))
    return tuple(sorted(found, key=lambda statement: statement.start))


def _words(statement: Statement, text: str) -> str:
    if statement.kind == "direct":
        return text[statement.start + 1 : statement.end - 1]
    return text[statement.start : statement.end]


def _acts(
    part: Part,
    numbers: Mapping[str, int],
    firsts: Mapping[int, int],
    short_names: Mapping[str, str],
) -> Iterator[_Act]:
    view = part.view
    last_end = 0
    for verb in SPEECH.finditer(view):
        low = max(verb.start() - _CLAUSE_REACH, last_end)
        for stop in _STOP.finditer(view, low, verb.start()):
            low = stop.end()
        speaker = _speaker(part, low, verb.start(), numbers, firsts, short_names)
        if speaker is None:
            continue
        start, name, official = speaker
        last_end = verb.end()
        yield _Act(start, verb.start(), verb.end(), verb["verb"], name, official)


def _speaker(
    part: Part,
    low: int,
    verb: int,
    numbers: Mapping[str, int],
    firsts: Mapping[int, int],
    short_names: Mapping[str, str],
) -> tuple[int, str, int | None] | None:
    """Start of the phrase, name and number of the speaker nearest before the verb."""
    view = part.view
    for end in range(verb, low, -1):
        if not view[end - 1].isalpha():
            continue
        for length in (4, 3, 2) if "·" not in view[max(low, end - 12) : end] else range(14, 1, -1):
            name = view[end - length : end] if end - length >= low else ""
            if name in numbers and GAP.match(view[end:verb]):
                start = firsts.get(part.start + end, part.start + end - length) - part.start
                return start, name, numbers[name]
        found = (
            ANONYMOUS.search(view[max(low, end - 14) : end]) if view[end - 1] in "人志" else None
        )
        if found and GAP.match(view[end:verb]):
            title = max(low, end - 14) + found.start()
            start = organisation_start(view, title, short_names)
            if low <= start < title:
                return start, "".join(view[start:end].split()), None
            return None
    return None


def _quotes(view: str) -> Iterator[tuple[int, int]]:
    """Offsets of the outermost balanced “…”, marks included."""
    start, depth = -1, 0
    for mark in re.finditer(r"[“”]", view):
        if mark.group() == "“":
            if depth == 0:
                start = mark.start()
            depth += 1
        elif depth:
            depth -= 1
            if depth == 0:
                yield start, mark.end()


def _said(
    part: Part,
    act: _Act,
    following: _Act | None,
    quotes: Sequence[tuple[int, int]],
    used: set[int],
) -> Iterator[Statement]:
    view = part.view
    before = _quote_before(view, act, quotes, used)
    if before:
        yield _statement(part, act, "direct", *before)
    at = _PUNCTUATION.match(view, act.verb_end).end()  # type: ignore[union-attr]
    end = _reported_end(view, at, following, quotes)
    after = next((q for q in quotes if q[0] == at and _is_speech(view, q)), None)
    if after and view[act.verb_end : at].strip():
        used.add(after[0])
        yield _statement(part, act, "direct", *after)
        return
    start, end = trim(view, at, end)
    if start < end and view[start] not in "。!?;”)、的":
        yield _statement(part, act, "reported", start, end)


def _statement(part: Part, act: _Act, kind: StatementKind, start: int, end: int) -> Statement:
    return Statement(
        kind=kind,
        speaker=act.speaker,
        verb=act.verb,
        text="",
        start=part.start + start,
        end=part.start + end,
        block=part.block,
        official=act.official,
    )


def _quote_before(
    view: str, act: _Act, quotes: Sequence[tuple[int, int]], used: set[int]
) -> tuple[int, int] | None:
    """The quote that the speaker's phrase follows at once."""
    for start, end in quotes:
        is_near = end <= act.start and act.verb_start - end <= _QUOTE_REACH
        if not is_near or start in used or not _GAP_AFTER_QUOTE.fullmatch(view, end, act.start):
            continue
        if _is_speech(view, (start, end)) or end - start - 2 >= _SHORTEST_QUOTE:
            used.add(start)
            return start, end
    return None


def _is_speech(view: str, quote: tuple[int, int]) -> bool:
    """Whether a quotation is what somebody said, as against a term in quotation marks."""
    start, end = quote
    if view[end - 2] in _ENDS or view[end - 2] == ",":
        return True
    return end - start - 2 >= _SHORTEST_QUOTE and (end == len(view) or view[end] in "。!?;,")


def _reported_end(
    view: str, at: int, following: _Act | None, quotes: Sequence[tuple[int, int]]
) -> int:
    """The paragraph's end, or the sentence's end before the next speaker or quote is named."""
    reporter = _REPORTER.search(view, at)
    if following is None:
        return reporter.start() if reporter else len(view)
    limit = following.start
    if reporter and reporter.start() < limit:
        return reporter.start()
    for start, end in quotes:
        if at < start < limit and end <= limit and _GAP_AFTER_QUOTE.fullmatch(view, end, limit):
            limit = start
            break
    for position in range(limit - 1, at, -1):
        if view[position] in _ENDS:
            return position + 1
    return limit
