"""What every `jiedu` command gets from the options before it."""

from dataclasses import dataclass
from pathlib import Path

from storage.archive import Archive


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """Which archive the commands work on."""

    address: str | Path | None
    warc: Path | None

    def open(self, *, create: bool = False) -> Archive:
        """Open the archive; raises ``ArchiveError``."""
        return Archive.open(self.address, create=create, warc=self.warc)
