"""What a content range holds besides the text: taken out line by line, kept as fields.

Called by ``crawler.extract.article`` after ``crawler.extract.content``. Header lines, bylines,
origin lines, editors' credits, share bars, notices and lists of related articles.
"""

import re
from dataclasses import dataclass, field

from crawler.extract.boundaries import (
    LINK_LINE,
    find_boundaries,
    find_headline_again,
    find_next_post,
    is_boundary,
)
from crawler.extract.content import Content, weigh
from crawler.extract.head import HeadReader
from crawler.extract.labels import (
    HEADER,
    NOISE,
    NOTICE,
    SIGNED,
    SOURCE_LINE,
    fold_label,
)
from crawler.extract.origin import parse_origin
from crawler.extract.people import (
    Byline,
    is_editors_line,
    parse_byline,
    parse_editors,
    split_editors_tail,
)
from crawler.extract.text import Line, PageLines
from storage import Origin

_EDGE = 3  # blocks at either end in which a byline or an origin can stand
_AFTER = 10  # lines after the content in which its credits can stand
_LINK_TABLE = 0.75  # share of link characters in a table that makes it a list of links
_LINKED_NAME, _SENTENCE = 0.85, 40  # share of link characters, and characters, of a sentence
_LIST_RUN = 3  # link lines in a row that make a list of links
_NOTICE_LENGTH = 200
_LETTER = re.compile(r"\w")
_SPACED_LENGTH = 300  # characters of a notice with the spaces it may hold
_NOTICE_EDGE = 5  # lines at the end in which a notice is not the text's own


@dataclass(slots=True)
class Trimmed:
    """Line numbers of the text and what stood around it; ``texts`` are lines cut in part."""

    numbers: list[int] = field(default_factory=list)
    texts: dict[int, str] = field(default_factory=dict)
    byline: Byline | None = None
    origin: Origin | None = None
    editors: tuple[str, ...] = ()
    sources: list[str] = field(default_factory=list)
    standfirst: str | None = None


def trim(page: PageLines, content: Content, title: str | None, title_line: int | None) -> Trimmed:
    """Sort the lines of ``content`` into text and fields; reasons go to ``content.dropped``."""
    trimmer = _Trimmer(page, content, title, title_line)
    trimmer.cut_boundaries()
    trimmer.drop_head()
    trimmer.drop_noise()
    trimmer.drop_link_lists()
    trimmer.take_edges()
    trimmer.read_surroundings()
    trimmer.result.numbers = content.kept()
    return trimmer.result


class _Trimmer:
    """The steps of ``trim``; a class because each removes lines and may fill a field."""

    def __init__(
        self, page: PageLines, content: Content, title: str | None, title_line: int | None
    ) -> None:
        self.lines = page.lines
        self.content = content
        self.title_line = title_line
        self.title = title or ""
        self.result = Trimmed()

    def _drop(self, number: int, reason: str) -> None:
        self.content.dropped.setdefault(number, reason)

    def _texts(self) -> list[int]:
        return [number for number in self.content.kept() if self.lines[number].text]

    def cut_boundaries(self) -> None:
        """Take out lists of other articles, comments and everything behind the article's end."""
        first, last = self.content.first, self.content.last
        dropped = dict(self.content.dropped)
        for start, stop, reason in find_boundaries(self.lines, first, last, dropped):
            for number in range(start, stop):
                self._drop(number, reason)
        again = find_headline_again(self.lines, self._texts(), self.title)
        if again is not None:
            for number in range(again, last):
                self._drop(number, "the headline again, and what is below it")
        numbers = self._texts()
        following = find_next_post(self.lines, numbers)
        if following is not None:
            for number in range(numbers[following], self.content.last):
                self._drop(number, "the next post on the page")

    def drop_head(self) -> None:
        """Drop what stands above the text: breadcrumb, headline, date and source, counters."""
        title = self.title_line
        if title is not None and self.content.first <= title < self.content.last:
            worth = {number: max(weigh(self.lines[number]), 0.0) for number in self._texts()}
            above = sum(value for number, value in worth.items() if number < title)
            if above <= sum(worth.values()) - above:
                for number in range(self.content.first, title + 1):
                    self._drop(number, "headline and what is above it")
        head = HeadReader(self.lines, self.title)
        for number, reason in head.read(self._texts()):
            self._drop(number, reason)
        self.result.sources += head.sources
        self.result.standfirst = head.standfirst

    def drop_noise(self) -> None:
        """Drop credits and notices wherever they stand between the paragraphs."""
        numbers = self._texts()
        edges = {*numbers[:2], *numbers[-_NOTICE_EDGE:]}
        for number in numbers:
            line = self.lines[number]
            if line.kind == "table":
                continue  # a table of numbers is no pager
            # `审核：由县级部门负责。` is a rule in the text, 责任编辑 nowhere one
            if is_editors_line(line.text) and (number in edges or "编" in line.text[:8]):
                self._add_editors(line.text)
                self._drop(number, "editors' credit")
                continue
            label = fold_label(line.text) if len(line.text) <= _SPACED_LENGTH else ""
            is_notice = NOISE.match(label) or (number in edges and NOTICE.match(label))
            if 0 < len(label) <= _NOTICE_LENGTH and is_notice:
                self._drop(number, "notice or control")
                continue
            tail = split_editors_tail(line.text)
            if tail:
                self._add_editors(tail[1])
                self.result.texts[number] = tail[0]

    def drop_link_lists(self) -> None:
        """Drop lists of links: several link lines in a row, or a few at either end."""
        numbers = self._texts()
        run: list[int] = []
        runs: list[list[int]] = []
        for number in numbers:
            line = self.lines[number]
            if line.kind == "table":
                if line.link_share >= _LINK_TABLE and not _is_attachment(line):
                    self._drop(number, "table of links")
            elif line.link_share >= LINK_LINE and not _is_reference(line):
                run.append(number)
            elif run:
                runs.append(run)
                run = []
        if run:
            runs.append(run)
        edge = set(numbers[:2] + numbers[-_EDGE:])
        for found in runs:
            at_edge = found[0] in edge or found[-1] in edge
            if len(found) >= _LIST_RUN or at_edge or weigh(self.lines[found[0]]) <= -6:
                for number in found:
                    self._drop(number, "link, not text")

    def take_edges(self) -> None:
        """Move bylines and origin lines at the ends into fields, and drop labels left there."""
        numbers = self._texts()
        while numbers and self._is_loose_end(self.lines[numbers[-1]]):
            self._drop(numbers.pop(), "control at the end")
        opening = [n for n in numbers if self.lines[n].kind != "list_item"]  # a summary in points
        for number in dict.fromkeys((*opening[:_EDGE], *numbers[: -_EDGE - 1 : -1])):
            if number in self.content.dropped:
                continue
            line = self.lines[number]
            origin = parse_origin(line.text)
            if origin and self.result.origin is None:
                self.result.origin = origin
                self._drop(number, "origin line")
                continue
            byline = parse_byline(line.text) if line.kind != "table" else None
            if byline and self.result.byline is None:
                self.result.byline = byline
                self._drop(number, "byline")
                continue
            source = SOURCE_LINE.match(fold_label(line.text))
            if source:
                self.result.sources.append(source["source"])
                self._drop(number, "source line")

    def _is_loose_end(self, line: Line) -> bool:
        if line.kind == "table":
            return False  # tables of links are gone by now
        label = fold_label(line.text)
        return bool(
            not _LETTER.search(line.text)
            or HEADER.match(label)
            or SIGNED.match(line.text)
            or (len(label) <= _NOTICE_LENGTH and NOTICE.match(label))
            or is_boundary(line)
            or (line.link_share >= LINK_LINE and not _is_reference(line))
        )

    def read_surroundings(self) -> None:
        """Editors, origin and byline that stand beside the container, not in it."""
        last = self.content.last
        after = range(last, min(last + _AFTER, len(self.lines)))
        start = self.title_line if self.title_line is not None else self.content.first - _AFTER
        before = range(max(start, 0), self.content.first)
        for number in (*before, *self.content.dropped, *after):
            line = self.lines[number]
            if not line.text or line.link_share > LINK_LINE or len(line.text) > 120:
                continue
            if is_editors_line(line.text) and not self.result.editors:
                self._add_editors(line.text)
                continue
            self.result.origin = self.result.origin or parse_origin(line.text)
            if self.result.byline is None and number in before:
                self.result.byline = parse_byline(line.text)

    def _add_editors(self, text: str) -> None:
        known = self.result.editors
        self.result.editors = known + tuple(n for n in parse_editors(text) if n not in known)


# A document's title on a line of its own: what an interpretation explains, not a teaser.
_DOCUMENT = re.compile(
    r"(?:\d{1,2}[.、]\s*)?《[^《》]*(?:[《〈][^《》]*[》〉][^《》]*)*》(?:[(（][^()（）]{1,20}[)）])?\Z"
)
_FILE_ADDRESS = re.compile(r"\.(?:pdf|docx?|xlsx?|wps|et|ofd|pptx?|zip|rar|ceb)\Z", re.IGNORECASE)
_ADDRESS = re.compile(r"(?:https?://|www\.)\S+\Z", re.IGNORECASE)
_FILE = re.compile(r"附件|\.(?:pdf|docx?|xlsx?|wps|ofd|pptx?|zip|rar)\b", re.IGNORECASE)


def _is_reference(line: Line) -> bool:
    """A link that is part of the text: a file, a document, an address, a name in a sentence."""
    if line.link_share < _LINKED_NAME and line.text.endswith(("。", ".", "”")):
        return len(line.text) >= _SENTENCE
    if any(_FILE_ADDRESS.search(link.get("href") or "") for link in line.links):
        return True
    return _is_attachment(line) or bool(_ADDRESS.match(line.text) or _DOCUMENT.match(line.text))


def _is_attachment(line: Line) -> bool:
    return bool(_FILE.search(line.text))
