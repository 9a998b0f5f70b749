"""The print original a page names at its end: medium, date and page (版).

Called by ``crawler.extract.trim``.
"""

import re

from crawler.extract.dates import parse_day
from crawler.extract.people import fold_width
from storage import Origin
from storage.characters import HAN

_EARLIEST_YEAR, _LATEST_YEAR = 1870, 2100  # 申报 began in 1872; others are slips of the pen
_ORIGIN = re.compile(
    rf"[(\[]?\s*(?:原载|来源|摘自|转自|据|本文原载|原刊于?|刊于|原载于)?\s*:?\s*"
    rf"《?\s*(?P<medium>[{HAN}·]{{2,14}}?)\s*》?\s*[(\[]?\s*"
    r"(?P<y>\d{4})\s*[年\-./]\s*(?P<m>\d{1,2})\s*[月\-./]\s*(?P<d>\d{1,2})\s*日?\s*,?\s*"
    r"(?:第\s*)?(?P<page>[A-Z]?\d{1,3})\s*版\s*[)\]]*\s*\Z"
)


def parse_origin(text: str) -> Origin | None:
    """The origin that a whole line states, in either width; ``None`` when it is another line."""
    if len(text) > 80:
        return None
    found = _ORIGIN.match(fold_width(text))
    if not found:
        return None
    day = parse_day(found["y"], found["m"], found["d"])
    if day is None:
        return None
    if not _EARLIEST_YEAR <= day.year <= _LATEST_YEAR:
        day = None
    return Origin(medium=found["medium"], date=day, page=found["page"], raw=text)
