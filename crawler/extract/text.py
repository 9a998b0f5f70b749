"""A page as a sequence of lines: every visible block of text with its element, in page order.

Called by ``crawler.extract.article`` once for a page; choosing the main content, trimming it and
reading the header all work on these lines, so the cost of a page is one walk over it.
"""

import re
from array import array
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import accumulate

from lxml import etree
from lxml.etree import _Element as Element

from crawler.extract.errors import ExtractionError
from crawler.extract.tables import TableReader
from crawler.extract.words import words
from storage.record import BlockKind

# Never shown as text, whatever the style sheet says.
SKIPPED_TAGS = frozenset(
    words(
        """
    script style noscript template title meta link iframe object embed applet svg math
    canvas audio map select textarea input datalist dialog rt rp frameset
    """
    )
)
# Elements that run on within a line; every other one, known or not, begins a new line.
INLINE_TAGS = frozenset(
    words(
        """
    a abbr acronym b bdi bdo big cite code data del dfn em font i ins kbd label mark nobr
    o:p q ruby s samp small span st1:chsdate strike strong sub sup time tt u var wbr img
    video button st1:personname picture source
    """
    )
)
# Kind and heading level by tag; other blocks have those of what they stand in.
_KINDS: dict[str, tuple[BlockKind, int | None]] = {
    **{f"h{level}": ("heading", level) for level in range(1, 7)},
    **dict.fromkeys(("li", "dt", "dd"), ("list_item", None)),
    **dict.fromkeys(("figcaption", "caption"), ("caption", None)),
    "blockquote": ("quote", None),
}
_BOLD = frozenset(("b", "strong"))
# A link around blocks is a teaser's card; one around as many sentences is a missing end tag.
_CARD_LINES, _CARD_LENGTH = 3, 400
# A line takes about a kilobyte while a page is read; the largest real pages have some thousands.
_MOST_LINES = 250_000
_MOST_LINKS = 10_000  # kept of one line; a hundred thousand links in a row are no text
# What a tag does to the lines; every tag not named here begins a block.
_ROLES = {
    **dict.fromkeys(SKIPPED_TAGS, "skipped"),
    **dict.fromkeys(INLINE_TAGS, "inline"),
    **dict.fromkeys((*_BOLD, "a", "img"), "marked"),
    "br": "break",
    "hr": "break",
}
_BREAKING = frozenset(("block", "break"))
_OPENING = frozenset(("block", "marked"))
# Zero-width characters, direction marks, soft hyphen, byte order mark: nothing a reader sees.
_ZERO_WIDTH = re.compile("[\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
_BLANK = "\u2800"  # the Braille cell without dots: shown as a space, no space to Unicode
_BREAK = "\n"


@dataclass(slots=True, eq=False)
class Line:
    """One line of the page: a block of text, or an image standing at its place (empty text).

    ``link_chars`` counts the characters inside links; ``bold`` says that all of them are bold;
    ``owner`` is the element that makes the block.
    """

    text: str
    kind: BlockKind
    owner: Element
    level: int | None = None
    link_chars: int = 0
    bold: bool = False
    image: Element | None = None
    links: tuple[Element, ...] = ()
    worth: float | None = None  # kept by ``crawler.extract.content.weigh``

    @property
    def link_share(self) -> float:
        """Share of the characters that are links, 0 to 1."""
        return self.link_chars / len(self.text) if self.text else 0.0


@dataclass(slots=True)
class PageLines:
    """The lines of a page and, for every element that holds some, their half-open range."""

    lines: list[Line]
    ranges: dict[Element, tuple[int, int]]

    def without(self, numbers: Collection[int]) -> "PageLines":
        """The page as if the lines ``numbers`` were not on it."""
        kept = [0, *accumulate(number not in numbers for number in range(len(self.lines)))]
        return PageLines(
            [line for number, line in enumerate(self.lines) if number not in numbers],
            {
                element: (kept[first], kept[last])
                for element, (first, last) in self.ranges.items()
                if kept[last] > kept[first]
            },
        )


def running_sums(values: Iterable[float]) -> "array[float]":
    """The sums of the first 0, 1, 2, ... values; a list would take four times the memory."""
    return array("d", accumulate(values, initial=0.0))


def normalise(text: str | None) -> str:
    """White space runs as one space, ends stripped, zero-width characters gone; nothing folded."""
    if not text:
        return ""
    if not text.isascii():
        text = _ZERO_WIDTH.sub("", text).replace(_BLANK, " ")
    return " ".join(text.split())


def element_text(element: Element) -> str:
    """All text of an element on one line, scripts left out."""
    pieces: list[str] = []
    walk = etree.iterwalk(element, events=("start", "end"))
    for event, node in walk:
        if event == "end":
            if node is not element and node.tail:
                pieces.append(node.tail)
        elif node.tag in SKIPPED_TAGS:
            walk.skip_subtree()
        else:
            if node.tag not in INLINE_TAGS:
                pieces.append(" ")
            if node.text:
                pieces.append(node.text)
    return normalise("".join(pieces))


def read_lines(root: Element, where: str = "no address given") -> PageLines:
    """All lines under ``root``; hidden ones too, they are judged later, as a whole.

    ``where`` is the address for the ``ExtractionError`` of a page with too many.
    """
    return _LineReader(root, where).read()


class _LineReader:
    """The walk behind ``read_lines``; a class because a line is gathered over many nodes."""

    def __init__(self, root: Element, where: str) -> None:
        self._root = root
        self._where = where
        self._tables = TableReader(root, SKIPPED_TAGS)
        self._lines: list[Line] = []
        self._ranges: dict[Element, tuple[int, int]] = {}
        self._pieces: list[str] = []
        self._links: list[Element] = []
        self._link_chars = self._bold_chars = self._chars = 0
        self._in_bold = self._in_pre = 0
        self._open_links: list[Element] = []
        self._owners: list[Element] = [root]
        self._kinds: list[tuple[BlockKind, int | None]] = [("paragraph", None)]

    def read(self) -> PageLines:
        walk = etree.iterwalk(self._root, events=("start", "end"))
        lines, ranges, roles = self._lines, self._ranges, _ROLES
        starts: list[int] = []
        skipped: Element | None = None
        for event, element in walk:
            # comments and processing instructions, whose tag is no string, are not parsed
            role = roles.get(element.tag, "block")  # type: ignore[arg-type]
            if event == "start":
                if self._pieces and role in _BREAKING:
                    self._flush()  # the text so far stands before the element, not in it
                starts.append(len(lines))
                if role == "skipped" or (element.tag == "table" and self._take_table(element)):
                    walk.skip_subtree()
                    skipped = element
                    continue
                if role in _OPENING:
                    self._open(element, role)
                text = element.text
            else:
                begin = starts.pop()
                if element is skipped:
                    skipped = None
                elif role in _OPENING:
                    self._close(element, role, begin)
                if len(lines) > begin:
                    ranges[element] = (begin, len(lines))
                    if len(lines) > _MOST_LINES:
                        raise ExtractionError(
                            f"the page has more than {_MOST_LINES:,} lines ({self._where}):"
                            " no article; look at the stored capture"
                        )
                text = element.tail
            if text:
                self._add(text)
        self._flush()
        return PageLines(lines, ranges)

    def _open(self, element: Element, role: str) -> None:
        tag = element.tag
        if role == "block":
            self._owners.append(element)
            # a paragraph in a list item is the list item's text
            self._kinds.append(_KINDS.get(str(tag), self._kinds[-1]))
            self._in_pre += tag == "pre"
        elif tag == "a":
            if _is_link(element):
                self._open_links.append(element)
                if len(self._links) < _MOST_LINKS:
                    self._links.append(element)
        elif tag in _BOLD:
            self._in_bold += 1
        elif tag == "img":
            self._flush_image(element)

    def _close(self, element: Element, role: str, begin: int) -> None:
        tag = element.tag
        if role == "block":
            if self._pieces:
                self._flush()
            self._owners.pop()
            self._kinds.pop()
            self._in_pre -= tag == "pre"
        elif self._open_links and self._open_links[-1] is element:
            self._open_links.pop()
            if len(self._lines) - begin >= _CARD_LINES:
                self._unwrap(element, begin)
        elif tag in _BOLD:
            self._in_bold -= 1

    def _unwrap(self, link: Element, begin: int) -> None:
        """Take the text of a link that holds an article for text: its end tag is missing."""
        inside = self._lines[begin:]
        sentences = sum(line.text.endswith(("。", ".", "”")) for line in inside)
        if sentences >= _CARD_LINES or sum(len(line.text) for line in inside) > _CARD_LENGTH:
            for line in inside:
                line.link_chars = 0
                line.links = tuple(other for other in line.links if other is not link)

    def _add(self, text: str) -> None:
        if self._in_pre and _BREAK in text:
            first, *rest = text.split(_BREAK)
            text = first
            for line in rest:
                self._add(text)
                self._flush()
                text = line
        if text.isspace():
            if self._pieces:
                self._pieces.append(" ")
            return
        self._pieces.append(text)
        length = len(text.strip())
        self._chars += length
        if self._open_links:
            self._link_chars += length
        if self._in_bold:
            self._bold_chars += length

    def _flush(self) -> None:
        if not self._pieces:
            return
        text = normalise("".join(self._pieces))
        if text:
            kind, level = self._kinds[-1]
            self._lines.append(
                Line(
                    text=text,
                    kind=kind,
                    owner=self._owners[-1],
                    level=level,
                    link_chars=min(self._link_chars, len(text)),
                    bold=0 < self._chars <= self._bold_chars,
                    links=tuple(self._links),
                )
            )
            self._links = []
        self._pieces = []
        self._link_chars = self._bold_chars = self._chars = 0
        if not self._open_links:
            self._links = []

    def _flush_image(self, element: Element) -> None:
        """Put an image line after the text before it; text around an inline image stays one line.

        An image in the middle of a sentence (a formula, an emoticon) must not split it, so the
        line is inserted without ending the text gathered so far.
        """
        self._lines.append(Line(text="", kind="paragraph", owner=self._owners[-1], image=element))

    def _take_table(self, table: Element) -> bool:
        """Add a data table as one line; ``False`` for a table that only arranges the page."""
        rows = self._tables.read_rows(table)
        if rows is None:
            return False
        text = "\n".join("\t".join(normalise(cell) for cell in row) for row in rows)
        links = tuple(element for element in table.iter("a") if _is_link(element))
        self._lines.append(
            Line(
                text=text,
                kind="table",
                owner=table,
                link_chars=min(sum(len(normalise(_link_text(a))) for a in links), len(text)),
                links=links,
            )
        )
        for image in table.iter("img"):
            self._lines.append(Line(text="", kind="paragraph", owner=table, image=image))
        return True


def _is_link(element: Element) -> bool:
    """An anchor without an address leads nowhere, nor does a mail address to another page."""
    return element.tag == "a" and not (element.get("href") or "mailto:").startswith("mailto:")


def _link_text(element: Element) -> str:
    return "".join(_strings(element))


def _strings(element: Element) -> Iterator[str]:
    for text in element.itertext():
        yield str(text)
