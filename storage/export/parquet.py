"""Parquet of a dataset: a file for each table, year and portal.

Called by ``storage.export.formats`` and ``verifying``, which import it when it is needed: pyarrow
takes a while to import, and most commands write no dataset.
"""

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import pyarrow as pa
import pyarrow.parquet as pq

from storage.export.columns import Column, Kind, TableOf
from storage.export.writer import Row, WrittenFile

_GROUP_ROWS = 50_000  # rows of a Parquet row group at most
_GROUP_CHARACTERS = 4_000_000  # and characters of its longest texts
_TYPES: dict[Kind, pa.DataType] = {
    "integer": pa.int64(),
    "text": pa.string(),
    "texts": pa.list_(pa.string()),
    "date": pa.date32(),
    "time": pa.timestamp("us", tz="UTC"),
    "boolean": pa.bool_(),
}
_NO_PORTAL = "none+"  # no quoted name has a plus


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
        if name.startswith((".", "_")):  # which pyarrow takes for hidden
            name = f"%{ord(name[0]):X}{name[1:]}"
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
    """A Parquet file being written, and the rows that wait for their row group.

    They wait as Arrow columns, a fifth of the memory of Python's objects. Where a group ends is
    told by the rows alone, and it is written as one piece: how the rows came makes no difference.
    """

    path: Path
    schema: pa.Schema
    texts: list[int]
    batches: list[pa.RecordBatch] = field(default_factory=list)
    rows: int = 0
    characters: int = 0
    count: int = 0
    writer: pq.ParquetWriter = field(init=False)

    def __post_init__(self) -> None:
        self.writer = pq.ParquetWriter(self.path, self.schema, compression="zstd")

    def add(self, rows: Sequence[Row]) -> None:
        start = 0
        for end, row in enumerate(rows, 1):
            self.rows += 1
            for n in self.texts:
                self.characters += len(row[n])
            if self.rows >= _GROUP_ROWS or self.characters >= _GROUP_CHARACTERS:
                self._keep(rows[start:end])
                self.flush()
                start = end
        self._keep(rows[start:])

    def _keep(self, rows: Sequence[Row]) -> None:
        if rows:
            columns = zip(zip(*rows, strict=True), self.schema, strict=True)
            arrays = [pa.array(values, type=of.type) for values, of in columns]
            self.batches.append(pa.RecordBatch.from_arrays(arrays, schema=self.schema))

    def flush(self) -> None:
        self.writer.write_table(pa.Table.from_batches(self.batches).combine_chunks())
        self.count += self.rows
        self.batches, self.rows, self.characters = [], 0, 0

    def close(self) -> int:
        if self.rows:
            self.flush()
        self.writer.close()
        return self.count


def count_rows(path: Path) -> int:
    """How many rows a Parquet file says it has."""
    return int(pq.read_metadata(path).num_rows)


def _field(column: Column) -> pa.Field:
    return pa.field(
        column.name, _TYPES[column.kind], metadata={"description": column.meaning.encode()}
    )
