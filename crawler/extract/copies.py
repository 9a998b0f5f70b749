"""Second copies of a text on one page: a mobile view, a print version, an accessible one.

Called by ``crawler.extract.article`` before the headline and the content are looked for, since a
copy has a headline, a time and a body as well.
"""

import re
from functools import lru_cache

from lxml.etree import _Element as Element

from crawler.extract.content import cover, hidden_lines
from crawler.extract.names import describe
from crawler.extract.text import PageLines, running_sums

_LONG = 20  # characters from which equal lines are copies rather than labels
_COPIES = 2  # copied lines from which an element can be a copy
_SHARE = 0.6  # share of an element's long lines that stand elsewhere too
_WHOLE = 800  # characters of a line that can hold the whole text
_SAMPLES, _COPIED_SAMPLES = 40, 4
_OWN = 0.2  # originals for each copy, from which an element holds the text rather than a copy
_BODY = 0.25  # share of the page's text that a copy of the body has; less is a repeated passage
# Elements that only some screens or readers are shown (Bootstrap, common themes).
_VIEW = re.compile(
    r"(?:\A|[\s_-])(?:visible-(?:xs|sm|print)|hidden-(?:md|lg|desktop)|(?:only|show)-(?:mobile|phone|print)"
    r"|(?:mobile|phone|wap|print|m)-?(?:only|view|version|content|article)?|wzaview|toolbar)(?:\Z|[\s_-])",
    re.IGNORECASE,
)


def find_copies(page: PageLines) -> dict[int, str]:
    """Numbers of the lines that repeat a text shown elsewhere, with the reason.

    Of two copies the hidden one goes, then the one for another view, then the later.
    """
    first: dict[str, int] = {}
    pairs: list[tuple[int, int]] = []
    for number, line in enumerate(page.lines):
        if len(line.text) >= _LONG:
            if line.text in first:
                pairs.append((first[line.text], number))
            else:
                first[line.text] = number
    if len(pairs) < _COPIES:
        return _whole_text(first)
    length = sum(len(page.lines[later].text) for _, later in pairs)
    if length < _BODY * sum(len(text) for text in first):
        return _whole_text(first)
    hidden, views = hidden_lines(page), _view_lines(page)
    rank = [2 * (n in hidden) + (n in views) for n in range(len(page.lines))]
    copied = {earlier if rank[earlier] > rank[later] else later for earlier, later in pairs}
    shown = {number for pair in pairs for number in pair} - copied
    long = running_sums(len(line.text) >= _LONG for line in page.lines)
    copies = running_sums(number in copied for number in range(len(page.lines)))
    originals = running_sums(number in shown for number in range(len(page.lines)))
    ranges: list[tuple[int, int, str]] = []
    seen_from = len(page.lines)
    for element, (start, end) in reversed(page.ranges.items()):  # parents before their children
        if end > seen_from:
            continue
        count = copies[end] - copies[start]
        if count < _COPIES or count < (long[end] - long[start]) * _SHARE:
            continue
        if originals[end] - originals[start] >= count * _OWN:
            continue
        seen_from = start
        texts = {page.lines[number].text for number in range(start, end) if number in copied}
        if len(texts) >= _COPIES:  # one sentence again and again is a refrain
            ranges.append((start, end, f"copy of the text in {describe(element)}"))
    return _whole_text(first) | (cover(ranges) or _copied_run(page, copied))


def _whole_text(first: dict[str, int]) -> dict[int, str]:
    """Lines that hold the whole text once more (`articleBody` of schema.org, a print field)."""
    samples = [text for text in first if len(text) < _WHOLE][:_SAMPLES]
    return {
        number: "copy of the text in one line"
        for text, number in first.items()
        if len(text) >= _WHOLE and sum(sample in text for sample in samples) >= _COPIED_SAMPLES
    }


def _copied_run(page: PageLines, copied: set[int]) -> dict[int, str]:
    """The lines of a copy that no element holds: all long ones in a row are copied."""
    first, last = min(copied), max(copied) + 1
    if any(len(page.lines[n].text) >= _LONG and n not in copied for n in range(first, last)):
        return {}
    return dict.fromkeys(range(first, last), "copy of the text")


def _view_lines(page: PageLines) -> set[int]:
    ranges = [(*span, "") for element, span in page.ranges.items() if _is_view(element)]
    return set(cover(ranges))


def _is_view(element: Element) -> bool:
    return _is_view_name(f"{element.get('class') or ''} {element.get('id') or ''}")


@lru_cache(maxsize=8192)
def _is_view_name(named: str) -> bool:
    return _VIEW.search(named) is not None
