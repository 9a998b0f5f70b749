"""Files of a dataset: Parquet by year and portal, JSON lines and CSV one a table.

Called by ``storage.export.making``. The same rows give the same bytes: what a file is made of are
the rows and the releases of the libraries, which the manifest names.
"""

import contextlib
import csv
import datetime as dt
import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from io import TextIOWrapper
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import quote

import pyarrow as pa
import pyarrow.parquet as pq

from storage.export.columns import Column, Kind, TableOf

Row = Sequence[Any]

_GROUP_ROWS = 50_000  # rows of a Parquet row group at most
_GROUP_CHARACTERS = 8_000_000  # and characters of its longest texts
_TYPES: dict[Kind, pa.DataType] = {
    "integer": pa.int64(),
    "text": pa.string(),
    "texts": pa.list_(pa.string()),
    "date": pa.date32(),
    "time": pa.timestamp("us", tz="UTC"),
    "boolean": pa.bool_(),
}
_NO_PORTAL = "_"


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


class ParquetTable:
    """One file for each year and portal: ``articles/2024/people.parquet``.

    The folders are no columns: ``portal`` is one of the file, so that every reader takes the
    pattern ``articles/**/*.parquet`` as one table.
    """

    def __init__(self, folder: Path, table: TableOf, *, text: bool) -> None:
        self._folder, self._table = folder, table
        self._columns = table.columns_with(text=text)
        self._schema = pa.schema([_field(column) for column in self._columns])
        self._texts = [n for n, column in enumerate(self._columns) if column.is_full_text]
        self._files: list[WrittenFile] = []
        self._open: _OpenParquet | None = None

    def write(self, year: int | None, portal: str | None, rows: Sequence[Row]) -> None:
        """Add rows of a partition; one that was left is not come back to."""
        if rows:
            self._file(self._path(year, portal)).add(rows)

    def close(self) -> list[WrittenFile]:
        """Finish the last file; a table without rows has one file without rows."""
        if self._open is None:
            self._file(self._folder / self._table.name / "empty.parquet")
        self._leave()
        return self._files

    def abandon(self) -> None:
        """Let go of the open file."""
        if self._open is not None:
            with contextlib.suppress(OSError, pa.ArrowException):
                self._open.writer.close()

    def _path(self, year: int | None, portal: str | None) -> Path:
        if year is None:
            return self._folder / self._table.name / "all.parquet"
        name = _NO_PORTAL if portal is None else quote(portal, safe="")
        return self._folder / self._table.name / f"{year:04}" / f"{name}.parquet"

    def _file(self, path: Path) -> "_OpenParquet":
        if self._open is None or self._open.path != path:
            self._leave()
            path.parent.mkdir(parents=True, exist_ok=True)
            self._open = _OpenParquet(path, self._schema, self._texts)
        return self._open

    def _leave(self) -> None:
        if self._open is not None:
            count = self._open.close()
            self._files.append(
                WrittenFile(path=self._open.path, table=self._table.name, rows=count)
            )


@dataclass(slots=True)
class _OpenParquet:
    """A Parquet file being written, and the rows that wait for their row group."""

    path: Path
    schema: pa.Schema
    texts: list[int]
    rows: list[Row] = field(default_factory=list)
    characters: int = 0
    count: int = 0
    writer: pq.ParquetWriter = field(init=False)

    def __post_init__(self) -> None:
        self.writer = pq.ParquetWriter(self.path, self.schema, compression="zstd")

    def add(self, rows: Sequence[Row]) -> None:
        for row in rows:
            self.rows.append(row)
            for n in self.texts:
                self.characters += len(row[n])
            if len(self.rows) >= _GROUP_ROWS or self.characters >= _GROUP_CHARACTERS:
                self.flush()

    def flush(self) -> None:
        columns = zip(*self.rows, strict=True) if self.rows else ((),) * len(self.schema)
        arrays = [
            pa.array(values, type=of.type) for values, of in zip(columns, self.schema, strict=True)
        ]
        self.writer.write_table(pa.Table.from_arrays(arrays, schema=self.schema))
        self.count += len(self.rows)
        self.rows, self.characters = [], 0

    def close(self) -> int:
        if self.rows:
            self.flush()
        self.writer.close()
        return self.count


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


TABLE_WRITERS: dict[str, Callable[..., TableWriter]] = {
    "parquet": ParquetTable,
    "jsonl": LinesTable,
    "csv": CsvTable,
}


def plain_value(value: object) -> str:
    """A date or a moment as text: ISO 8601, moments in UTC with microseconds."""
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    assert isinstance(value, dt.date)
    return value.isoformat()


def cell_value(value: object) -> object:
    """A value as a cell of CSV: lists joined by ``;``, truth as true and false."""
    if value is None or (isinstance(value, str | int) and not isinstance(value, bool)):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return ";".join(value) if isinstance(value, list) else plain_value(value)


def sync_file(path: Path) -> None:
    """Bring a file, or the names in a folder, down to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _field(column: Column) -> pa.Field:
    return pa.field(
        column.name, _TYPES[column.kind], metadata={"description": column.meaning.encode()}
    )
