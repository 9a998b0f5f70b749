"""The manifest of a dataset: what was asked, as of when, by which tool, and every file's digest.

Written last by ``storage.export.making``; ``storage.export.verifying`` checks a dataset against it,
and an increment begins at an earlier one. It holds no time of making and no place, so that the same
dataset has the same manifest.
"""

import dataclasses
import datetime as dt
import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from types import UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from storage.characters import storable_text
from storage.errors import DatasetUnusable
from storage.query import Query

NAME = "manifest.json"
_FORM = 1  # of the manifest itself
_CHUNK = 1 << 20
_R = TypeVar("_R")


@dataclass(frozen=True, slots=True, kw_only=True)
class DatasetFile:
    """A file of a dataset: its path in it, size, SHA-256; its table and rows if it has any."""

    path: str
    bytes: int
    sha256: str
    table: str | None = None
    rows: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a dataset is and of what it consists.

    ``query`` holds what was asked beyond the default, as in ``Query``. ``since`` is the moment of
    the dataset that this one goes on from, and ``since_sha256`` the digest of its manifest.
    ``articles`` is how many the query finds at ``as_of``; an increment holds fewer. ``archive``
    tells the archive from all others (a digest of its first run); datasets of earlier releases
    have none.
    """

    tool: str
    libraries: dict[str, str]
    schema: str
    format: str
    query: dict[str, Any]
    as_of: dt.datetime
    since: dt.datetime | None
    since_sha256: str | None
    with_text: bool
    all_versions: bool
    articles: int
    tables: dict[str, int]
    files: tuple[DatasetFile, ...]
    archive: str | None = None

    def to_json(self) -> str:
        """The text of the file."""
        fields = {"form": _FORM} | dataclasses.asdict(self)
        for name in ("as_of", "since"):
            fields[name] = fields[name] and fields[name].astimezone(dt.UTC).isoformat()
        return json.dumps(fields, ensure_ascii=False, indent=2) + "\n"


def read_manifest(folder: Path) -> Manifest:
    """The manifest of the dataset in a folder, or at its own path; ``DatasetUnusable``."""
    path = folder
    try:
        path = folder / NAME if folder.is_dir() else folder
        fields = json.loads(path.read_bytes())
        if fields.pop("form") != _FORM:
            raise DatasetUnusable(f"{path} is of another release; upgrade Jiedu")
        for name in ("as_of", "since"):
            fields[name] = fields[name] and _moment(fields[name])
        files = [_checked(DatasetFile, dict(file)) for file in fields["files"]]
        return _checked(Manifest, fields | {"files": tuple(files)})
    except OSError as error:
        raise DatasetUnusable(
            f"cannot read {path}: {error.strerror}; name the folder of an export"
        ) from error
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        reason = f"{type(error).__name__}: {error}"[:200]
        raise DatasetUnusable(f"{path} is no manifest of an export ({reason})") from error


def _moment(written: str) -> dt.datetime:
    moment = dt.datetime.fromisoformat(written)
    if moment.tzinfo is None or not 1900 <= moment.year <= 9000:
        raise ValueError(f"{written} is no moment of an export")
    return moment.astimezone(dt.UTC)


def _checked(record: type[_R], fields: dict[str, Any]) -> _R:
    """A record of fields that are each of its type, the parts of mappings included."""
    made = record(**fields)
    for name, kind in get_type_hints(record).items():
        value = getattr(made, name)
        whole, parts = get_origin(kind) or kind, get_args(kind)
        if not isinstance(value, kind if whole is UnionType else whole):
            raise TypeError(f"{name} is {value!r}")
        if whole is dict and int in parts and not all(type(v) is int for v in value.values()):
            raise TypeError(f"{name} is {value!r}")
    return made


def digest_of(path: Path) -> str:
    """SHA-256 of a file, hexadecimal."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while data := stream.read(_CHUNK):
            digest.update(data)
    return digest.hexdigest()


def query_fields(query: Query) -> dict[str, Any]:
    """What a query asks beyond the default, as JSON has it; the order of hits is no part of it."""
    fields: dict[str, Any] = {}
    for of in dataclasses.fields(query):
        value = getattr(query, of.name)
        if value != of.default and of.name != "sort":
            fields[of.name] = _plain(value)
    return fields


def _plain(value: Any) -> Any:
    if isinstance(value, tuple | list):
        return [_plain(part) for part in value]
    if isinstance(value, str):
        return storable_text(value)  # what a terminal hands on need not be UTF-8
    return value.isoformat() if isinstance(value, dt.date) else value
