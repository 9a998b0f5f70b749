"""Reads the annotated passages; used by ``scoring`` and the tests."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

HALVES = ("dev", "acceptance")


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """One passage with its annotations as written in the file."""

    id: str
    text: str
    title: str | None = None
    channel: str | None = None
    url: str | None = None
    published: str | None = None
    titles: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    acts: tuple[str, ...] = ()
    officials: tuple[str, ...] = ()
    statements: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    quantities: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    wire: str | None = None
    chain: tuple[str, ...] = ()
    byline: tuple[str, ...] = ()
    origin: tuple[str, ...] = ()
    interprets: tuple[str, ...] = ()
    type: str | None = None


@cache
def read_half(half: str) -> tuple[Passage, ...]:
    """All passages of ``dev`` or ``acceptance``, in the file's order."""
    file = Path(__file__).with_name(f"{half}.toml")
    records = tomllib.loads(file.read_text("utf-8"))["passage"]
    return tuple(
        Passage(**{k: tuple(v) if isinstance(v, list) else v for k, v in record.items()})
        for record in records
    )
