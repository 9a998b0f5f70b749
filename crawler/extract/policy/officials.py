"""Officials with organisation and posts, as their first full mention states them.

Called by ``crawler.extract.policy``; ``statements`` uses what is found here. A person without an
organisation and a post (李先生) is private and never read.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from crawler.extract.policy.agencies import name_at
from crawler.extract.policy.people_words import (
    ETHNIC_NAME,
    FAMILY_NAMES,
    FOLLOWS,
    FOLLOWS_WEAKLY,
    NOT_NAMES,
    NOT_ORGAN,
    ORGAN_END,
    POST,
    POSTS,
    TWO_NAMES,
)
from crawler.extract.policy.regions import region_at
from crawler.extract.policy.view import Part, Spans
from storage.characters import HAN
from storage.entities import Official

_RUN = re.compile(rf"[{HAN}A-Z·() ]*\Z")
_LONGEST_PART = 5  # characters of the last part of a name with ·
_PLACE_ENDS = tuple("省市县区州旗")  # 某省卫生健康委: the known name is part of a local one
_LONGEST_ORGAN = 36
_REACH = 48  # characters before a post that its organisation can fill
_LEAD = re.compile(
    r"\s*(?:近日|日前|对此|记者从|据悉|据|此外|同时|其中|会上|会后|随后|由|来自|时任|原|在|与|向|对|请|即|是|采访了?|邀请了?|[和及](?=[国中全]))"
)
_SEPARATORS = re.compile(r"[。,;:!?、“”‘’《》\n]")


def find_officials(
    parts: Sequence[Part],
    titles: Iterable[tuple[int, int]],
    short_names: Mapping[str, str],
) -> tuple[Official, ...]:
    """Every official once, at the first full mention."""
    found: dict[str, Official] = {}
    spans = Spans(titles)
    for part in parts:
        for official in _scan(part, short_names):
            if official.start not in spans:
                found.setdefault(official.name, official)
    return tuple(found.values())


def organisation_start(view: str, end: int, short_names: Mapping[str, str]) -> int:
    """Start of the organisation that ends at ``end``; ``end`` when there is none.

    The leftmost known body in the run of characters decides, or else the whole run.
    """
    low = max(end - _REACH, 0)
    run = _RUN.search(view[low:end])
    start = low + run.start() if run else end
    bracket = view.rfind(")", start, end)
    if bracket >= 0 and bracket < end - 1:
        start = bracket + 1
    while (lead := _LEAD.match(view, start, end)) and lead.end() < end:
        start = lead.end()
    for at in range(start, end - 1):
        if name_at(view, at, short_names) > at or region_at(view, at)[1]:
            if view[at - 1 : at] not in _PLACE_ENDS or at == start:
                start = at
            break
    name = view[start:end].strip()
    is_organ = 2 <= len(name) <= _LONGEST_ORGAN and ORGAN_END.search(name)
    if not is_organ and name not in short_names:
        return end
    if NOT_ORGAN.search(name):
        return end
    while view[start].isspace():
        start += 1
    return start


def expand(name: str, short_names: Mapping[str, str]) -> str:
    """An organisation's name with a short name the article declared written out."""
    squeezed = "".join(name.split())
    for length in range(len(squeezed), 1, -1) if short_names else ():
        if squeezed[:length] in short_names:
            return short_names[squeezed[:length]] + squeezed[length:]
    return squeezed


def _scan(part: Part, short_names: Mapping[str, str]) -> Iterator[Official]:
    view = part.view
    for posts in POSTS.finditer(view):
        name_start = posts.end()
        while view[name_start : name_start + 1] in (" ", "\t"):
            name_start += 1
        name_end = _name_end(view, name_start)
        if name_end == name_start:
            continue
        start = organisation_start(view, posts.start(), short_names)
        if start == posts.start():
            continue
        yield Official(
            name=view[name_start:name_end],
            organisation=expand(view[start : posts.start()], short_names),
            posts=tuple(POST.findall(posts.group())),
            start=part.start + start,
            end=part.start + name_end,
            block=part.block,
        )


def _name_end(view: str, at: int) -> int:
    """End of the person's name at ``at``; ``at`` when no name stands there."""
    ethnic = ETHNIC_NAME.match(view, at)
    if ethnic:
        last = min(ethnic.end() + _LONGEST_PART, len(view) + 1)
        for follows in (FOLLOWS, FOLLOWS_WEAKLY):
            for end in range(ethnic.end() + 1, last):
                if follows.match(view, end):
                    return end
        return at
    two = view[at : at + 2] in TWO_NAMES
    if not two and view[at : at + 1] not in FAMILY_NAMES:
        return at
    lengths = (4, 3, 2) if two else (3, 2)
    for follows in (FOLLOWS, FOLLOWS_WEAKLY):
        for length in lengths:
            name = view[at : at + length]
            if len(name) == length and _is_name(name) and follows.match(view, at + length):
                return at + length
    return at


def _is_name(name: str) -> bool:
    return not (_SEPARATORS.search(name) or " " in name or NOT_NAMES.match(name)) and name.isalpha()
