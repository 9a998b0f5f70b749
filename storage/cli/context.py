"""What every `jiedu` command gets from the options before it."""

from dataclasses import dataclass
from pathlib import Path

from storage.address import hide_password, parse_url
from storage.archive import Archive


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """Which archive the commands work on."""

    address: str | Path | None
    warc: Path | None

    def open(self, *, create: bool = False) -> Archive:
        """Open the archive; raises ``ArchiveError``."""
        return Archive.open(self.address, create=create, warc=self.warc)

    @property
    def options(self) -> list[str]:
        """The options that name this archive, for a command line that is printed.

        A password is not repeated: whoever has one set it in ARCHIVE_URL or types it again.
        """
        named: list[str] = []
        if self.address is not None:
            address = self.address
            hidden = hide_password(parse_url(address)) if isinstance(address, str) else str(address)
            named += ["--archive", hidden]
        if self.warc is not None:
            named += ["--warc", str(self.warc)]
        return named
