"""What every writer of a table takes and gives; called by ``storage.export.making``."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

Row = Sequence[Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenFile:
    """A finished file: its place in the dataset, its table, and how many rows it has."""

    path: Path
    table: str
    rows: int


class TableWriter(Protocol):
    """Takes the rows of one table, partition after partition."""

    def write(self, year: int | None, portal: str | None, rows: Sequence[Row]) -> None: ...

    def close(self) -> list[WrittenFile]: ...

    def abandon(self) -> None:
        """Let go of what is open, also after ``close``; what was written is thrown away."""
