"""Which block of one text became which block of another: kept, edited, moved, split or merged.

Called by ``storage.diff``. White space and zero-width characters count for nothing, as in the
digest.
"""

from bisect import bisect
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from storage.digest import squash

# Shares of common character pairs (Dice). Neighbouring paragraphs of one policy article have
# about .1 to .25 in common; a paragraph with one of two sentences rewritten keeps some .5.
_ALIKE_IN_PLACE, _ALIKE_ELSEWHERE = 0.4, 0.55
_IN_PLACE_BONUS = 0.15
_PART, _WHOLE = 0.8, 0.8  # of a piece found in the block it was split from; of all pieces together
_MOST_PIECES = 6
_SHORT = 40  # characters up to which a text is compared letter by letter
_MOST_CELLS = 4_000_000  # of the exact comparison, some seconds; beyond it difflib's is good enough


@dataclass(frozen=True, slots=True, order=True)
class Pair:
    """Positions that belong together; several old ones were merged, several new ones split."""

    old: tuple[int, ...]
    new: tuple[int, ...]


class _Text:
    """A folded block and the character pairs it consists of: one bit a pair, ``size`` of them.

    A thousand blocks compared with a thousand others are a million comparisons of pairs.
    """

    __slots__ = ("known", "pairs", "size", "text")

    def __init__(self, text: str, known: dict[str, int]) -> None:
        self.text, self.known, self.pairs = squash(text), known, 0
        for i in range(max(1, len(self.text) - 1)):
            self.pairs |= 1 << known.setdefault(self.text[i : i + 2], len(known))
        self.size = self.pairs.bit_count()


def pair_blocks(before: Sequence[str], after: Sequence[str]) -> list[Pair]:
    """All pairs, each position in one pair at most, ordered by the newer position."""
    known: dict[str, int] = {}  # the bit of each pair of characters
    old, new = [_Text(text, known) for text in before], [_Text(text, known) for text in after]
    found = [Pair((i,), (j,)) for i, j in _common([t.text for t in old], [t.text for t in new])]
    found += _same_elsewhere(old, new, found)
    standing = in_order(found, before)
    still_old = {i for pair in standing for i in pair.old}
    still_new = {j for pair in standing for j in pair.new}
    left_old, left_new = _left(old, new, found)
    split = _broken(old, new, left_old, left_new, still_new)
    found += [Pair((whole,), pieces) for whole, pieces in split]
    left_old, left_new = _left(old, new, found)
    merged = _broken(new, old, left_new, left_old, still_old)
    found += [Pair(pieces, (whole,)) for whole, pieces in merged]
    found += _alike(old, new, found)
    return sorted(found, key=lambda pair: pair.new)


def in_order(pairs: Sequence[Pair], before: Sequence[str]) -> set[Pair]:
    """The most pairs (of the most text) that stand in the same order on both sides.

    The others were moved.
    """
    ordered = sorted(pairs, key=lambda pair: pair.new)
    best: list[tuple[tuple[int, int], int]] = []  # (pairs, characters) up to here, and from where
    for k, pair in enumerate(ordered):
        earlier = (
            (best[n][0], n) for n in range(k) if ordered[n].old[-1] < pair.old[0]
        )  # the newer positions are in order anyway
        (count, size), at = max(earlier, default=((0, 0), -1))
        length = sum(len(before[i]) for i in pair.old)
        best.append(((count + 1, size + length), at))
    kept: set[Pair] = set()
    at = max(range(len(best)), key=lambda k: best[k][0], default=-1)
    while at >= 0:
        kept.add(ordered[at])
        at = best[at][1]
    return kept


def _common(old: Sequence[str], new: Sequence[str]) -> list[tuple[int, int]]:
    """The longest common subsequence; of several the one with the most text."""
    head = 0
    while head < min(len(old), len(new)) and old[head] == new[head]:
        head += 1
    tail = 0
    while tail < min(len(old), len(new)) - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    a, b = old[head : len(old) - tail], new[head : len(new) - tail]
    if len(a) * len(b) > _MOST_CELLS:
        matcher = SequenceMatcher(None, a, b, autojunk=False)
        middle = [(m.a + k, m.b + k) for m in matcher.get_matching_blocks() for k in range(m.size)]
    else:
        middle = _longest(a, b)
    ends = [(len(old) - tail + k, len(new) - tail + k) for k in range(tail)]
    return [(k, k) for k in range(head)] + [(i + head, j + head) for i, j in middle] + ends


def _longest(a: Sequence[str], b: Sequence[str]) -> list[tuple[int, int]]:
    nothing = (0, 0)
    table = [[nothing] * (len(b) + 1) for _ in range(len(a) + 1)]
    for i in range(len(a) - 1, -1, -1):
        for j in range(len(b) - 1, -1, -1):
            best = max(table[i + 1][j], table[i][j + 1])
            if a[i] == b[j]:
                count, size = table[i + 1][j + 1]
                best = max(best, (count + 1, size + len(a[i])))
            table[i][j] = best
    found, i, j = [], 0, 0
    while i < len(a) and j < len(b):
        if table[i][j] == table[i + 1][j]:
            i += 1
        elif table[i][j] == table[i][j + 1]:
            j += 1
        else:
            found.append((i, j))
            i, j = i + 1, j + 1
    return found


def _left(
    old: Sequence[_Text], new: Sequence[_Text], found: Sequence[Pair]
) -> tuple[list[int], list[int]]:
    """Positions on both sides that belong to no pair yet."""
    paired_old = {i for pair in found for i in pair.old}
    paired_new = {j for pair in found for j in pair.new}
    return (
        [i for i in range(len(old)) if i not in paired_old],
        [j for j in range(len(new)) if j not in paired_new],
    )


def _same_elsewhere(
    old: Sequence[_Text], new: Sequence[_Text], found: Sequence[Pair]
) -> list[Pair]:
    left_old, left_new = _left(old, new, found)
    places: dict[str, list[int]] = defaultdict(list)
    for j in reversed(left_new):
        places[new[j].text].append(j)
    return [Pair((i,), (places[old[i].text].pop(),)) for i in left_old if places[old[i].text]]


def _broken(
    wholes: Sequence[_Text],
    pieces: Sequence[_Text],
    left_wholes: Sequence[int],
    left_pieces: Sequence[int],
    still: set[int],
) -> list[tuple[int, tuple[int, ...]]]:
    """Which blocks were broken into which runs of blocks that follow each other."""
    free = set(left_pieces)
    found = []
    for i in left_wholes:
        whole = wholes[i]
        inside = {j for j in free if _contained(pieces[j], whole) and pieces[j].text != whole.text}
        best: tuple[float, tuple[int, ...]] = (0.0, ())
        ordered = sorted(inside)
        for place, j in enumerate(ordered):
            run = [j]
            for k in ordered[place + 1 : place + _MOST_PIECES]:
                if not still.isdisjoint(range(run[-1], k)):
                    break  # a block that stayed stands between; what came, went or moved may
                run.append(k)
                likeness = _likeness(whole, _joined([pieces[k] for k in run]))
                best = max(best, (likeness, tuple(run)))
        if best[0] >= _WHOLE:
            found.append((i, best[1]))
            free -= set(best[1])
    return found


def _contained(piece: _Text, whole: _Text) -> bool:
    if len(piece.text) >= len(whole.text) * 1.2:
        return False
    return (piece.pairs & whole.pairs).bit_count() >= _PART * piece.size


def _joined(pieces: Sequence[_Text]) -> _Text:
    return _Text("".join(piece.text for piece in pieces), pieces[0].known)


def _alike(old: Sequence[_Text], new: Sequence[_Text], found: Sequence[Pair]) -> list[Pair]:
    """Pairs of what is left, the most alike first; those in place have the advantage."""
    left_old, left_new = _left(old, new, found)
    gaps_old, gaps_new = _gaps(found)
    candidates = []
    for i in left_old:
        for j in left_new:
            likeness = _likeness(old[i], new[j])
            is_in_place = _gap(gaps_old, i) == _gap(gaps_new, j)
            if likeness >= (_ALIKE_IN_PLACE if is_in_place else _ALIKE_ELSEWHERE):
                rank = likeness + (_IN_PLACE_BONUS if is_in_place else 0)
                candidates.append((-rank, abs(i - j), i, j))
    taken_old: set[int] = set()
    taken_new: set[int] = set()
    chosen = []
    for _, _, i, j in sorted(candidates):
        if i not in taken_old and j not in taken_new:
            chosen.append(Pair((i,), (j,)))
            taken_old.add(i)
            taken_new.add(j)
    return chosen


def _gaps(found: Sequence[Pair]) -> tuple[list[int], list[int]]:
    """Positions of the pairs that stand in order, on each side: between them are the gaps."""
    kept = sorted(in_order(found, [""] * (1 + max((p.old[-1] for p in found), default=0))))
    return [pair.old[0] for pair in kept], [pair.new[0] for pair in kept]


def _gap(places: Sequence[int], position: int) -> int:
    return bisect(places, position)


def _likeness(a: _Text, b: _Text) -> float:
    common = (a.pairs & b.pairs).bit_count()
    dice = 2 * common / (a.size + b.size)
    if common and max(len(a.text), len(b.text)) <= _SHORT:
        return max(dice, SequenceMatcher(None, a.text, b.text, autojunk=False).ratio())
    return dice
