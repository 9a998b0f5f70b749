"""What changed inside a text, in runs a reader of Chinese can follow.

Called by ``storage.diff`` for blocks and titles. Chinese has no spaces between words, so the unit
is the character; a Latin word, a number and a title in 《》 are never cut.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

RunKind = Literal["same", "removed", "added"]

_CJK = r"\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\U00020000-\U0003ffff"
_WORD = rf"(?:(?![{_CJK}])\w)+"
_TOKEN = re.compile(
    r"《[^《》\n]{0,120}(?:《[^《》\n]{0,120}》[^《》\n]{0,120})*》"  # a title, titles inside it
    rf"|{_WORD}(?:[.,:/'’-]{_WORD})*[%％‰]?"  # 3.2, 1,000, 95%, AI-native
    r"|.",
    re.DOTALL,
)
_CONFETTI = 4  # equal characters between two changes that say nothing: 的, 和, 进一步
_SENTENCE_END, _CLAUSE_END = "。！？；!?;\n", "，、：,:”）)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Characters that stayed, went or came; same and removed runs joined give the older text."""

    kind: RunKind
    text: str


@dataclass(slots=True)
class _Step:
    """Equal tokens, or the tokens that were replaced and those that replaced them."""

    old: list[str]
    new: list[str]
    is_same: bool


def text_runs(before: str, after: str) -> tuple[Run, ...]:
    """The runs that lead from one text to another."""
    steps = _absorbed(_steps(_TOKEN.findall(before), _TOKEN.findall(after)))
    _slide(steps)
    return tuple(_runs(steps))


def _steps(old: Sequence[str], new: Sequence[str]) -> list[_Step]:
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    return [
        _Step(list(old[i1:i2]), list(new[j1:j2]), tag == "equal")
        for tag, i1, i2, j1, j2 in matcher.get_opcodes()
    ]


def _absorbed(steps: list[_Step]) -> list[_Step]:
    """Few equal characters between longer changes are chance: they become part of one change."""
    kept: list[_Step] = []
    for step in steps:
        if not step.is_same and len(kept) >= 2 and _is_confetti(kept[-2], kept[-1], step):
            same, left = kept.pop(), kept.pop()
            step = _Step(left.old + same.old + step.old, left.new + same.new + step.new, False)
        kept.append(step)
    return kept if len(kept) == len(steps) else _absorbed(kept)


def _is_confetti(left: _Step, same: _Step, right: _Step) -> bool:
    length = _length(same.old)
    return (
        not left.is_same
        and same.is_same
        and same.old[-1] not in _SENTENCE_END
        and length <= _CONFETTI
        and all(length <= max(_length(step.old), _length(step.new)) for step in (left, right))
    )


def _length(tokens: Sequence[str]) -> int:
    return sum(map(len, tokens))


def _slide(steps: list[_Step]) -> None:
    """Let what came or went begin and end with a sentence where that is the same change.

    甲。乙。 with 丙。 put in the middle may be told as 。丙 or as 丙。, of which a reader expects
    the latter.
    """
    for left, step, right in zip(steps, steps[1:], steps[2:], strict=False):
        if step.is_same or bool(step.old) == bool(step.new):
            continue
        moved = step.old or step.new
        before, after = left.old, right.old
        everything = before + moved + after
        start, size = len(before), len(moved)
        first = last = start
        while first > 0 and everything[first - 1] == everything[first - 1 + size]:
            first -= 1
        while last + size < len(everything) and everything[last] == everything[last + size]:
            last += 1
        best = max(range(first, last + 1), key=lambda at: (_rank(everything, at, size), at))
        tokens = everything[best : best + size]
        left.old = left.new = everything[:best]
        step.old, step.new = (tokens, []) if step.old else ([], tokens)
        right.old = right.new = everything[best + size :]


def _rank(tokens: Sequence[str], at: int, size: int) -> int:
    """How natural it is to cut out ``size`` tokens at ``at``."""
    return _ending(tokens[at - 1] if at else "\n") + _ending(tokens[at + size - 1])


def _ending(token: str) -> int:
    return 2 if token in _SENTENCE_END else 1 if token in _CLAUSE_END else 0


def _runs(steps: Sequence[_Step]) -> Iterator[Run]:
    for step in steps:
        if step.is_same:
            if step.old:
                yield Run(kind="same", text="".join(step.old))
            continue
        if step.old:
            yield Run(kind="removed", text="".join(step.old))
        if step.new:
            yield Run(kind="added", text="".join(step.new))
