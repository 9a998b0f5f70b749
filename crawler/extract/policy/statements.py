"""Who said what: direct quotes and reported speech, with the speaker resolved on later mentions.

Called by ``crawler.extract.policy``.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from crawler.extract.policy.officials import organisation_start
from crawler.extract.policy.people_words import (
    ANONYMOUS,
    GAP_PHRASE_END,
    GAP_PHRASE_STARTS,
    GAP_WORD,
    SPEECH,
)
from crawler.extract.policy.view import Part, trim
from storage.entities import Official, Statement, StatementKind

_CLAUSE_REACH = 70  # characters before a verb in which its speaker stands
_PHRASE_REACH = 32  # characters of 在国新办举行的新闻发布会上 and the like
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


@dataclass(frozen=True, slots=True)
class _Mention:
    """A possible speaker; without ``official``, where 有关负责人 stands after an organisation."""

    start: int
    end: int
    name: str
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
        quotes = _Quotes(part.view) if acts else None
        for number, act in enumerate(acts):
            following = acts[number + 1] if number + 1 < len(acts) else None
            assert quotes is not None
            for statement in _said(part, act, following, quotes):
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
    mentions = _mentions(part, numbers, firsts)
    ends = [mention.end for mention in mentions]
    last_end = 0
    for verb in SPEECH.finditer(view) if mentions else ():
        low = max(verb.start() - _CLAUSE_REACH, last_end)
        number = bisect_right(ends, verb.start()) - 1
        while number >= 0 and mentions[number].end > low:
            mention = mentions[number]
            number -= 1
            if _STOP.search(view, mention.end, verb.start()):
                break
            if not _is_gap(view, mention.end, verb.start()):
                continue
            start, name = mention.start, mention.name
            if mention.official is None:
                start = organisation_start(view, mention.start, short_names)
                if start == mention.start:
                    break
                name = "".join(view[start : mention.end].split())
            last_end = verb.end()
            yield _Act(start, verb.start(), verb.end(), verb["verb"], name, mention.official)
            break


def _mentions(part: Part, numbers: Mapping[str, int], firsts: Mapping[int, int]) -> list[_Mention]:
    """Where known officials and nameless spokespeople stand in a block, by their ends."""
    view = part.view
    found = [_Mention(m.start(), m.end(), "", None) for m in ANONYMOUS.finditer(view)]
    lengths = sorted({len(name) for name in numbers}, reverse=True)
    heads = {name[0] for name in numbers}
    for at, character in enumerate(view) if numbers else ():
        if character not in heads:
            continue
        for length in lengths:
            name = view[at : at + length]
            if name in numbers:
                end = at + length
                start = firsts.get(part.start + end, part.start + at) - part.start
                found.append(_Mention(start, end, name, numbers[name]))
                break
    return sorted(found, key=lambda mention: mention.end)


def _is_gap(view: str, start: int, end: int) -> bool:
    """Whether only how, when and where stand between a speaker and the verb.

    Every place that some reading of the words reaches is visited once: no backtracking.
    """
    reached = {start}
    for at in range(start, end):
        if at not in reached:
            continue
        if view[at] in " ,":
            reached.add(at + 1)
        word = GAP_WORD.match(view, at, end)
        if word:
            reached.add(word.end())
        if view[at] in GAP_PHRASE_STARTS:
            for mark in GAP_PHRASE_END.finditer(view, at + 2, min(at + _PHRASE_REACH, end)):
                if mark.group() in ",。;“”":
                    break
                reached.add(mark.end())
    return end in reached


class _Quotes:
    """The outermost balanced “…” of a block, marks included; each is given away once."""

    def __init__(self, view: str) -> None:
        self._spans: list[tuple[int, int]] = []
        self._used: set[int] = set()
        start, depth = -1, 0
        for mark in re.finditer(r"[“”]", view):
            if mark.group() == "“":
                if depth == 0:
                    start = mark.start()
                depth += 1
            elif depth:
                depth -= 1
                if depth == 0:
                    self._spans.append((start, mark.end()))
        self._starts = [start for start, _ in self._spans]

    def last_before(self, at: int) -> tuple[int, int] | None:
        """The last quote that ends by ``at``, if it is free."""
        number = bisect_right(self._starts, at) - 1
        if number >= 0 and self._spans[number][1] > at:
            number -= 1
        if number < 0 or self._spans[number][0] in self._used:
            return None
        return self._spans[number]

    def starting(self, at: int) -> tuple[int, int] | None:
        """The quote that begins at ``at``."""
        number = bisect_right(self._starts, at) - 1
        found = self._spans[number] if number >= 0 else (-1, -1)
        return found if found[0] == at else None

    def use(self, quote: tuple[int, int]) -> None:
        """Take a quote, so that no other speaker gets it."""
        self._used.add(quote[0])


def _said(part: Part, act: _Act, following: _Act | None, quotes: _Quotes) -> Iterator[Statement]:
    view = part.view
    before = _quote_before(view, act, quotes)
    if before:
        yield _statement(part, act, "direct", *before)
    pause = _PUNCTUATION.match(view, act.verb_end)
    assert pause is not None
    after = quotes.starting(pause.end())
    if after and pause.group().strip() and _is_speech(view, after):
        quotes.use(after)
        yield _statement(part, act, "direct", *after)
        return
    start, end = trim(view, pause.end(), _reported_end(view, pause.end(), following, quotes))
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


def _quote_before(view: str, act: _Act, quotes: _Quotes) -> tuple[int, int] | None:
    """The quote that the speaker's phrase follows at once."""
    quote = quotes.last_before(act.start)
    if quote is None or act.verb_start - quote[1] > _QUOTE_REACH:
        return None
    if not _GAP_AFTER_QUOTE.fullmatch(view, quote[1], act.start):
        return None
    if not _is_speech(view, quote) and quote[1] - quote[0] - 2 < _SHORTEST_QUOTE:
        return None
    quotes.use(quote)
    return quote


def _is_speech(view: str, quote: tuple[int, int]) -> bool:
    """Whether a quotation is what somebody said, as against a term in quotation marks."""
    start, end = quote
    if view[end - 2] in _ENDS or view[end - 2] == ",":
        return True
    return end - start - 2 >= _SHORTEST_QUOTE and (end == len(view) or view[end] in "。!?;,")


def _reported_end(view: str, at: int, following: _Act | None, quotes: _Quotes) -> int:
    """The paragraph's end, or the sentence's end before the next speaker or quote is named."""
    limit = following.start if following else len(view)
    reporter = _REPORTER.search(view, at, limit)
    if reporter or following is None:
        return reporter.start() if reporter else limit
    quote = quotes.last_before(limit)
    if quote and quote[0] > at and _GAP_AFTER_QUOTE.fullmatch(view, quote[1], limit):
        limit = quote[0]
    ends = [view.rfind(mark, at, limit) + 1 for mark in _ENDS]
    return max(ends) if max(ends) > at else limit
