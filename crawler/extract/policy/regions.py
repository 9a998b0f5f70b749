"""Regions an article names, with their GB/T 2260 codes; the parent tells districts apart.

Called by ``crawler.extract.policy``. Names inside titles, wire heads and names of organisations
are no regions.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from crawler.extract.policy.gazetteer import HEADS, Division, find_name
from crawler.extract.policy.view import Part, Spans
from crawler.extract.words import words
from storage.characters import HAN
from storage.entities import Region

# Full names of counties that are ordinary words; alone they say nothing.
_WORDS = frozenset(
    words(
        """
    城区 郊区 矿区 东区 西区 新城区 新市区 老城区 合作市 城中区 港口区 开发区
    """
    )
)
# What follows a place in an organisation's name; the characters between are no verbs or particles.
_ORGAN = re.compile(
    r"(?![和与及、])(?:对外|[^\W\d_的了在将已并对从为是把被让使按其则还也都就到等着过推召举获至自]){0,14}?"
    r"(?:政府|人大|政协|委员会|(?<![原编])委(?![托派员任])|(?<![大客餐])厅|局(?![面部限势])|法院|检察院"
    r"|大学|学院|研究院|研究所|实验室|医院|银行|公司|集团|交易所|协会|学会|联合会|商会|工会|日报|晚报"
    r"|晨报|电视台|报社|网(?=[记讯消])|中学|小学|海关|机场|博物馆|图书馆|分行|支行|总队|支队|时间(?!内)"
    r"|奥运会|冬奥会|世博会|亚运会|办公厅|办公室|出版社|证券报|[一二三四五六七八九十]中|管委会|消委会|纪委|监委"
    r"|剧团|剧院|乐团|社科院|科学院|党校|日报社|合作组织|国际机场|铁路局|警方|卫视)"
)
_GOES_ON = ("民", "场", "值", "价", "面", "容", "政")  # 市民, 市场, 市政, ...
_SHORTEST = 2  # characters of 和县, 兴县
_JOINED = re.compile(rf"(?![在为由到对于从是属将赴、])[{HAN}]")
_PROVINCES_LEVEL = 2  # digits of a code that name the province


@dataclass(frozen=True, slots=True)
class _Match:
    start: int
    end: int
    divisions: tuple[Division, ...]


def find_regions(parts: Sequence[Part], excluded: Iterable[tuple[int, int]]) -> tuple[Region, ...]:
    """All regions but those inside ``excluded`` spans (sorted, apart) or names of organisations.

    A district whose name stands in several cities is the one in a city or province that the
    article names anywhere, and has no code where that does not decide.
    """
    matches = [(part, match) for part in parts for match in _scan(part.view)]
    seen = {m.divisions[0].code for _, m in matches if len(m.divisions) == 1}
    spans = Spans(excluded)
    regions = []
    for part, match in matches:
        start, end = part.start + match.start, part.start + match.end
        if start in spans or is_organ(part.view, match.end):
            continue
        division = _decide(match.divisions, seen)
        regions.append(
            Region(
                name=part.view[match.start : match.end],
                level=match.divisions[0].level,
                start=start,
                end=end,
                block=part.block,
                code=division.code if division else None,
                full_name=division.full_name if division else None,
            )
        )
    return tuple(regions)


def is_organ(view: str, at: int) -> bool:
    """Whether an organisation's name goes on at ``at``, after the place it begins with."""
    return bool(_ORGAN.match(view, at))


def region_at(view: str, at: int) -> tuple[int, tuple[Division, ...]]:
    """End and divisions of the region that begins at ``at``, longest reading; ``(at, ())``."""
    best = _from_province(view, at)
    for other in (_from_city(view, at), _from_county(view, at)):
        if other[0] > best[0]:
            best = other
    return best


def _scan(view: str) -> list[_Match]:
    found: list[_Match] = []
    at, last = 0, len(view) - 1
    while at < last:
        if view[at : at + 2] in HEADS:
            end, divisions = region_at(view, at)
            if divisions:
                if not _is_word(view, at, end):
                    found.append(_Match(at, end, divisions))
                at = end
                continue
        at += 1
    return found


def _is_word(view: str, start: int, end: int) -> bool:
    """Whether a name is part of other words: 武警中队和县消防队, 无锡市民, 主城区."""
    name = view[start:end]
    if name in _WORDS or (name[-1] in "市县" and view[end : end + 1] in _GOES_ON):
        return True
    is_short = len(name) == _SHORTEST and name[-1] in "县区市旗"
    return is_short and bool(_JOINED.match(view[start - 1 : start]))


def _from_province(view: str, at: int) -> tuple[int, tuple[Division, ...]]:
    end, found = _either(view, at, "province", "")
    if not found:
        return at, ()
    province = found[0]
    within = province.code[:_PROVINCES_LEVEL]
    city_end, cities = _either(view, end, "city", within)
    county_end, counties = _either(
        view, city_end, "county", cities[0].code[:4] if cities else within
    )
    if counties and (cities or len(counties) == 1):
        return county_end, counties
    return (city_end, cities) if cities else (end, found)


def _from_city(view: str, at: int) -> tuple[int, tuple[Division, ...]]:
    end, cities = find_name(view, at, "city")
    if cities:
        county_end, counties = _either(view, end, "county", cities[0].code[:4])
        return (county_end, counties) if counties else (end, cities)
    end, cities = find_name(view, at, "city", is_short=True)
    if cities:  # a short name counts before a lower unit only
        county_end, counties = find_name(view, end, "county", within=cities[0].code[:4])
        if counties:
            return county_end, counties
    return at, ()


def _from_county(view: str, at: int) -> tuple[int, tuple[Division, ...]]:
    return find_name(view, at, "county")


def _either(view: str, at: int, level: str, within: str) -> tuple[int, tuple[Division, ...]]:
    """A full name or else a short one."""
    end, found = find_name(view, at, level, within=within)  # type: ignore[arg-type]
    if found:
        return end, found
    return find_name(view, at, level, within=within, is_short=True)  # type: ignore[arg-type]


def _decide(divisions: tuple[Division, ...], seen: set[str]) -> Division | None:
    if len(divisions) == 1:
        return divisions[0]
    for digits in (4, 2):
        prefixes = {code[:digits] for code in seen}
        near = [d for d in divisions if d.code[:digits] in prefixes]
        if len(near) == 1:
            return near[0]
        if near:
            return None
    return None
