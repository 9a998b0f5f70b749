"""Agencies: their names in a text, their official names, and the acts by which they issued.

Central bodies come from ``agency_table``; provincial and lower ones are read by rule: a region and
an organ's suffix. Called by ``crawler.extract.policy`` and the other rules of the package.
"""

import re
from collections.abc import Iterator, Mapping, Sequence

from crawler.extract.policy.agency_table import BODIES
from crawler.extract.policy.regions import region_at
from crawler.extract.policy.view import Part, trim
from storage.characters import HAN
from storage.entities import Citation, Issuer, IssuingAct

# Every name of the table -> the official one.
CANONICAL = {name: body.name for body in BODIES for name in (body.name, *body.aliases.split())}
_LONGEST = max(map(len, CANONICAL))
_HEADS: dict[str, tuple[str, ...]] = {}
for _name in sorted(CANONICAL, key=len, reverse=True):
    _HEADS[_name[:2]] = (*_HEADS.get(_name[:2], ()), _name)

_VERB = r"印发|发布|出台|公布|下发|制定|颁布|发出|推出"
_VERBS = re.compile(rf"(?P<verb>{_VERB})(?:了|实施|施行)?[^《》。!?;:,、\n]{{0,10}}?《")
_EDGE = (  # what may follow an organ's name: a list, a verb of issuing, an adverb
    r"(?=[、,\s()和与及等同于今已对在就将又也\d]|会同|联合|共同|近[日期]|日前|正式|印发|发[布出]|出台|公布|下发|制定"
    r"|颁布|关于|研究|组织|牵头|先后|分别|[根依]据|修[订改]|起草|推[出进]|举[行办]|召开|\Z)"
)
# A place the gazetteer does not have: a new area, a town, 市数据局 without the city's name.
_PLACE = re.compile(
    rf"[{HAN}]{{0,7}}?(?:省|自治区|市|县|新区|开发区|区|州|盟|旗|镇|乡|街道)(?![{HAN}]?长)"
)
_AFTER = re.compile(rf"{_EDGE}|[^{HAN}]|(?:有关|相关|负责|新闻|官|党|局|司|副|部长|网站)")
# An organ's name after its region, or an office inside a central body.
_LOCAL = re.compile(
    rf"[{HAN}]{{0,20}}?(?:人民政府办公[厅室]|政府办公[厅室]|人民政府|政府|办公厅|办公室|委员会|大常委会"
    rf"|[部委局署办院厅行会司])(?:办公[厅室])?{_EDGE}"
)
_INNER = re.compile(
    rf"(?:办公[厅室]|(?!与|和|及|会同|联合|等)(?:(?!和国|与|会同|联合)[{HAN}]){{2,14}}?[司局室]){_EDGE}"
)
_OTHER = re.compile(
    rf"(?:中央|中国|全国|国家|国务院|中华)[{HAN}]{{2,24}}?(?:[部委局署办院厅会社]|协会|学会|联合会|委员会|领导小组|机制|指挥部|专班)"
    rf"{_EDGE}"
)
_LEAD = re.compile(
    r"\s*(?:近日|日前|今日|近期|昨日|今天|日前|最近|随后|此外|其中|同日|当天|同时|此前|去年|今年|目前|另外|据悉|为此"
    r"|经[^,]{1,16}(?:同意|批准|授权)|(?:\d{4}年)?(?:\d{1,2}月)?\d{1,2}日|\d{4}年\d{0,2}月?|年初|月底"
    rf"|[{HAN}]{{2,12}}\d{{1,2}}月\d{{1,2}}日\s*(?:电|讯)\s*(?:\([^()]*\))?"
    r"|[上下]午|以来|从|由|对此|为\S{2,20}?(?=,))\s*,?\s*"
)
_SEPARATOR = re.compile(r"\s*(?:、|会同|联合|和|与|及|同|\s)\s*")
_OTHERS = re.compile(
    r"\s*等\s*(?P<count>\d{1,2}|[一二两三四五六七八九十]{1,3})?\s*(?:个|家)?(?:部门|部委|单位|机构|机关|部)?"
    r"|\s*(?:会同|联合|和)?(?:省|市|中央)?(?:有关|相关)(?:部门|单位|方面)"
)
_POST = re.compile(
    r"(?:副?(?:部|局|司|主任|厅|行|署|会|院)长|主任|主席|总理|书记|有关|相关|负责|新闻|发言|官网|网站)"
)
_SIGNED = re.compile(r"总理[^,。]{2,16}签署")
_DIGITS = {d: n for n, d in enumerate("零一二三四五六七八九")} | {"两": 2}
_MOST_CLAUSES = 5  # back from the verb
_REACH = 160  # characters before the verb in which the issuers stand


def name_at(view: str, at: int, short_names: Mapping[str, str] | None = None) -> int:
    """End of the longest name of the table or the article at ``at``; ``at`` if there is none."""
    for name in _HEADS.get(view[at : at + 2], ()):
        if view.startswith(name, at):
            return at + len(name)
    if short_names:
        for length in range(_LONGEST, 1, -1):
            if view[at : at + length] in short_names:
                return at + length
    return at


def name_before(view: str, end: int) -> int:
    """Start of the longest name of the table that ends at ``end``; else ``end``."""
    for length in range(min(_LONGEST, end), 1, -1):
        if view[end - length : end] in CANONICAL:
            return end - length
    return end


def agency_at(
    view: str, at: int, end: int, short_names: Mapping[str, str] | None = None
) -> tuple[int, str | None]:
    """End and region code of the agency whose name begins at ``at``; ``(at, None)`` if none."""
    known = name_at(view, at, short_names)
    if known > at:
        inner = _INNER.match(view, known, end)
        if inner:
            return inner.end(), None
        is_whole = known >= end or _AFTER.match(view, known) or _SIGNED.match(view, known)
        return (known, None) if is_whole else (at, None)
    region_end, divisions = region_at(view, at)
    if divisions:
        organ = _LOCAL.match(view, region_end, end)
        if organ and _is_organ_name(organ.group()):
            return organ.end(), divisions[0].code if len(divisions) == 1 else None
        return at, None
    place = _PLACE.match(view, at, end)
    organ = _LOCAL.match(view, place.end(), end) if place else None
    if organ and _is_organ_name(view[at : organ.end()]):
        return organ.end(), None
    other = _OTHER.match(view, at, end)
    return (other.end(), None) if other else (at, None)


def canonical(name: str, short_names: Mapping[str, str] | None = None) -> str:
    """The official name of a body, the name itself when the table does not know it."""
    squeezed = "".join(name.split())
    if short_names and squeezed in short_names:
        squeezed = short_names[squeezed]
    return CANONICAL.get(squeezed, squeezed)


def find_acts(
    parts: Sequence[Part],
    citations: Sequence[Citation],
    text: str,
    short_names: Mapping[str, str],
) -> tuple[IssuingAct, ...]:
    """Who issued what: the agencies before a verb of issuing that stands before a title."""
    starts = {c.start for c in citations}
    by_block: dict[int, list[Citation]] = {}
    for citation in citations:
        by_block.setdefault(citation.block, []).append(citation)
    acts = []
    for part in parts:
        masked = _mask(part, by_block.get(part.block, ()))
        for verb in _VERBS.finditer(part.view):
            title = part.start + verb.end() - 1
            if title not in starts:
                continue
            act = _read_act(part, masked, verb, text, short_names)
            if act:
                acts.append(act)
    return tuple(acts)


def _mask(part: Part, citations: Sequence[Citation]) -> str:
    """The block's view with the titles blotted out: what stands in them issues nothing."""
    pieces, at = [], 0
    for citation in citations:
        start, end = citation.start - part.start, citation.end - part.start
        pieces += [part.view[at:start], "》" * (end - start)]
        at = end
    return "".join([*pieces, part.view[at:]])


def _read_act(
    part: Part, masked: str, verb: re.Match[str], text: str, short_names: Mapping[str, str]
) -> IssuingAct | None:
    start = max(verb.start() - _REACH, 0)
    for mark in "。!?;:\n":
        start = max(start, masked.rfind(mark, start, verb.start()) + 1)
    clauses = list(_clauses(masked, start, verb.start()))
    for _ in range(min(len(clauses), _MOST_CLAUSES)):
        begin, end = clauses.pop()
        issuers, at = _read_list(part, masked, begin, end, text, short_names)
        rest = masked[at:end]
        if issuers:
            if _POST.match(rest) and not _SIGNED.match(rest):
                return None
            others = _OTHERS.match(masked, at, end)
            is_incomplete = others is not None
            count = _count(others["count"]) if others else None
            return IssuingAct(
                verb=verb["verb"],
                issuers=tuple(issuers),
                start=issuers[0].start,
                end=part.start + verb.start() + len(verb["verb"]),
                block=part.block,
                is_incomplete=is_incomplete,
                stated_count=count,
            )
        if not _is_filler(masked[begin:end]):
            return None
    return None


def _clauses(masked: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Clauses between commas and titles, in order; brackets belong to their clause."""
    at = start
    for position in range(start, end):
        if masked[position] in ",》":
            if position > at:
                yield at, position
            at = position + 1
    yield at, end


def _read_list(
    part: Part, masked: str, begin: int, end: int, text: str, short_names: Mapping[str, str]
) -> tuple[list[Issuer], int]:
    """The agencies that stand at the start of a clause, and where they end."""
    at = begin
    while (lead := _LEAD.match(masked, at, end)) and lead.end() > at:
        at = lead.end()
    at, _ = trim(masked, at, end)
    issuers: list[Issuer] = []
    while at < end:
        stop, region = agency_at(masked, at, end, short_names)
        if stop == at:
            break
        name = text[part.start + at : part.start + stop]
        issuers.append(
            Issuer(
                name=name,
                canonical=canonical(name, short_names),
                start=part.start + at,
                end=part.start + stop,
                region=region,
            )
        )
        if masked[stop : stop + 1] == "(":
            stop = min(masked.find(")", stop, end) + 1 or stop, end)
        separator = _SEPARATOR.match(masked, stop, end)
        at = separator.end() if separator else stop
        if not separator:
            break
    last = issuers[-1].end - part.start if issuers else begin
    return issuers, last


def _is_filler(clause: str) -> bool:
    """Whether a clause names no subject of its own, so that the one before it has it."""
    rest = clause
    while (lead := _LEAD.match(rest)) and lead.end():
        rest = rest[lead.end() :]
    rest = rest.strip("》 ()")
    return len(rest) <= 4 or rest.startswith(("会同", "联合", "共同", "并", "正式", "研究", "组织"))


def _is_organ_name(name: str) -> bool:
    return not re.search(r"[的了将已为是我全]|各|有关|相关|推进|印发", name)


def _count(words: str | None) -> int | None:
    """The number that 等N部门 states, in either script."""
    if not words:
        return None
    if words.isdecimal():
        return int(words)
    tens, ten, ones = words.partition("十")
    if not ten:
        return _DIGITS[words] if len(words) == 1 else None
    return 10 * (_DIGITS[tens] if tens else 1) + (_DIGITS[ones] if ones else 0)
