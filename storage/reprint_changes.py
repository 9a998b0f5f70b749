"""What a reprint kept of another text, what it cut and what it added.

Called by ``storage.reprints``. Not ``storage.diff``, which compares blocks: portals break the same
text into other paragraphs, set other marks and move what they keep. Clauses are compared instead,
by their letters and digits, and what is left of them character by character.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import groupby
from typing import Literal

from storage.tokens import fold_with_offsets

_MIN_RUN = 3  # fewer characters in a row are alike by chance
_MIN_MOVED = 6  # a clause this long that stands elsewhere was moved; 有关负责人表示 may be another
_MOST = 250_000  # pairs of characters compared in one place; larger places differ as a whole


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A text as written that was ``cut`` from a block of the original or ``added`` in one of the
    reprint's; blocks count from 1, captions left out.
    """

    kind: Literal["cut", "added"]
    block: int
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """How many letters and digits of the original a reprint kept and cut, and how many it added."""

    kept: int
    cut: int
    added: int
    passages: tuple[Passage, ...]


class _Side:
    """One text as its letters, where each stands, and which of them are the other text's too."""

    def __init__(self, texts: Sequence[str]) -> None:
        self.texts = texts
        self.clauses: list[tuple[int, int]] = []
        self.places: list[tuple[int, int]] = []
        letters: list[str] = []
        for number, block in enumerate(texts):
            folded, offsets = fold_with_offsets(block)
            is_open = False
            for character, offset in zip(folded, offsets, strict=True):
                if not character.isalnum():
                    is_open = False
                    continue
                start = self.clauses.pop()[0] if is_open else len(letters)
                letters.append(character)
                self.places.append((number, offset))
                self.clauses.append((start, len(letters)))
                is_open = True
        self.letters = "".join(letters)
        self.is_shared = [False] * len(letters)

    def keys(self) -> list[str]:
        return [self.letters[start:end] for start, end in self.clauses]

    def span(self, first: int, last: int) -> tuple[int, int]:
        """The letters of the clauses from ``first`` to before ``last``."""
        if first == last:
            return 0, 0
        return self.clauses[first][0], self.clauses[last - 1][1]

    def share(self, start: int, end: int) -> None:
        self.is_shared[start:end] = [True] * (end - start)

    def passages(self, kind: Literal["cut", "added"]) -> list[Passage]:
        """The runs of letters that are not shared, block by block, with the marks between them."""
        found = []
        runs = groupby(range(len(self.places)), lambda n: (self.is_shared[n], self.places[n][0]))
        for (is_shared, block), run in runs:
            if not is_shared:
                letters = list(run)
                start, end = self.places[letters[0]][1], self._end(letters[-1])
                text = self.texts[block][start:end].strip()
                found.append(Passage(kind=kind, block=block + 1, text=text))
        return found

    def _end(self, letter: int) -> int:
        """Behind a letter and the marks that follow it."""
        block = self.places[letter][0]
        after = self.places[letter + 1 : letter + 2]
        return after[0][1] if after and after[0][0] == block else len(self.texts[block])


def compare_texts(original: Sequence[str], reprint: Sequence[str]) -> Comparison:
    """Compare the texts of the blocks of two articles, captions left out."""
    old, new = _Side(original), _Side(reprint)
    matcher = SequenceMatcher(None, old.keys(), new.keys(), autojunk=False)
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        a, b = old.span(i1, i2), new.span(j1, j2)
        if tag == "equal":
            old.share(*a)
            new.share(*b)
        elif tag == "replace" and (a[1] - a[0]) * (b[1] - b[0]) <= _MOST:
            _share_runs(old, a, new, b)
    _share_moved(old, new)
    kept = sum(old.is_shared)
    return Comparison(
        kept=kept,
        cut=len(old.letters) - kept,
        added=len(new.letters) - sum(new.is_shared),
        passages=(*old.passages("cut"), *new.passages("added")),
    )


def _share_runs(old: _Side, a: tuple[int, int], new: _Side, b: tuple[int, int]) -> None:
    """Find what two different places have in common, character by character."""
    before, after = old.letters[slice(*a)], new.letters[slice(*b)]
    for match in SequenceMatcher(None, before, after, autojunk=False).get_matching_blocks():
        is_edge = match.a == 0 or match.a + match.size == len(before)
        if match.size >= _MIN_RUN or (match.size and is_edge):
            old.share(a[0] + match.a, a[0] + match.a + match.size)
            new.share(b[0] + match.b, b[0] + match.b + match.size)


def _share_moved(old: _Side, new: _Side) -> None:
    """Find clauses that stand elsewhere in the other text."""
    waiting: dict[str, list[tuple[int, int]]] = {}
    for start, end in old.clauses:
        if end - start >= _MIN_MOVED and not any(old.is_shared[start:end]):
            waiting.setdefault(old.letters[start:end], []).append((start, end))
    for start, end in new.clauses:
        places = waiting.get(new.letters[start:end])
        if places and not any(new.is_shared[start:end]):
            old.share(*places.pop(0))
            new.share(start, end)
