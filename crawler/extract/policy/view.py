"""The view that policy rules match on: folded widths, equal length, so offsets stay exact.

Called by every module of this package.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from storage import Article
from storage.characters import NARROW

# Full-width forms to ASCII, odd spaces to a space, corner quotes to curly ones.
_FOLD = NARROW | {
    ord("\u3000"): " ",
    ord("\u00a0"): " ",
    ord("\u2002"): " ",
    ord("\u2003"): " ",
    ord("「"): "“",
    ord("」"): "”",
    ord("『"): "‘",
    ord("』"): "’",
    ord("•"): "·",
    ord("\n"): "\n",
}
_SENTENCE_END = re.compile(r"[。!?;\n]")


@dataclass(frozen=True, slots=True)
class Part:
    """One block of the text: its number in the article, its offsets, its view."""

    block: int
    start: int
    view: str
    is_heading: bool = False

    @property
    def end(self) -> int:
        """Offset of the block's end."""
        return self.start + len(self.view)


def fold(text: str) -> str:
    """``text`` with half-width punctuation, digits and spaces; equal in length."""
    return text if text.isascii() else text.translate(_FOLD)


def read_parts(article: Article) -> tuple[Part, ...]:
    """The article's blocks but captions, each with its place in ``Article.text``."""
    parts, offset = [], 0
    for number, block in enumerate(article.blocks):
        if block.kind == "caption":
            continue
        parts.append(Part(number, offset, fold(block.text), block.kind == "heading"))
        offset += len(block.text) + 1
    return tuple(parts)


def sentences(view: str) -> Iterator[tuple[int, int]]:
    """Offsets of the sentences of a block, each with its closing mark."""
    start = 0
    for mark in _SENTENCE_END.finditer(view):
        yield start, mark.end()
        start = mark.end()
    if start < len(view):
        yield start, len(view)


class Spans:
    """Spans of the text that do not overlap, asked for many places."""

    def __init__(self, spans: Iterable[tuple[int, int]]) -> None:
        ordered = sorted(spans)
        self._starts = [start for start, _ in ordered]
        self._ends = [end for _, end in ordered]

    def __contains__(self, at: int) -> bool:
        number = bisect_right(self._starts, at) - 1
        return number >= 0 and at < self._ends[number]


def trim(view: str, start: int, end: int) -> tuple[int, int]:
    """The same span without white space at its ends."""
    while start < end and view[start].isspace():
        start += 1
    while end > start and view[end - 1].isspace():
        end -= 1
    return start, end
