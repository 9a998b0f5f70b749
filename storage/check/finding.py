"""What a check finds: one finding a line, all of them counted, and what a repair needs to know.

Filled by the checks of this package, printed by ``jiedu check``.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

Level = Literal["error", "warning", "information"]
LEVELS: tuple[Level, ...] = ("error", "warning", "information")

Progress = Callable[[str, int, int], None]
"""Told what is being checked, how much of it is done, and how much there is (0: not known)."""

_KEPT = 1000  # findings of a level; a lost folder would make one for each of a million captures
_ORPHANS = 100_000  # some 50 MB; more are counted and play no part in a repair


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something a check found: what, where, and what to do about it."""

    level: Level
    what: str
    where: str
    advice: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Orphan:
    """A whole record of a response that no row refers to."""

    file: str
    offset: int
    length: int
    record_id: str
    record_type: str
    status: int | None
    payload_digest: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """A file whose last member is incomplete: where that begins, and the size of the file."""

    file: str
    offset: int
    size: int


@dataclass(slots=True, kw_only=True)
class Report:
    """All findings of a check, the first ones in full; ``checked`` counts what was looked at."""

    findings: list[Finding] = field(default_factory=list)
    counts: Counter[Level] = field(default_factory=Counter)
    checked: Counter[str] = field(default_factory=Counter)
    damaged: list[int] = field(default_factory=list)  # captures whose record is not there
    undigested: dict[int, str] = field(default_factory=dict)  # capture -> its missing body digest
    orphans: list[Orphan] = field(default_factory=list)
    cuts: list[Cut] = field(default_factory=list)
    is_index_damaged: bool = False  # the search index is to be made anew

    def add(self, level: Level, what: str, where: str, advice: str) -> None:
        """Note a finding."""
        self.counts[level] += 1
        if self.counts[level] <= _KEPT:
            self.findings.append(Finding(level=level, what=what, where=where, advice=advice))

    def add_orphan(self, orphan: Orphan) -> None:
        """Note a record no row refers to."""
        self.checked["orphaned records"] += 1
        if len(self.orphans) < _ORPHANS:
            self.orphans.append(orphan)

    @property
    def is_sound(self) -> bool:
        """Whether there is no error."""
        return not self.counts["error"]
