"""Files of a dataset: JSON lines and CSV, one a table; ``storage.export.parquet`` has the third.

Called by ``storage.export.making``. The same rows give the same bytes: what a file is made of are
the rows and the releases of the libraries, which the manifest names.
"""

import contextlib
import csv
import datetime as dt
import json
import os
from collections.abc import Callable, Sequence
from io import TextIOWrapper
from pathlib import Path

from storage.export.columns import TableOf
from storage.export.writer import Row, TableWriter, WrittenFile


class LinesTable:
    """One file of JSON objects, one a line, in UTF-8."""

    suffix = "jsonl"
    encoding = "utf-8"

    def __init__(self, folder: Path, table: TableOf, *, text: bool) -> None:
        self._table, self._columns = table, table.columns_with(text=text)
        self._path = folder / f"{table.name}.{self.suffix}"
        # Newlines as they are written, on every system: the bytes are part of the promise.
        self._file: TextIOWrapper = open(self._path, "w", encoding=self.encoding, newline="")  # noqa: SIM115
        self._count = 0
        self._begin()

    def write(self, year: int | None, portal: str | None, rows: Sequence[Row]) -> None:
        """Add rows; partitions follow one another."""
        self._count += len(rows)
        self._put(rows)

    def close(self) -> list[WrittenFile]:
        """Finish the file."""
        self._file.close()
        return [WrittenFile(path=self._path, table=self._table.name, rows=self._count)]

    def abandon(self) -> None:
        """Let go of the file."""
        with contextlib.suppress(OSError):
            self._file.close()

    def _begin(self) -> None:
        self._names = [column.name for column in self._columns]

    def _put(self, rows: Sequence[Row]) -> None:
        for row in rows:
            record = dict(zip(self._names, row, strict=True))
            self._file.write(json.dumps(record, ensure_ascii=False, default=plain_value) + "\n")


class CsvTable(LinesTable):
    """One comma-separated file that Excel opens with its Chinese intact: UTF-8 with a mark."""

    suffix = "csv"
    encoding = "utf-8-sig"

    def _begin(self) -> None:
        self._writer = csv.writer(self._file, lineterminator="\r\n")
        self._writer.writerow([column.name for column in self._columns])

    def _put(self, rows: Sequence[Row]) -> None:
        self._writer.writerows([[cell_value(value) for value in row] for row in rows])


def _parquet_table(folder: Path, table: TableOf, *, text: bool) -> TableWriter:
    from storage.export.parquet import ParquetTable  # pyarrow takes a while to import

    return ParquetTable(folder, table, text=text)


TABLE_WRITERS: dict[str, Callable[..., TableWriter]] = {
    "parquet": _parquet_table,
    "jsonl": LinesTable,
    "csv": CsvTable,
}


def plain_value(value: object) -> str:
    """A date or a moment as text: ISO 8601, moments in UTC with microseconds."""
    if isinstance(value, dt.datetime):
        utc = value.astimezone(dt.UTC).replace(tzinfo=None)
        return utc.isoformat(timespec="microseconds") + "Z"
    assert isinstance(value, dt.date)
    return value.isoformat()


def cell_value(value: object) -> object:
    """A value as a cell of CSV: lists joined by ``;`` (``\\;`` inside), truth as true and false."""
    if value is None or (isinstance(value, str | int) and not isinstance(value, bool)):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list):
        return ";".join(text.replace("\\", "\\\\").replace(";", "\\;") for text in value)
    return plain_value(value)


def sync_file(path: Path) -> None:
    """Bring a file, or the names in a folder, down to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
