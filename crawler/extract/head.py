"""What stands above the text: headline, date and source lines, counters, a standfirst.

Called by ``crawler.extract.trim`` on the lines of the content range.
"""

import re
from collections.abc import Iterator

from crawler.extract.boundaries import LINK_LINE, is_boundary
from crawler.extract.content import weigh, weighted_length
from crawler.extract.dates import parse_moment
from crawler.extract.labels import HEADER, SIGNED, SOURCE_LINE, SUMMARY, fold_label, is_cut
from crawler.extract.origin import parse_origin
from crawler.extract.people import UPLOADERS
from crawler.extract.text import Line
from crawler.extract.title import title_key

_LINES = 14  # lines after the headline that can belong to the head
_TEXT_LINE = 40.0  # weighted characters from which a line with a date is text
_DATED = 90  # characters; a line in the head that holds a date and is no longer is metadata
_STANDFIRST_LINES = 2
_STANDFIRST_LENGTH = 160.0  # weighted characters
_MINUTES, _STAMPS = 40, 2  # lines in which so many more times make a minuted conference
_BEGINNING = 20  # characters that two lines begin with by no accident
_TITLE_PART = 4  # letters; a shorter part of a headline in two parts says nothing
_END_PUNCTUATION = re.compile(r"[。！？…!?.；;”\"：:]\s*\Z")
_BRACKETED = re.compile(r"\([^()]*\)")
_DATE_CHARACTERS = re.compile(r"[\d\s:：年月日./|-]+")


class HeadReader:
    """Tells the lines of the head from the first lines of the text."""

    def __init__(self, lines: list[Line], title: str) -> None:
        self._lines = lines
        self._parts = {title_key(title), *map(title_key, title.split())}
        self.sources: list[str] = []
        self.standfirst: str | None = None

    def read(self, numbers: list[int]) -> Iterator[tuple[int, str]]:
        """Numbers of the head's lines among ``numbers`` (the lines after the headline), why."""
        opening = numbers[:_LINES]
        signed = self._find_signed(opening, numbers)
        for position, number in enumerate(opening):
            line = self._lines[number]
            reason = self._reason(line)
            if reason is None and self._is_beginning(line, numbers[position + 1 :]):
                reason = "summary"
                self.standfirst = self.standfirst or line.text
            if reason is None and position < signed:
                reason = "above the byline"
                if weigh(line) > 0 and self.standfirst is None:
                    self.standfirst = line.text
            if reason is None:
                if self.standfirst and line.text == self.standfirst:
                    yield number, "the standfirst again"
                elif line.link_share < LINK_LINE and (weigh(line) > 0 or _is_prose(line)):
                    return
                continue
            yield number, reason

    def _is_minuted(self, below: list[int]) -> bool:
        """Whether times stand under the speeches of a conference (发布会实录), not in the head."""
        stamps = sum(self._reason(self._lines[n]) == "date" for n in below[:_MINUTES])
        return stamps >= _STAMPS

    def _is_beginning(self, line: Line, below: list[int]) -> bool:
        """Whether a line is the text's own beginning, cut short (a CMS's description)."""
        cut = line.text.rstrip('.…”" ')
        if not is_cut(line.text) or len(cut) < _BEGINNING:
            return False
        return any(self._lines[n].text.startswith(cut) for n in below[:_LINES])

    def _find_signed(self, opening: list[int], numbers: list[int]) -> int:
        """Position of the line that names author or time; -1 when the text comes before it.

        ``Headline / one sentence / By ... / 4 June 2024``: the sentence belongs to the head.
        """
        prose, length = 0, 0.0
        for position, number in enumerate(opening):
            line = self._lines[number]
            if self._reason(line) in ("byline", "date"):
                if self._is_minuted(numbers[position + 1 :]):
                    return -1
                rest = sum(max(weigh(self._lines[n]), 0.0) for n in numbers[position:])
                return position if rest >= length else -1
            if weigh(line) > 0:
                prose += 1
                length += weighted_length(line.text)
                if prose > _STANDFIRST_LINES or length > _STANDFIRST_LENGTH:
                    return -1
        return -1

    def _reason(self, line: Line) -> str | None:
        if line.kind == "table":
            return None
        label = fold_label(line.text)
        key = title_key(line.text)
        if key in self._parts and (len(key) >= _TITLE_PART or len(self._parts) == 1):
            return "the headline again"
        source = SOURCE_LINE.match(label)
        if source:
            self.sources.append(source["source"])
            return "source line"
        if label.lower() in UPLOADERS:
            return "uploader"
        if HEADER.match(label) or is_boundary(line) or len(label) == 1:
            return "page head"  # a single character is a label set vertically, or an icon
        if SUMMARY.match(label):
            self.standfirst = self.standfirst or line.text
            return "summary"
        if len(line.text) <= _DATED:
            if SIGNED.match(line.text.strip()):
                return "byline"
            # `(2024年5月14日)` under the title of a document is part of its text (题注)
            if (
                parse_moment(line.text)
                and not _BRACKETED.fullmatch(label)
                and parse_origin(line.text) is None
            ):
                without_date = _DATE_CHARACTERS.sub("", label)
                is_text = re.search(r"[，。；！？]", line.text) is not None
                limit = _TEXT_LINE / 2 if is_text else _TEXT_LINE
                if weighted_length(without_date) < limit:
                    return "date"
        return None


def _is_prose(line: Line) -> bool:
    return line.kind == "heading" or len(line.text) > 8 or bool(_END_PUNCTUATION.search(line.text))
