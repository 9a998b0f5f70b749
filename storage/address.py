"""Addresses of archives: what ARCHIVE_URL may say, and where an archive lies when it says nothing.

Called by ``Archive.open``.
"""

import re
from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from storage.errors import ArchiveUnusable

DEFAULT_FILE = Path("archive/archive.db")
_EXAMPLE = "write sqlite:///FOLDER/archive.db or postgresql://USER:PASSWORD@HOST/NAME"


def default_url(start: Path | None = None) -> str:
    """``sqlite:///…/archive/archive.db`` beside the nearest ``scrapy.cfg`` at or above ``start``.

    Without a ``scrapy.cfg`` the folder is ``start`` (default: the current folder) itself.
    """
    folder = (start or Path.cwd()).resolve()
    for candidate in (folder, *folder.parents):
        if (candidate / "scrapy.cfg").is_file():
            folder = candidate
            break
    return f"sqlite:///{folder / DEFAULT_FILE}"


_SUFFIXES = (".db", ".sqlite", ".sqlite3")


def parse_url(address: str | Path) -> URL:
    """A checked SQLAlchemy URL; a ``Path``, or a text like ``folder/name.db``, is a SQLite file.

    Raises ``ArchiveUnusable`` for anything but SQLite files and PostgreSQL servers.
    """
    if isinstance(address, str) and ":" not in address and address.endswith(_SUFFIXES):
        address = Path(address)
    if isinstance(address, Path):
        return URL.create("sqlite", database=_file(str(address)))
    try:
        url = make_url(address)
    except (ArgumentError, ValueError):
        raise ArchiveUnusable(
            f"not a database URL: {hide_password(address)!r}; {_EXAMPLE}"
        ) from None
    backend = url.get_backend_name()
    if backend in ("postgresql", "postgres"):
        return url.set(drivername="postgresql+psycopg")
    if backend == "sqlite":
        database = url.database or ":memory:"
        if database == ":memory:" or database.startswith("file:") or "mode" in url.query:
            raise ArchiveUnusable(f"an archive needs a plain file: {address!r}; {_EXAMPLE}")
        return url.set(drivername="sqlite", database=_file(database))
    raise ArchiveUnusable(f"{backend!r} archives are not supported; {_EXAMPLE}")


def hide_password(address: str | URL) -> str:
    """The address without what stands between ``:`` and ``@``, or behind ``password=``."""
    if isinstance(address, URL):
        address = address.render_as_string(hide_password=True)
    # Also in an address whose ":" or "//" is missing, as it is shown to whoever mistyped it.
    address = re.sub(r"^((?:[+\w]+:?/{1,2})?+[^:/@]*+):.*@", r"\1:***@", address)
    return re.sub(r"([?&]password=)[^&]*", r"\1***", address, flags=re.IGNORECASE)


def default_warc(url: URL) -> Path | None:
    """``warc/`` beside the SQLite file; ``None`` for PostgreSQL, where it must be named."""
    if url.get_backend_name() == "sqlite" and url.database:
        return Path(url.database).parent / "warc"
    return None


def _file(name: str) -> str:
    try:
        return str(Path(name).resolve())
    except (OSError, ValueError, RuntimeError) as error:  # a NUL in the name, a loop of links
        raise ArchiveUnusable(f"not a file name: {name!r} ({error}); {_EXAMPLE}") from None
