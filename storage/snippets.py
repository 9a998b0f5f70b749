"""Where the words of a query stand in a text as the publisher wrote it.

Called by ``storage.results`` for the hits it shows; the index's own snippets would be tokens.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from storage.tokens import finder, fold_with_offsets

Spans = tuple[tuple[int, int], ...]
_LENGTH = 100  # characters of a snippet
_BEFORE = 30  # of them before the first word


@dataclass(frozen=True, slots=True, kw_only=True)
class Snippet:
    """A piece of one block; ``marks`` are the half-open spans of the words in ``text``."""

    text: str
    marks: Spans = ()


def find_spans(text: str, words: Iterable[str]) -> Spans:
    """The spans of all folded ``words`` in ``text``, in order, those that touch as one."""
    wanted = [word for word in words if finder(word)(text)]
    if not wanted:
        return ()
    folded, offsets = fold_with_offsets(text)
    found = []
    for word in wanted:
        at = folded.find(word)
        while at >= 0:
            found.append((offsets[at], offsets[at + len(word) - 1] + 1))
            at = folded.find(word, at + 1)
    merged: list[tuple[int, int]] = []
    for start, end in sorted(found):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return tuple(merged)


def make_snippet(blocks: Sequence[str], words: Sequence[str]) -> Snippet | None:
    """A piece around the first word in the block that has most of them; ``None`` without any."""
    finders = [finder(word) for word in words]
    counts = [sum(is_in(block) for is_in in finders) for block in blocks]
    if not any(counts):
        return None
    block = blocks[counts.index(max(counts))]
    spans = find_spans(block, words)
    start = max(spans[0][0] - _BEFORE, 0)
    if len(block) - start < _LENGTH:
        start = max(len(block) - _LENGTH, 0)
    end = max(start + _LENGTH, spans[0][1])
    marks = [(a - start, min(b, end) - start) for a, b in spans if start <= a < end]
    head, tail = "…" if start else "", "…" if end < len(block) else ""
    return Snippet(
        text=head + block[start:end] + tail,
        marks=tuple((a + len(head), b + len(head)) for a, b in marks),
    )
