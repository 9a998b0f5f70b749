"""Titles in 《》: which are documents, which short names stand for them, their numbers.

A balanced scanner, not a pattern: titles nest. Called by ``crawler.extract.policy``.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from crawler.extract.policy.agencies import agency_at, canonical, name_before
from crawler.extract.policy.title_kinds import is_generic, title_kind
from crawler.extract.policy.view import Part, trim
from storage.document_key import match_key
from storage.entities import Citation, DocumentNumber, ShortName

_OPEN, _CLOSE = "《", "》"
_LONGEST = 150  # characters; a mark left open must not swallow a paragraph
_MARKS = re.compile(r"[《》]")
_DECLARED = re.compile(
    r"\s*\((?:[^()《》\"“”]{0,60}[,;]\s*)?\s*(?:以下|下文|下)?(?:简称|统称|称)(?:为|:)?\s*"
    r"(?P<quotes>[《“\"'‘\s]*)(?P<name>[^《》“”\"'‘’()]{2,30}?)[》”\"'’\s]*\)"
)
_NUMBERED = re.compile(r"\s*\(")
_QUOTED = re.compile(r"“([^“”《》]{2,30})”")
_AGENCY_REACH = 30
# What a title's folded form may end in and headlines leave out: (试行), (2025—2027年), (2024年版)
_TAIL = re.compile(r"(?:试行|暂行|(?:19|20)\d\d年?(?:(?:19|20)\d\d年?)?(?:版|修订)?)\Z")


@dataclass(slots=True)
class _Declared:
    """A short name of a document, valid from ``start`` on."""

    name: str
    start: int
    end: int
    block: int
    citation: int
    is_quoted: bool


def scan_titles(part: Part) -> Iterator[tuple[int, int]]:
    """Offsets in the block of the outermost balanced 《…》, marks included."""
    opened: list[int] = []
    for mark in _MARKS.finditer(part.view):
        if mark.group() == _OPEN:
            if opened and mark.start() - opened[0] > _LONGEST:
                opened.clear()
            opened.append(mark.start())
        elif opened:
            start = opened.pop()
            if not opened and mark.end() - start <= _LONGEST:
                yield start, mark.end()


def find_short_agencies(parts: Sequence[Part]) -> tuple[ShortName, ...]:
    """Short names declared for agencies: 国家数据局(以下简称数据局)."""
    found = []
    for part in parts:
        if "称" not in part.view:
            continue
        for bracket in re.finditer(r"\(", part.view):
            at = bracket.start()
            declared = _DECLARED.match(part.view, at)
            start = _agency_start(part.view, at) if declared else at
            if declared and start < at:
                found.append(
                    ShortName(
                        name=declared["name"].strip(),
                        stands_for=canonical(part.view[start:at]),
                        start=part.start + declared.start("name"),
                        end=part.start + declared.end("name"),
                        block=part.block,
                    )
                )
    return tuple(found)


def find_citations(
    parts: Sequence[Part], text: str
) -> tuple[tuple[Citation, ...], tuple[ShortName, ...]]:
    """All titles in the order of the text, and the short names declared for documents.

    A short name holds to the end of the article or until it is declared anew.
    """
    citations: list[Citation] = []
    short_names: list[ShortName] = []
    declared: dict[str, _Declared] = {}
    endings: dict[str, int] = {}  # document type -> the last document of that type
    for part in parts:
        if _OPEN not in part.view and not declared:
            continue
        for start, end in _mentions(part, declared):
            is_title = part.view[start] == _OPEN
            inner = trim(part.view, start + 1, end - 1)
            if inner[0] >= inner[1]:
                continue
            title = text[part.start + inner[0] : part.start + inner[1]]
            known = declared.get(_squeeze(part.view[inner[0] : inner[1]]))
            if not is_title and (known is None or not known.is_quoted):
                continue
            citation = Citation(
                kind="alias",
                title=title,
                start=part.start + start,
                end=part.start + end,
                block=part.block,
                document=known.citation if known else None,
            )
            if known is None:
                citation = _full(citation, endings)
            citations.append(citation)
            if citation.kind == "document" and citation.key:
                assert citation.doc_type is not None
                endings[citation.doc_type] = len(citations) - 1
                new = _declaration(part, end, len(citations) - 1)
                if new:
                    declared[_squeeze(new.name)] = new
                    short_names.append(_short_name(new, title))
    return tuple(citations), tuple(short_names)


def full_keys(keys: Iterable[str]) -> dict[str, str]:
    """Keys without their tail, each with its key in full where only one of ``keys`` begins so."""
    found: dict[str, set[str]] = {}
    for key in keys:
        if tail := _TAIL.search(key):
            found.setdefault(key[: tail.start()], set()).add(key)
    return {begin: full.pop() for begin, full in found.items() if len(full) == 1}


def with_full_titles(citations: Sequence[Citation]) -> tuple[Citation, ...]:
    """Each title that lacks only the tail of another one in the article refers to that one."""
    first = {c.key: n for n, c in reversed(list(enumerate(citations))) if c.key}
    longer = full_keys(first)
    full = {key: longer.get(key, key) for key in first}
    acts = {full[c.key]: c.act for c in reversed(citations) if c.key and c.act is not None}
    done: list[Citation] = []
    for citation in citations:
        key = citation.key
        if key and full[key] != key:
            citation = replace(citation, key=None, act=None, document=first[full[key]])
        elif key and citation.act is None and first[key] == len(done):
            citation = replace(citation, act=acts.get(key))
        elif citation.document is not None:
            named = citations[citation.document].key
            if named and full[named] != named:
                citation = replace(citation, document=first[full[named]])
        done.append(citation)
    return tuple(done)


def with_numbers(
    citations: Sequence[Citation], numbers: Sequence[DocumentNumber], parts: Sequence[Part]
) -> tuple[Citation, ...]:
    """Each document with the number that stands in brackets right after its title."""
    by_start = {number.start: number for number in numbers}
    blocks = {part.block: part for part in parts}
    done = []
    for citation in citations:
        number = None
        if citation.kind == "document":
            part = blocks[citation.block]
            bracket = _NUMBERED.match(part.view, citation.end - part.start)
            if bracket:
                at, _ = trim(part.view, bracket.end(), len(part.view))
                found = by_start.get(part.start + at)
                number = found.number if found else None
        done.append(replace(citation, number=number) if number else citation)
    return tuple(done)


def _mentions(part: Part, declared: dict[str, _Declared]) -> Iterator[tuple[int, int]]:
    """Titles, and quoted words where a short name could stand in quotation marks."""
    titles = list(scan_titles(part))
    spans = list(titles)
    if "“" in part.view:
        last = 0
        for quoted in _QUOTED.finditer(part.view):
            while last < len(titles) and titles[last][1] <= quoted.start():
                last += 1
            if last == len(titles) or quoted.end() <= titles[last][0]:
                spans.append(quoted.span())
    yield from sorted(spans)


def _full(citation: Citation, endings: dict[str, int]) -> Citation:
    """A title that no short name explains: its kind, and of a document its type and key."""
    kind, doc_type = title_kind(citation.title)
    if kind != "document" or doc_type is None:
        return replace(citation, kind=kind)
    if not is_generic(citation.title):
        return replace(citation, kind=kind, doc_type=doc_type, key=match_key(citation.title))
    antecedent = endings.get(doc_type)
    if antecedent is None:
        longer = [number for name, number in endings.items() if name.endswith(doc_type)]
        antecedent = max(longer, default=None)
    return replace(citation, kind=kind, doc_type=doc_type, document=antecedent)


def _declaration(part: Part, end: int, citation: int) -> _Declared | None:
    found = _DECLARED.match(part.view, end)
    if not found:
        return None
    start, stop = trim(part.view, *found.span("name"))
    return _Declared(
        name=part.view[start:stop],
        start=part.start + start,
        end=part.start + stop,
        block=part.block,
        citation=citation,
        is_quoted="“" in found["quotes"] and _OPEN not in found["quotes"],
    )


def _short_name(declared: _Declared, title: str) -> ShortName:
    return ShortName(
        name=declared.name,
        stands_for=title,
        start=declared.start,
        end=declared.end,
        block=declared.block,
        citation=declared.citation,
    )


def _agency_start(view: str, end: int) -> int:
    start = name_before(view, end)
    if start < end:
        return start
    for begin in range(max(end - _AGENCY_REACH, 0), end - 2):
        if agency_at(view, begin, end + 1)[0] == end:
            return begin
    return end


def _squeeze(name: str) -> str:
    return "".join(name.split())
