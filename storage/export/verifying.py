"""Check a dataset against its manifest: every file, its digest, its rows; nothing missing or more.

Called by ``jiedu verify`` and ``storage.verify_dataset``.
"""

import csv
from collections.abc import Iterator
from pathlib import Path

from storage.export.manifest import NAME, DatasetFile, Manifest, digest_of, read_manifest


def verify_dataset(folder: str | Path) -> tuple[Manifest, list[str]]:
    """The manifest of the dataset in ``folder`` and what is not as it says, one line each.

    Raises ``DatasetUnusable`` when there is no manifest that can be read.
    """
    place = Path(folder)
    manifest = read_manifest(place)
    if not place.is_dir():
        place = place.parent
    return manifest, list(_faults(place, manifest))


def _faults(folder: Path, manifest: Manifest) -> Iterator[str]:
    known = {NAME, *(file.path for file in manifest.files)}
    if len(known) <= len(manifest.files):
        yield f"{NAME}: names a file twice"
    for file in manifest.files:
        try:
            fault = _fault(folder, file)
        except (OSError, ValueError, csv.Error) as error:  # pyarrow's errors are of these
            fault = f"cannot be read: {error}"
        if fault:
            yield f"{file.path}: {fault}"
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if name not in known and not path.is_dir():
            yield f"{name}: is not in the manifest"
    counts: dict[str, int] = dict.fromkeys(manifest.tables, 0)
    for file in manifest.files:
        if file.table is not None:
            counts[file.table] = counts.get(file.table, 0) + (file.rows or 0)
    for table, rows in counts.items():
        if rows != manifest.tables.get(table):
            yield (
                f"{table}: the manifest says {manifest.tables.get(table)} rows, its files {rows}"
            )


def _fault(folder: Path, file: DatasetFile) -> str | None:
    path = folder / file.path
    if not path.resolve().is_relative_to(folder.resolve()):
        return "is outside the dataset"
    if not path.is_file():
        return "is missing"
    size = path.stat().st_size
    if size != file.bytes:
        return f"has {size} bytes, not {file.bytes}"
    if digest_of(path) != file.sha256:
        return "its bytes do not fit their SHA-256"
    if file.table is not None:
        rows = _count_rows(path)
        if rows != file.rows:
            return f"has {rows} rows, not {file.rows}"
    return None


def _count_rows(path: Path) -> int:
    if path.suffix == ".parquet":
        from storage.export.parquet import count_rows  # pyarrow takes a while to import

        return count_rows(path)
    if path.suffix == ".csv":
        csv.field_size_limit(2**31 - 1)  # a whole article may stand in one cell
        with path.open(encoding="utf-8-sig", newline="") as stream:
            return sum(1 for _ in csv.reader(stream)) - 1
    with path.open("rb") as stream:
        return sum(1 for _ in stream)
