"""The way a text came: wire head with place and date, 原载, 据…报道, 来源, 转自.

Called by ``crawler.extract.policy``; the print origin itself is read by ``crawler.extract.origin``.
"""

import datetime as dt
import re
from collections.abc import Iterator, Sequence

from crawler.extract.people import split_names
from crawler.extract.policy.view import Part
from storage.characters import HAN
from storage.entities import Hop, Relation

_WIRE = re.compile(
    rf"\s*\(?\s*据?(?P<outlet>新华社|中新社|中新网|人民网|央视网|中国网|新华网|光明网|本报|中国新闻网|[{HAN}]{{2,5}}(?:报|社|网))"
    rf"\s*(?P<place>[{HAN}]{{2,8}}?)?\s*(?:(?P<y>20\d{{2}})年)?(?P<m>\d{{1,2}})月(?P<d>\d{{1,2}})日\s*(?:电|讯|消息)"
    r"\s*(?:\(\s*(?:[^()]{0,8}?(?:记者|通讯员))?\s*:?\s*(?P<names>[^()]{2,60}?)\s*\))?"
)
_CREDIT = re.compile(
    rf"\s*\(?\s*(?P<relation>本文来源|文章来源|来源|转自|转载自|本文转自|原载|原载于|摘自|原刊于?|刊于|原标题)\s*[:]?\s*"
    rf"《?(?P<outlet>[{HAN}A-Za-z·]{{2,16}})》?"
)
_REPORTED = re.compile(rf"据《?(?P<outlet>[{HAN}]{{2,12}}?)》?(?:\d{{1,2}}月)?(?:\d{{1,2}}日)?报道")
_RELATIONS: dict[str, Relation] = {
    "来源": "来源",
    "转自": "转自",
    "转载": "转自",
    "摘自": "原载",
    "原载": "原载",
    "原刊": "原载",
    "刊于": "原载",
}
_ORDER: tuple[Relation, ...] = ("电头", "原载", "据", "来源", "转自")
_EDGE_BLOCKS = 3  # at the start and the end, where credits stand
_CREDIT_LENGTH = 40
_HEAD_LENGTH = 160  # characters in which a wire head ends
_OUTLET = re.compile(
    r"(?:报|社|网|刊|台|客户端|周刊|杂志|在线|号|频道|求是|瞭望)\Z|\A(?:求是|瞭望)"
)
_NOT_OUTLET = re.compile(r"杂志\Z")


def find_hops(parts: Sequence[Part], published: dt.date | None) -> tuple[Hop, ...]:
    """The republication chain as the text states it, from the original on."""
    hops: list[Hop] = []
    for part in parts[:_EDGE_BLOCKS]:
        wire = _wire(part, published)
        if wire:
            hops.append(wire)
            break
    edges = dict.fromkeys((*parts[:_EDGE_BLOCKS], *parts[-_EDGE_BLOCKS:]))
    for part in edges:
        hops += _credits(part)
    return tuple(sorted(hops, key=lambda hop: (_ORDER.index(hop.relation), hop.start)))


def _credits(part: Part) -> Iterator[Hop]:
    if len(part.view) <= _CREDIT_LENGTH:
        found = _CREDIT.match(part.view)
        if found and found["relation"] != "原标题":
            key = next(name for name in _RELATIONS if name in found["relation"])
            yield _hop(part, _RELATIONS[key], found)
            return
    found = _REPORTED.match(part.view, len(part.view) - len(part.view.lstrip()))
    if found and _OUTLET.search(found["outlet"]):
        yield _hop(part, "据", found)


def _hop(part: Part, relation: Relation, found: re.Match[str]) -> Hop:
    outlet = _NOT_OUTLET.sub("", found["outlet"]) or found["outlet"]
    return Hop(
        relation=relation,
        outlet=outlet,
        start=part.start + found.start("outlet"),
        end=part.start + found.start("outlet") + len(outlet),
        block=part.block,
    )


def _wire(part: Part, published: dt.date | None) -> Hop | None:
    found = _WIRE.match(part.view[:_HEAD_LENGTH])
    if not found:
        return None
    start = part.start + found.start("outlet")
    return Hop(
        relation="电头",
        outlet=found["outlet"],
        start=start,
        end=part.start + len(part.view[: found.end()].rstrip()),
        block=part.block,
        place=found["place"],
        date=_wire_date(found, published),
        month_day=f"{int(found['m'])}-{int(found['d'])}",
        reporters=split_names(re.sub(r"记者|通讯员", " ", found["names"] or "")),
    )


def _wire_date(found: re.Match[str], published: dt.date | None) -> dt.date | None:
    """The day of a head that names no year: the one nearest to the day of publication.

    A head of 31 December in a page of 2 January is of the year before.
    """
    years = [int(found["y"])] if found["y"] else []
    if not years and published:
        years = [published.year, published.year - 1, published.year + 1]
    days = []
    for year in years:
        try:
            days.append(dt.date(year, int(found["m"]), int(found["d"])))
        except ValueError:
            continue
    if not days or published is None:
        return days[0] if days else None
    return min(days, key=lambda day: abs(day - published))
