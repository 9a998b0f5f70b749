"""What changed between two versions, block by block and then character by character.

Called by `jiedu versions`; captions, bylines and boilerplate have no part in it, as in the digest.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

from storage.record import Article

_ALIKE = 0.4  # blocks at least this similar are one block that changed, others come and go


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One block (or the title) that was added, removed or changed.

    ``where`` names it: ``title`` or ``block N`` counted from 1, in the newer version unless it
    was removed. ``parts`` splits a changed text into same, removed and added runs.
    """

    kind: Literal["added", "removed", "changed"]
    where: str
    before: str | None = None
    after: str | None = None
    parts: tuple[tuple[Literal["same", "removed", "added"], str], ...] = ()


def block_changes(before: Article, after: Article) -> list[Change]:
    """The changes from one version to another, in the order of the newer one."""
    changes = []
    if before.title != after.title:
        changes.append(_changed("title", before.title or "", after.title or ""))
    old = [block.text for block in before.blocks if block.kind != "caption"]
    new = [block.text for block in after.blocks if block.kind != "caption"]
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        if tag != "equal":
            changes += _pair(old[i1:i2], new[j1:j2], i1, j1)
    return changes


def _pair(old: list[str], new: list[str], old_start: int, new_start: int) -> Iterator[Change]:
    """Pair replaced blocks that are alike, in order; the rest was removed or added."""
    rest = list(enumerate(old))
    for number, text in enumerate(new):
        match = next((k for k, (_, o) in enumerate(rest) if _is_alike(o, text)), None)
        if match is None:
            yield Change(kind="added", where=f"block {new_start + number + 1}", after=text)
            continue
        for position, removed in rest[:match]:
            yield _removed(old_start + position, removed)
        yield _changed(f"block {new_start + number + 1}", rest[match][1], text)
        del rest[: match + 1]
    for position, removed in rest:
        yield _removed(old_start + position, removed)


def _removed(position: int, text: str) -> Change:
    return Change(kind="removed", where=f"block {position + 1}", before=text)


def _is_alike(a: str, b: str) -> bool:
    return SequenceMatcher(None, a, b, autojunk=False).ratio() >= _ALIKE


def _changed(where: str, before: str, after: str) -> Change:
    parts: list[tuple[Literal["same", "removed", "added"], str]] = []
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            parts.append(("same", before[i1:i2]))
            continue
        if i2 > i1:
            parts.append(("removed", before[i1:i2]))
        if j2 > j1:
            parts.append(("added", after[j1:j2]))
    return Change(kind="changed", where=where, before=before, after=after, parts=tuple(parts))
