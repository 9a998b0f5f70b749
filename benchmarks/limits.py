"""What extraction must reach: the floors and aims of the README's promise, in one table.

Called by extraction.py, which prints every figure beside its floor and exits 1 under one.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limit:
    """``floor`` must be reached, ``aim`` should; of a ceiling the figure must not be above it."""

    floor: float
    aim: float | None = None
    is_ceiling: bool = False


LIMITS: dict[str, Limit] = {
    "body F1, gne_zh": Limit(0.975, 0.985),
    "body F1, magic_zh": Limit(0.955, 0.970),
    "body F1, iacw_zh": Limit(0.930, 0.945),
    "body F1, aeb": Limit(0.965, 0.978),
    "pages below F1 .5, gne_zh": Limit(0, is_ceiling=True),
    "pages below F1 .5, magic_zh": Limit(1, is_ceiling=True),
    "pages below F1 .5, iacw_zh": Limit(1, is_ceiling=True),
    "pages below F1 .5, aeb": Limit(0, is_ceiling=True),
    "noise lines let through, gne_zh": Limit(2, is_ceiling=True),
    "titles wrong, gne_zh": Limit(1, is_ceiling=True),
    "days wrong, gne_zh": Limit(1, is_ceiling=True),
    "minutes wrong, gne_zh": Limit(1, is_ceiling=True),
    "authors right, share, gne_zh": Limit(0.7),
    # Unread sites may be better than the rest, not worse by more than this.
    "rest minus unread, F1, gne_zh": Limit(0.015, is_ceiling=True),
    "rest minus unread, F1, magic_zh": Limit(0.015, is_ceiling=True),
    "rest minus unread, F1, iacw_zh": Limit(0.015, is_ceiling=True),
    "rest minus unread, F1, aeb": Limit(0.015, is_ceiling=True),
    "times trafilatura's speed, gne_zh": Limit(3, 5),
    "times trafilatura's speed, aeb": Limit(3, 5),
    "slowest page, CPU seconds": Limit(1, is_ceiling=True),
    "worst time per byte, times 100 KB's": Limit(1.3, is_ceiling=True),
    "levels of nesting read": Limit(2000),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One measured figure; ``name`` is a key of ``LIMITS``."""

    name: str
    value: float

    @property
    def is_missed(self) -> bool:
        limit = LIMITS[self.name]
        return self.value > limit.floor if limit.is_ceiling else self.value < limit.floor

    @property
    def verdict(self) -> str:
        if self.is_missed:
            return "MISSED"
        aim = LIMITS[self.name].aim
        return "ok" if aim is None else "aim" if self.value >= aim else "floor"


def print_findings(findings: list[Finding]) -> None:
    print(f"\n{'figure':<44}{'measured':>10}{'limit':>10}{'aim':>8}")
    for finding in findings:
        limit = LIMITS[finding.name]
        bound = f"{'<=' if limit.is_ceiling else '>='} {limit.floor:g}"
        aim = "" if limit.aim is None else f"{limit.aim:g}"
        value = f"{finding.value:.3f}".rstrip("0").rstrip(".")
        print(f"{finding.name:<44}{value:>10}{bound:>10}{aim:>8}  {finding.verdict}")
