"""Lists of other articles on a page: linked headlines, each with a short blurb.

Called by ``crawler.extract.content`` once for a page.
"""

from collections.abc import Sequence

from crawler.extract.labels import is_cut
from crawler.extract.names import describe
from crawler.extract.text import Line, PageLines, running_sums

TEASERS = "teasers"  # how the reason begins for which the lines of such a list are dropped
_TEASERS = 4  # of them make a list
_LINK_LINE = 0.5  # share of link characters from which a line is a link
_SHORT = 10  # characters under which a link is a control rather than a headline


def find_teasers(
    page: PageLines, worth: list[float], title_line: int | None
) -> list[tuple[int, int, str]]:
    """Ranges of elements whose children are all teasers: a linked headline with a short blurb.

    Blurbs are sentences, and a dozen of them outweigh a short article; but an article's paragraphs
    do not each come with a link of their own. What holds the headline is no such list.
    """
    links = running_sums(_is_link(line) for line in page.lines)
    cuts = running_sums(is_cut(line.text) for line in page.lines)
    texts = running_sums(value > 0 for value in worth)
    found = _tables(page)
    for element, (first, last) in page.ranges.items():
        if links[last] - links[first] < _TEASERS:
            continue
        # rows of a programme or an index, each with its link, are content unless cut short
        if element.tag in ("table", "tbody") and cuts[last] - cuts[first] < _TEASERS:
            continue
        if title_line is not None and first <= title_line < last:
            continue
        cards = others = 0
        for child in element:
            start, end = page.ranges.get(child, (0, 0))
            linked, blurbs = links[end] - links[start], texts[end] - texts[start]
            if 1 <= linked <= 3 and 1 <= blurbs <= 2:
                cards += 1
            elif blurbs:
                others += 1
        if cards >= _TEASERS and others <= cards * 0.25:
            found.append((first, last, f"{TEASERS}: {describe(element)}"))
    return found + _runs(page, links, cuts)


def _tables(page: PageLines) -> list[tuple[int, int, str]]:
    """Data tables most of whose rows hold a text cut short."""
    found: list[tuple[int, int, str]] = []
    for number, line in enumerate(page.lines):
        if line.kind != "table" or len(line.links) < _TEASERS:
            continue
        rows = line.text.split("\n")
        cut = sum(any(map(is_cut, row.split("\t"))) for row in rows)
        if cut >= max(_TEASERS, len(rows) / 2):
            found.append((number, number + 1, f"{TEASERS} in a table"))
    return found


def _runs(
    page: PageLines, links: Sequence[float], cuts: Sequence[float]
) -> list[tuple[int, int, str]]:
    """Runs of lines that are linked headlines and cut blurbs in turn, whatever holds them."""
    found: list[tuple[int, int, str]] = []
    start = 0
    for number in range(len(page.lines) + 1):
        if number < len(page.lines) and (
            links[number + 1] > links[number]
            or cuts[number + 1] > cuts[number]
            or not page.lines[number].text
        ):
            continue
        if min(links[number] - links[start], cuts[number] - cuts[start]) >= _TEASERS:
            found.append((start, number, f"{TEASERS} in a row"))
        start = number + 1
    return found


def _is_link(line: Line) -> bool:
    """A line that is a link, or one that holds a link and a text cut short behind it."""
    if line.link_share >= _LINK_LINE:
        return len(line.text) >= _SHORT
    return line.link_chars > 0 and is_cut(line.text)
