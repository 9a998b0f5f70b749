"""Document numbers (发文字号), orders (令) and announcements (公告) in canonical form.

Called by ``crawler.extract.policy`` on the folded view, where all round brackets are ASCII.
"""

import re
from collections.abc import Iterable, Iterator, Sequence

from crawler.extract.policy.agencies import CANONICAL, name_before
from crawler.extract.policy.view import Part, Spans
from storage.characters import HAN
from storage.entities import DocumentNumber, NumberKind

# The year in any bracket and the number: the part no other notation shares. Case numbers have a
# court's code between the two.
_YEAR_NUMBER = re.compile(
    r"[〔\[【(〈﹝]\s*(?P<y>(?:19|20)\d{2})\s*[〕\]】)〉﹞]\s*(?P<di>第?)\s*(?P<n>\d{1,5})\s*号"
)
_PLAIN_ANNOUNCEMENT = re.compile(
    r"公告\s*(?P<y>(?:19|20)\d{2})\s*年\s*(?P<di>第?)\s*(?P<n>\d{1,5})\s*号"
)
_ORDER = re.compile(r"令\s*第?\s*(?P<n>\d{1,4}|[一二三四五六七八九十百零〇]{1,7})\s*号")
_ORDER_AFTER = re.compile(r"第\s*(?P<n>\d{1,4})\s*号(?P<who>国务院|主席)令")
_CODE = re.compile(rf"[{HAN}]{{1,24}}\s*\Z")
_LEAD_IN = re.compile(
    r"按照|依照|根据|依据|参见|详见|参照|遵照|贯彻|落实|执行|印发|转发|修订|废止|文件|通知|以及|现行|关于|同时|明确|号文"
    r"|由此|属于|适用|符合|按|据|和|与|及|见|由|在|为|以|的|原"
)
_ANNOUNCER = re.compile(rf"[{HAN}]{{2,20}}?(?:部|委|局|署|会|行|厅|办|院|政府|办公室)\Z")
_HEAD_OF_STATE = re.compile(rf"(?:中华人民共和国主席|国家主席|主席|(?<![{HAN}])[部委局署])\Z")
_GOVERNMENT = re.compile(rf"[{HAN}]{{2,20}}(?:人民政府|省政府|市政府)\Z")
_REACH = 24  # characters before the brackets that a code, an agency or lead-in words can fill


def find_numbers(
    parts: Sequence[Part], titles: Iterable[tuple[int, int]]
) -> tuple[DocumentNumber, ...]:
    """All numbers; orders inside ``titles`` (《…令第五号》) belong to the title."""
    spans = Spans(titles)
    found: list[DocumentNumber] = []
    for part in parts:
        for number in sorted(_scan(part), key=lambda n: n.start):
            is_inside = number.kind == "order" and number.start in spans
            if not is_inside and not (found and number.start < found[-1].end):
                found.append(number)
    return tuple(found)


def _scan(part: Part) -> Iterator[DocumentNumber]:
    view = part.view
    if "号" not in view:
        return
    for mark in _YEAR_NUMBER.finditer(view):
        before = view[: mark.start()].rstrip()[-2:]
        if before == "公告":
            yield from _announcement(part, view.rindex("公告", 0, mark.start()), mark)
            continue
        start = _code_start(view, mark.start())
        code = "".join(view[start : mark.start()].split())
        if code:
            canonical = f"{code}〔{mark['y']}〕{int(mark['n'])}号"
            yield _number("number", canonical, part, start, mark.end())
    for mark in _PLAIN_ANNOUNCEMENT.finditer(view):
        yield from _announcement(part, mark.start(), mark)
    for mark in _ORDER_AFTER.finditer(view):
        yield _number("order", f"{mark['who']}令第{mark['n']}号", part, mark.start(), mark.end())
    for mark in _ORDER.finditer(view):
        start = _orderer_start(view, mark.start())
        if start < mark.start():
            who = "".join(view[start : mark.start()].split())
            yield _number("order", f"{who}令第{mark['n']}号", part, start, mark.end())


def _number(kind: NumberKind, number: str, part: Part, start: int, end: int) -> DocumentNumber:
    return DocumentNumber(
        kind=kind,
        number=number,
        start=part.start + start,
        end=part.start + end,
        block=part.block,
    )


def _code_start(view: str, end: int) -> int:
    """Where the agency's code before the year begins, without the words that lead in to it."""
    low = max(end - _REACH, 0)
    run = _CODE.search(view[low:end])
    if not run:
        return end
    start = low + run.start()
    for lead in _LEAD_IN.finditer(view, start, end - 1):
        start = lead.end()
    for name, official in CANONICAL.items():
        # 财政部财税〔2023〕1号: the body's full name stands before its code, 工信部联科 is a code
        if (len(name) > 3 or name == official) and view.startswith(name, start):
            if end - start - len(name) >= 2:
                start += len(name)
            break
    return start if end - start <= 14 else end


def _announcement(part: Part, at: int, mark: re.Match[str]) -> Iterator[DocumentNumber]:
    """An announcement with the agencies in front of it; none without an agency."""
    view = part.view
    start = _agencies_start(view, at)
    if start == at:
        return
    who = " ".join(view[start:at].split())
    year = f"{mark['y']}年" if mark.re is _PLAIN_ANNOUNCEMENT else f"〔{mark['y']}〕"
    number = f"{who}公告{year}{mark['di']}{int(mark['n'])}号"
    yield _number("announcement", number, part, start, mark.end())


def _agencies_start(view: str, at: int) -> int:
    """Start of the list of agencies, separated by 、 or blanks, that ends at ``at``."""
    start = at
    end = at
    while True:
        begin = name_before(view, end)
        if begin == end and start == at:
            begin = _other_start(view, end, _ANNOUNCER)
        if begin == end:
            return start
        start = begin
        end = len(view[:begin].rstrip("、 "))
        if end == begin:
            return start


def _orderer_start(view: str, at: int) -> int:
    """Start of whoever gives the order whose 令 stands at ``at``; ``at`` when nobody does."""
    end = at - 1 if view[max(at - 1, 0) : at].isspace() else at
    begin = name_before(view, end)
    state = "中华人民共和国"
    if begin < end:
        return begin - len(state) if view.endswith(state, 0, begin) else begin
    head = _HEAD_OF_STATE.search(view, max(end - _REACH, 0), end)
    start = head.start() if head else _other_start(view, end, _GOVERNMENT)
    return start if start < end else at


def _other_start(view: str, end: int, pattern: re.Pattern[str]) -> int:
    """Start of a body the table does not know, behind any words that lead in to it."""
    low = max(end - _REACH, 0)
    window = view[low:end]
    found = pattern.search(window)
    if not found:
        return end
    start = low + found.start()
    for lead in _LEAD_IN.finditer(view, start, end - 1):
        start = lead.end()
    return start
